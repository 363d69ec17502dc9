/**
 * `sluice audit verify`: checks an export with nothing but the file, offline. Ends in a verdict whatever the
 * file is; the exit code says which.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type KnownCheckpoint, knownCheckpoints } from '../core/audit/known-checkpoint.js';
import { FINDINGS, type Finding, VERDICT_EXIT, VERDICT_TEXT, type Verdict } from '../core/audit/verdict.js';
import { ExportVerifier, type Verification } from '../core/audit/verify-export.js';
import type { WitnessPolicy } from '../core/audit/witness.js';
import { parseVkey } from '../core/crypto/signed-note.js';
import { linesOf } from './lines-of.js';
import { progressBar } from './progress-bar.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface VerifyArguments {
  readonly knownCheckpoint?: readonly string[];
  readonly witness?: readonly string[];
  readonly quorum?: string;
  readonly witnessedWithin?: string;
  readonly json?: boolean;
}

/** Returns the exit code. */
export async function verifyAudit(file: string, options: VerifyArguments): Promise<number> {
  const print = options.json === true ? printJson : printText;
  try {
    const known = (await Promise.all((options.knownCheckpoint ?? []).map(readKnown))).flat();
    const witnesses = witnessPolicy(options);
    const verification = await verifyFile(file, {
      known,
      ...(witnesses === undefined ? {} : { witnesses }),
    });
    print(file, verification);
    return VERDICT_EXIT[verification.verdict];
  } catch (error) {
    const problem = problemOf(error);
    console.log(
      options.json === true ? JSON.stringify({ verdict: 'INVALID', problem }) : `INVALID: ${problem}`,
    );
    return VERDICT_EXIT.INVALID;
  }
}

async function verifyFile(
  file: string,
  options: ConstructorParameters<typeof ExportVerifier>[0],
): Promise<Verification> {
  const verifier = new ExportVerifier(options);
  const bar = progressBar('verifying', (await stat(file)).size);
  let cutOff = false;
  try {
    for await (const { bytes, complete } of linesOf(file, bar.to)) {
      if (complete) verifier.line(bytes);
      cutOff = !complete;
    }
  } finally {
    bar.stop();
  }
  return verifier.finish(cutOff);
}

/** A file, or a folder of them, as a bucket is copied. */
async function readKnown(path: string): Promise<readonly KnownCheckpoint[]> {
  const isFolder = (await stat(path)).isDirectory();
  const names = isFolder
    ? (await readdir(path, { recursive: true, withFileTypes: true })).filter((e) => e.isFile())
    : [];
  const files = isFolder ? names.map(({ parentPath, name }) => join(parentPath, name)) : [path];
  const known: KnownCheckpoint[] = [];
  for (const file of files) known.push(...knownCheckpoints(await readFile(file, 'utf8')));
  if (known.length === 0) throw new UnusableInput(`${path} holds no checkpoint.`);
  return known;
}

function witnessPolicy({ witness, quorum, witnessedWithin }: VerifyArguments): WitnessPolicy | undefined {
  if (witness === undefined || witness.length === 0) return undefined;
  const keys = witness.map((text) => {
    const key = parseVkey(text);
    if (key === undefined) throw new UnusableInput(`--witness ${text} is not a key (name+id+base64).`);
    return key;
  });
  const within = /^(\d{1,4})([hd])$/.exec(witnessedWithin ?? '');
  if (witnessedWithin !== undefined && within === null)
    throw new UnusableInput('--witnessed-within is a time as 12h or 7d.');
  const ms = Number(within?.[1]) * (within?.[2] === 'd' ? DAY_MS : HOUR_MS);
  return {
    keys,
    quorum: Math.max(1, Number(quorum ?? 1) || 1),
    ...(within === null ? {} : { notBefore: new Date(Date.now() - ms) }),
  };
}

/** What somebody gave cannot be used: said in words, not in a stack. */
class UnusableInput extends Error {}

function problemOf(error: unknown): string {
  if (error instanceof UnusableInput) return error.message;
  const { code, path } = error as { code?: string; path?: string };
  if (code === 'ENOENT') return `${path ?? 'the file'} is not there.`;
  if (code === 'EISDIR') return 'that is a folder, not an export.';
  return `the file cannot be read (${code ?? 'unknown reason'}).`;
}

function printJson(_: string, { counts, ...rest }: Verification): void {
  const findings = rest.findings.map((finding) => ({ ...finding, text: FINDINGS[finding.code].text }));
  const exitCode = VERDICT_EXIT[rest.verdict];
  console.log(JSON.stringify({ ...rest, exitCode, findings, counts: Object.fromEntries(counts) }));
}

function printText(file: string, verification: Verification): void {
  const { verdict, origin, events, batches, checkpoints, root, witnessedSize, findings, counts } =
    verification;
  console.log(`${verdict}: ${VERDICT_TEXT[verdict]}.`);
  if (origin !== undefined) {
    console.log(`  ${file}: log ${origin}`);
    console.log(`  ${events} events in ${batches} batches under ${checkpoints} checkpoints, root ${root}`);
    if (witnessedSize !== undefined) console.log(`  witnesses signed the log of ${witnessedSize} batches`);
  }
  for (const finding of findings) console.log(`  ${findingText(finding)}`);
  for (const [code, count] of counts) {
    const shown = findings.filter((finding) => finding.code === code).length;
    if (count > shown) console.log(`  ${code}: ${count - shown} more`);
  }
  const advice = ADVICE[verdict];
  if (advice !== undefined) console.log(`  ${advice}`);
}

const findingText = ({ code, line, detail }: Finding): string =>
  [
    `${code}: ${FINDINGS[code].text}`,
    detail === undefined ? '' : `(${detail})`,
    line === undefined ? '' : `line ${line}`,
  ]
    .filter((part) => part !== '')
    .join(' ');

const ADVICE: Partial<Record<Verdict, string>> = {
  UNANCHORED:
    'Keep a checkpoint where the operator cannot reach it (sluice audit checkpoint) and give it with --known-checkpoint.',
  INCOMPLETE: 'Export again with: sluice audit export --out FILE.',
};
