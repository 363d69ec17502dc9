/** Which files a Delta table consists of, and when a stream over them may go on. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { deltaFiles, requireOnlyAdded } from './delta-files.js';
import type { SparkSession } from './session.js';

const FOLDER = '/w/f';
const TABLE = 'work.ana.t';

/** A server that tells of these files, in a table with these features. */
function playing(files: readonly string[], features = 'appendOnly,invariants') {
  const asked: unknown[] = [];
  const session = {
    analyze: async (kind: string, value: unknown) => {
      asked.push([kind, value]);
      return { files };
    },
    async *execute() {
      yield {
        data: tableToIPC(new Table({ features: vectorFromArray([features], new Utf8()) }), 'stream'),
        rows: 1,
      };
    },
  } as unknown as SparkSession;
  return { session, asked };
}
const filesOf = (files: readonly string[], features?: string) =>
  deltaFiles(playing(files, features).session, { folder: FOLDER, logVersion: 3 });

describe('the files of a Delta table', () => {
  it('are those of the version that readers see', async () => {
    const { session, asked } = playing([`file:${FOLDER}/part-2.parquet`, `file://${FOLDER}/part-1.parquet`]);
    const found = await deltaFiles(session, { folder: FOLDER, logVersion: 3 });
    expect(found).toEqual([`${FOLDER}/part-1.parquet`, `${FOLDER}/part-2.parquet`]);
    expect(JSON.stringify(asked)).toContain('"versionAsOf":"3"');
  });

  it.each([
    'file:/w/other/part-1.parquet',
    `file:${FOLDER}/../g/part-1.parquet`,
    `file:${FOLDER}/sub/part-1.parquet`,
    `s3://${FOLDER}/part-1.parquet`,
    `file:${FOLDER}/{a,b}.parquet`,
    `file:${FOLDER}2/part-1.parquet`,
  ])('are none of %s', async (file) => {
    await expect(filesOf([file])).rejects.toMatchObject({ code: 'ENGINE_ERROR' });
  });

  it.each(['deletionVectors', 'columnMapping', 'typeWidening', 'rowTracking'])(
    'are not the table where %s is on',
    async (feature) => {
      const work = filesOf([], `appendOnly,${feature}`);
      await expect(work).rejects.toMatchObject({ code: 'FEATURE_NOT_ALLOWED' });
    },
  );
});

describe('a stream over them', () => {
  let checkpoint: string;
  beforeEach(() => {
    checkpoint = mkdtempSync(join(tmpdir(), 'sluice-checkpoint-'));
  });
  afterEach(() => rmSync(checkpoint, { recursive: true, force: true }));
  const start = (files: readonly string[], object = TABLE) =>
    requireOnlyAdded(checkpoint, new Map([[object, files]])).then(
      () => 'goes on',
      (error: { code: string }) => error.code,
    );

  it('goes on exactly as long as none of the files that it was started over is gone', async () => {
    const files = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e'));
    await fc.assert(
      fc.asyncProperty(fc.array(files, { minLength: 1, maxLength: 5 }), async (starts) => {
        for (const name of readdirSync(checkpoint)) rmSync(join(checkpoint, name));
        let over: readonly string[] = [];
        for (const now of starts) {
          const added = over.every((file) => now.includes(file));
          expect(await start(now)).toBe(added ? 'goes on' : 'CONFLICT');
          if (added) over = now;
        }
      }),
      { numRuns: 50 },
    );
  });

  it('knows each of its tables for itself', async () => {
    expect(await start(['a'])).toBe('goes on');
    expect(await start(['b'], 'work.ana.u')).toBe('goes on');
    expect(await start(['a', 'c'])).toBe('goes on');
    expect(await start(['c'], 'work.ana.u')).toBe('CONFLICT');
  });

  it('over no Delta table leaves nothing there', async () => {
    await requireOnlyAdded(checkpoint, new Map());
    expect(readdirSync(checkpoint)).toEqual([]);
  });
});
