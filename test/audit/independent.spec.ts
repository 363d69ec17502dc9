/**
 * The log read by others: a reader that was written from the description of the format alone, and aics-tlog
 * from PyPI, which knows nothing of Sluice.
 */
import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { knownCheckpoints } from '../../src/core/audit/known-checkpoint.js';
import { leafHash } from '../../src/core/audit/merkle.js';
import { consistencyProof, inclusionProof, nodesOf, proofTexts } from '../../src/core/audit/merkle-proof.js';
import { checkNote, parseNote, parseVkey } from '../../src/core/crypto/signed-note.js';
import { ROOT } from '../support/sources.js';
import { LogMaker, makeSigner } from './made-log.js';
import { verifyLines } from './verify-lines.js';

// biome-ignore lint/suspicious/noExplicitAny: lines of another's making
type Line = any;
let lines: string[];
let parsed: Line[];

beforeAll(async () => {
  const log = new LogMaker(makeSigner(), 21);
  await log.live(40, 7);
  log.erase('b-0.0');
  log.rotate(makeSigner());
  await log.live(10, 7);
  lines = await log.export();
  parsed = lines.map((line) => JSON.parse(line));
});

const sha = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
/** RFC 6962 section 2.1. */
const mth = (d: readonly string[]): Buffer => {
  if (d.length === 0) return sha('');
  if (d.length === 1) return sha(Buffer.from([0]), d[0]!);
  let k = 1;
  while (2 * k < d.length) k *= 2;
  return sha(Buffer.from([1]), mth(d.slice(0, k)), mth(d.slice(k)));
};

describe('a reader that knows the description of the format', () => {
  it('finds every hash, link, commitment and signature as it says', () => {
    const jwks = new Map(parsed.filter((l) => l.line === 'key').map((l) => [l.kid, l.jwk]));
    const batches: string[] = [];
    const previous = new Map<string, string>();
    let checked = 0;
    for (const [i, line] of parsed.entries()) {
      if (line.line === 'batch') {
        const batch = JSON.parse(line.text);
        const events = parsed.slice(i + 1, i + 1 + batch.count).map((l) => l.text);
        expect(mth(events).toString('base64')).toBe(batch.root);
        expect(batch.previous).toBe(previous.get(batch.shard) ?? Buffer.alloc(32).toString('base64'));
        previous.set(batch.shard, mth([line.text]).toString('base64'));
        batches.push(line.text);
      }
      if (line.line === 'event' && typeof line.personal === 'object') {
        const text = Buffer.from(line.personal.text);
        const padded = Buffer.alloc(Math.max(256, 2 ** Math.ceil(Math.log2(text.length + 4))));
        padded.writeUInt32BE(text.length);
        text.copy(padded, 4);
        const committed = sha(Buffer.from(line.personal.salt, 'base64'), padded).toString('base64');
        expect(committed).toBe(JSON.parse(line.text).personal);
      }
      if (line.line !== 'checkpoint') continue;
      const [header, payload, signature] = line.jws.split('.');
      const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
      const key = createPublicKey({ key: jwks.get(kid), format: 'jwk' });
      const signed = Buffer.from(`${header}.${payload}`);
      const raw = Buffer.from(signature, 'base64url');
      expect(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true);
      const { size, root } = JSON.parse(Buffer.from(payload, 'base64url').toString());
      expect([size, root]).toEqual([batches.length, mth(batches).toString('base64')]);
      expect(line.note.split('\n').slice(1, 3)).toEqual([String(size), root]);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(5);
  });
});

const python = await (async () => {
  const script = pathToFileURL(join(ROOT, 'scripts', 'tlog-venv.mjs')).href;
  const { tlogPython } = (await import(script)) as { tlogPython: () => string | undefined };
  return tlogPython();
})();
if (python === undefined)
  process.stderr.write('aics-tlog is not here (node scripts/tlog-venv.mjs fetches it): not asked.\n');
else
  describe('aics-tlog', () => {
    it('finds our trees, checkpoints and proofs right, and we find its own right', () => {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-aics-'));
      const batches = parsed.filter((l) => l.line === 'batch').map((l) => l.text as string);
      const leaves = batches.map(leafHash);
      const read = nodesOf(leaves);
      const sizes = [1, 2, 7, 8, 33, batches.length];
      const asked = {
        inclusion: sizes.flatMap((size) =>
          [0, Math.floor(size / 2), size - 1].map((index) => ({
            leaf: batches[index]!,
            index,
            size,
            proof: proofTexts(inclusionProof(index, size, read)),
          })),
        ),
        consistency: sizes.flatMap((second) =>
          sizes
            .filter((first) => first <= second)
            .map((first) => ({ first, second, proof: proofTexts(consistencyProof(first, second, read)) })),
        ),
      };
      writeFileSync(join(folder, 'export'), lines.join(''));
      writeFileSync(join(folder, 'asked'), JSON.stringify(asked));
      const script = join(ROOT, 'test', 'audit', 'aics_check.py');
      const ran = spawnSync(python, [script, join(folder, 'export'), join(folder, 'asked')], {
        encoding: 'utf8',
      });
      rmSync(folder, { recursive: true, force: true });
      expect(ran.stderr).toBe('');
      const said = JSON.parse(ran.stdout);
      const ours = verifyLines(lines);
      expect([said.size, said.root, said.checkpoints]).toEqual([ours.batches, ours.root, ours.checkpoints]);
      expect(said.inclusion).toEqual(asked.inclusion.map(({ proof }) => proof));
      expect(said.consistency).toEqual(asked.consistency.map(({ proof }) => proof));
      const witness = parseVkey(said.witness)!;
      expect(checkNote(parseNote(said.cosigned)!, witness)).toEqual({ at: new Date(1_800_000_000_000) });
      expect(verifyLines(lines, { known: knownCheckpoints(said.cosigned) }).verdict).toBe('WITNESSED');
    });
  });
