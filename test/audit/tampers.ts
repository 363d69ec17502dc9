/**
 * Ways to falsify an export. Outsiders can change bytes and lines and put the counts right again; insiders
 * hold the keys, and can also sign the end of the file, or tell a whole other history. Lines are bytes in
 * latin1, so that every byte can be changed.
 */
import { createHash } from 'node:crypto';
import type { LogSigner } from '../../src/core/audit/checkpoint.js';
import { ExportWriter } from '../../src/core/audit/export-format.js';
import { intentOf, LogMaker } from './made-log.js';
import type { Random } from './random.js';

type Lines = readonly string[];
/** Undefined: nothing changed. */
type Tamper = (lines: Lines, random: Random, other: Lines) => string | undefined;

const joined = (lines: Lines): string => lines.join('');
const without = (lines: Lines, at: number, count: number): string[] => [
  ...lines.slice(0, at),
  ...lines.slice(at + count),
];

export const TAMPERS: Readonly<Record<string, Tamper>> = {
  flip: (lines, random) => {
    const bytes = Buffer.from(joined(lines), 'latin1');
    bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    return bytes.toString('latin1');
  },
  drop: (lines, random) => {
    const count = 1 + random.below(4);
    return joined(without(lines, random.below(lines.length - count + 1), count));
  },
  duplicate: (lines, random) => {
    const line = lines[random.below(lines.length)]!;
    const at = random.below(lines.length + 1);
    return joined([...lines.slice(0, at), line, ...lines.slice(at)]);
  },
  reorder: (lines, random) => {
    const [a, b] = [random.below(lines.length), random.below(lines.length)];
    const changed = [...lines];
    [changed[a], changed[b]] = [changed[b]!, changed[a]!];
    return joined(changed);
  },
  truncate: (lines, random) => {
    const whole = joined(lines);
    return whole.slice(0, random.below(whole.length));
  },
  splice: (lines, random, other) => {
    const [a, b] = [random.below(lines.length), random.below(other.length)];
    const [m, n] = [random.below(4), random.below(4)];
    return joined([...lines.slice(0, a), ...other.slice(b, b + n), ...lines.slice(a + m)]);
  },
};

/** Counts and hash of the end made to fit; its signature cannot be. */
export function recounted(text: string): string {
  const lines = text.split(/(?<=\n)/);
  const at = lines.findLastIndex((line) => line.includes('"line":"end"'));
  if (at < 0) return text;
  const sha256 = createHash('sha256')
    .update(joined(lines.slice(0, at)), 'latin1')
    .digest('hex');
  const end = lines[at]!.replace(/"lines":\d+/, `"lines":${at}`).replace(
    /"sha256":"[0-9a-f]*"/,
    `"sha256":"${sha256}"`,
  );
  return joined([...lines.slice(0, at), end, ...lines.slice(at + 1)]);
}

/** By somebody who holds the key of the log: everything before the end is as it was tampered, the end is signed. */
export async function resigned(lines: Lines, signer: LogSigner): Promise<string> {
  const writer = new ExportWriter();
  const kept = lines.filter((line) => !line.includes('"line":"end"'));
  const written = kept.map((line) => writer.write(JSON.parse(utf8(line))));
  return latin1(joined([...written, await writer.end(signer)]));
}

export const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
export const utf8 = (text: string): string => Buffer.from(text, 'latin1').toString();

/** Lines whose content the tree must protect, whoever signs the end. */
export const PROTECTED = /"line":"(batch|event|checkpoint|tombstone)"/;

export type Rewriting = 're-sign' | 'fork' | 'roll back';

/** Another history by the insider, whole in itself. The known checkpoint is one of the true history's. */
export async function rewritten(
  how: Rewriting,
  seed: number,
  signer: LogSigner,
  otherSigner: LogSigner,
): Promise<string> {
  // The same seed gives the same history, up to where it is told otherwise.
  const log = new LogMaker(how === 're-sign' ? otherSigner : signer, seed);
  if (how === 'fork') log.commit(0, [intentOf('instead', log.at(), 'mallory')]);
  await log.live(how === 'roll back' ? 2 : 8, 4);
  return joined(await log.export());
}
