/** How large a write of a Delta table may be, with a session that writes what a test says. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { changeDelta, writeDelta } from './delta-tables.js';
import type { SparkSession } from './session.js';

const OLD = 'part-0.parquet';
const LARGE = 2_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-delta-'));
  mkdirSync(join(folder, '_delta_log'));
  commit(0, OLD, 100);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const log = (version: number): string =>
  join(folder, '_delta_log', `${String(version).padStart(20, '0')}.json`);

function commit(version: number, path: string, size: number): void {
  writeFileSync(join(folder, path), Buffer.alloc(size));
  const lines = [{ add: { path, size } }, { commitInfo: { operationMetrics: { numOutputRows: '7' } } }];
  writeFileSync(log(version), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

const playing = (toEnd: SparkSession['toEnd']): SparkSession => ({ toEnd }) as unknown as SparkSession;

const ways = {
  'rows that come': (session: SparkSession, bytesMax: number) =>
    writeDelta(session, { input: {}, columns: [], mode: 'append', ...bounds(bytesMax) }),
  'rows that change': (session: SparkSession, bytesMax: number) =>
    changeDelta(session, { sql: '', references: [], ...bounds(bytesMax) }),
};
const bounds = (bytesMax: number) => ({ folder, bytesMax, signal: new AbortController().signal });

describe.each(Object.entries(ways))('%s', (_, write) => {
  const committing = playing(async () => {
    commit(1, 'part-1.parquet', LARGE);
    return 0;
  });

  it('are there when they are not too large; what was there before does not count', async () => {
    commit(0, OLD, 10 * LARGE);
    expect(await write(committing, LARGE)).toMatchObject({ rowCount: 7, logVersion: 1 });
    expect(existsSync(join(folder, 'part-1.parquet'))).toBe(true);
  });

  it('leave no file when they are too large', async () => {
    await expect(write(committing, LARGE - 1)).rejects.toMatchObject({ code: 'WRITE_TOO_LARGE' });
    expect(readdirSync(folder).sort()).toEqual(['_delta_log', OLD]);
  });

  it('are stopped while they grow', async () => {
    let stopped = false;
    const growing = playing(async (_plan, signal) => {
      writeFileSync(join(folder, 'part-1.parquet'), Buffer.alloc(LARGE));
      for (let i = 0; i < 600 && signal?.aborted !== true; i += 1) await sleep(10);
      stopped = signal?.aborted === true;
      signal?.throwIfAborted();
      return 0;
    });
    await expect(write(growing, LARGE - 1)).rejects.toMatchObject({ code: 'WRITE_TOO_LARGE' });
    expect(stopped).toBe(true);
    expect(existsSync(log(1))).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(['_delta_log', OLD]);
  });

  it('leave files alone when they fail otherwise: what of them is committed is not known', async () => {
    const failing = playing(async () => {
      commit(1, 'part-1.parquet', LARGE);
      throw new Error('the server is gone');
    });
    await expect(write(failing, LARGE)).rejects.toThrow('gone');
    expect(existsSync(join(folder, 'part-1.parquet'))).toBe(true);
  });
});
