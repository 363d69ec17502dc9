/** What a stream forgets when versions of its table are taken back. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { takeBackBatches } from './delta-stream.js';

const MINE = '00000000-0000-4000-8000-000000000001';
const OTHER = '00000000-0000-4000-8000-000000000002';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-stream-'));
  mkdirSync(join(folder, '_delta_log'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function version(number: number, query?: string, batch?: number): void {
  const txn = query === undefined ? {} : { txn: { appId: query, version: batch } };
  const name = `${String(number).padStart(20, '0')}.json`;
  writeFileSync(
    join(folder, '_delta_log', name),
    `${JSON.stringify({ commitInfo: {} })}\n${JSON.stringify(txn)}\n`,
  );
}

function checkpoint(name: string, query: string, batches: number): string {
  const path = join(folder, '_checkpoints', name);
  for (const log of ['offsets', 'commits']) {
    mkdirSync(join(path, log), { recursive: true });
    for (let i = 0; i < batches; i += 1)
      for (const file of [`${i}`, `.${i}.crc`]) writeFileSync(join(path, log, file), '');
  }
  writeFileSync(join(path, 'metadata'), JSON.stringify({ id: query }));
  writeFileSync(join(path, '.metadata.crc'), '');
  return path;
}
const idOf = (path: string): string => JSON.parse(readFileSync(join(path, 'metadata'), 'utf8')).id;

describe('versions that are taken back', () => {
  it('take their batches along, and the id under which Delta knows them', async () => {
    const mine = checkpoint('mine', MINE, 4);
    const other = checkpoint('other', OTHER, 1);
    version(0);
    version(1, MINE, 0);
    version(2, OTHER, 0);
    version(3, MINE, 1);
    version(4);
    version(5, MINE, 2);
    await takeBackBatches(folder, 2);
    for (const log of ['offsets', 'commits']) {
      expect(readdirSync(join(mine, log)).sort()).toEqual(['.0.crc', '0']);
      expect(readdirSync(join(other, log)).sort()).toEqual(['.0.crc', '0']);
    }
    expect(idOf(mine)).not.toBe(MINE);
    expect(readdirSync(mine)).not.toContain('.metadata.crc');
    expect(idOf(other)).toBe(OTHER);
  });

  it('leave alone what is not of a stream, and streams without them', async () => {
    const mine = checkpoint('mine', MINE, 2);
    version(0, MINE, 0);
    version(1);
    await takeBackBatches(folder, 0);
    expect(idOf(mine)).toBe(MINE);
    expect(readdirSync(join(mine, 'offsets'))).toHaveLength(4);
  });
});
