/** Runs generated tampers against the verifier; gives those that were not found. */
import { knownCheckpoints } from '../../src/core/audit/known-checkpoint.js';
import { VERDICT_EXIT } from '../../src/core/audit/verdict.js';
import { LogMaker, makeSigner } from './made-log.js';
import { type Random, randomFrom } from './random.js';
import {
  latin1,
  PROTECTED,
  type Rewriting,
  recounted,
  resigned,
  rewritten,
  TAMPERS,
  utf8,
} from './tampers.js';
import { verifyBytes } from './verify-lines.js';

const FOUND = VERDICT_EXIT.INCOMPLETE;
const LOG_SEED = 11;
const REWRITINGS: readonly Rewriting[] = ['re-sign', 'fork', 'roll back'];

export interface TamperRun {
  readonly tried: ReadonlyMap<string, number>;
  /** What was not found, and how to make it again. */
  readonly missed: readonly string[];
}

export async function runTampers(count: number, seed: number): Promise<TamperRun> {
  const signer = makeSigner();
  const [lines, other] = [await exported(signer, LOG_SEED), await exported(signer, LOG_SEED + 1)];
  const whole = lines.join('');
  const tried = new Map<string, number>();
  const missed: string[] = [];
  const names = Object.keys(TAMPERS);
  // What is not falsified must pass the same way, or finding means nothing.
  for (const text of [whole, recounted(whole), await resigned(lines, signer)]) {
    const { verdict } = verifyBytes(Buffer.from(text, 'latin1'));
    if (verdict !== 'UNANCHORED') missed.push(`untouched: ${verdict}`);
  }
  for (let i = 0; i < count; i += 1) {
    const random = randomFrom(seed * 1_000_003 + i);
    const name = names[i % names.length]!;
    const style = STYLES[Math.floor(i / names.length) % STYLES.length]!;
    const text = await style.make(name, lines, other, random, signer);
    if (text === undefined || text === whole) continue;
    const what = `${style.name} ${name}`;
    tried.set(what, (tried.get(what) ?? 0) + 1);
    const { verdict } = verifyBytes(Buffer.from(text, 'latin1'));
    if (VERDICT_EXIT[verdict] < FOUND) missed.push(`${what}, seed ${seed}, number ${i}: ${verdict}`);
  }
  return { tried, missed };
}

/** Rewritten histories: UNANCHORED by themselves, DIVERGED against any checkpoint of the true one. */
export async function runRewritings(rounds: number, seed: number): Promise<TamperRun> {
  const [signer, otherSigner] = [makeSigner(), makeSigner()];
  const tried = new Map<string, number>();
  const missed: string[] = [];
  for (let i = 0; i < rounds; i += 1) {
    const log = new LogMaker(signer, seed + i);
    await log.live(8, 4);
    const known = knownCheckpoints(log.checkpoints.at(-1)!.note);
    for (const how of REWRITINGS) {
      tried.set(how, (tried.get(how) ?? 0) + 1);
      const bytes = Buffer.from(await rewritten(how, seed + i, signer, otherSigner));
      const [alone, against] = [verifyBytes(bytes), verifyBytes(bytes, { known })];
      if (alone.verdict !== 'UNANCHORED' || against.verdict !== 'DIVERGED')
        missed.push(`${how}, seed ${seed + i}: ${alone.verdict}, ${against.verdict}`);
    }
  }
  return { tried, missed };
}

interface Style {
  readonly name: string;
  make(
    tamper: string,
    lines: readonly string[],
    other: readonly string[],
    random: Random,
    signer: Parameters<typeof resigned>[1],
  ): Promise<string | undefined> | string | undefined;
}

const STYLES: readonly Style[] = [
  {
    name: 'plain',
    make: (tamper, lines, other, random) => TAMPERS[tamper]!(lines, random, other),
  },
  {
    name: 'recounted',
    make: (tamper, lines, other, random) => {
      const text = TAMPERS[tamper]!(lines, random, other);
      return text === undefined ? undefined : recounted(text);
    },
  },
  {
    name: 'with the end signed anew',
    make: async (tamper, lines, other, random, signer) => {
      // Only what the tree protects is touched: the rest is the word of whoever signs the end.
      const free = lines.filter((line) => !PROTECTED.test(line));
      const body = lines.filter((line) => PROTECTED.test(line));
      const text = TAMPERS[tamper]!(
        body,
        random,
        other.filter((line) => PROTECTED.test(line)),
      );
      if (text === undefined || text === body.join('')) return undefined;
      const parts = text.split(/(?<=\n)/).filter((line) => line !== '');
      const changed = tamper === 'truncate' ? parts.slice(0, -1) : parts;
      if (!changed.every(isJson) || changed.map(normal).join() === body.map(normal).join()) return undefined;
      return resigned([...free.slice(0, -1), ...changed], signer);
    },
  },
];

const normal = (line: string): string => JSON.stringify(JSON.parse(utf8(line)));
const isJson = (line: string): boolean => {
  try {
    return typeof JSON.parse(utf8(line)) === 'object';
  } catch {
    return false;
  }
};

async function exported(signer: Parameters<typeof resigned>[1], seed: number): Promise<readonly string[]> {
  const log = new LogMaker(signer, seed);
  await log.live(8, 5);
  log.erase('a-0.0');
  await log.checkpoint();
  return (await log.export()).map(latin1);
}
