/**
 * A Delta table as a stream is the files of the version that readers see. Delta's own source begins and ends where the log
 * does: it would show batches that Postgres has not acknowledged, and those that were taken back.
 */
import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { GovernanceError } from '../../core/errors.js';
import type { Column } from '../../core/plan/plan.js';
import { STRING } from '../../core/plan/types.js';
import { batchLines } from './arrow/lines.js';
import { DATA_FILE } from './delta-log.js';
import { planOf, type SparkSession, sqlRelation } from './session.js';
import { readDelta, tableAt } from './table-files.js';

/** A version of a Delta table. */
export interface DeltaVersion {
  readonly folder: string;
  readonly logVersion: number;
}

/** Where these are on, what is in a file is not what the table shows of it. */
const NOT_AS_IN_FILES = ['deletionVectors', 'columnMapping', 'typeWidening', 'rowTracking'];
const FEATURES: readonly Column[] = [{ id: 1, name: 'features', type: STRING, nullable: true }];
/** In the checkpoint: by object, the files that the stream was started over last. */
const STARTED_OVER = 'started-over.json';
const StartedOver = z.record(z.string(), z.array(z.string()));

/** Absolute, in order. */
export async function deltaFiles(session: SparkSession, version: DeltaVersion): Promise<readonly string[]> {
  const features = await featuresOf(session, version.folder);
  const other = NOT_AS_IN_FILES.find((name) => features.includes(name));
  if (other !== undefined) {
    throw new GovernanceError(
      'FEATURE_NOT_ALLOWED',
      `A Delta table with the feature ${other} is not read as a stream.`,
      { remedy: 'Read it in batches, or write it again: CREATE TABLE ... AS SELECT ...', sqlState: '0A000' },
    );
  }
  const { files } = await session.analyze('inputFiles', { plan: planOf(readDelta(version)) });
  return (files as readonly string[]).map((url) => pathIn(url, version.folder)).sort();
}

/** A file of the folder itself, under a name that Spark gives. */
function pathIn(url: string, folder: string): string {
  const path = url.replace(/^file:(?:\/\/)?(?=\/)/, '');
  const name = path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : '';
  if (DATA_FILE.test(name)) return path;
  throw new GovernanceError('ENGINE_ERROR', 'A file of the table lies where none should.');
}

async function featuresOf(session: SparkSession, folder: string): Promise<string> {
  const input = sqlRelation(`DESCRIBE DETAIL ${tableAt(folder)}`);
  const expression = "concat_ws(',', tableFeatures)";
  const expressions = [{ exprType: { case: 'expressionString', value: { expression } } }];
  const plan = planOf({ relType: { case: 'project', value: { input, expressions } } });
  let text = '';
  for await (const batch of session.execute(plan, randomUUID())) {
    for (const line of batchLines(batch, FEATURES, 'json', 1)) text += line.bytes.toString('utf8');
  }
  const [features] = JSON.parse(text) as readonly [string];
  return features;
}

/**
 * A stream that goes on reads files that it has not read: right where rows were added only. Rows that were changed are
 * in new files together with rows that were not, which would come twice. Throws CONFLICT.
 */
export async function requireOnlyAdded(
  checkpoint: string,
  now: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  if (now.size === 0) return;
  const path = join(checkpoint, STARTED_OVER);
  const before = StartedOver.parse(JSON.parse((await readIfThere(path)) ?? '{}'));
  for (const [object, files] of now) {
    const there = new Set(files);
    if ((before[object] ?? []).every((file) => there.has(file))) continue;
    throw new GovernanceError(
      'CONFLICT',
      `Rows of ${object} were changed or removed since the stream began.`,
      {
        remedy: 'Begin anew, into a table without its rows: option("checkpointLocation", "second").',
        sqlState: '55000',
      },
    );
  }
  const next = `${path}.next`;
  await writeFile(next, JSON.stringify({ ...before, ...Object.fromEntries(now) }));
  await rename(next, path);
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  });
}
