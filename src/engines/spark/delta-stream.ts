/**
 * Streams into Delta tables. Their checkpoints lie with the table and go with it. The log has the batch that a version is of,
 * so a batch is in the table once; what of it is taken back, the stream makes anew.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { TargetColumn } from '../../core/plan/write.js';
import { type DeltaVersion, deltaFiles, requireOnlyAdded } from './delta-files.js';
import { latestVersion, readVersion } from './delta-log.js';
import { type Fields, typedAs } from './parquet-write.js';
import type { SparkSession } from './session.js';
import { fileUrl } from './table-files.js';

/** Delta looks at nothing in its folder that begins so. */
const CHECKPOINTS = '_checkpoints';
/** What Spark keeps of each batch, by its number. */
const BATCH_LOGS = ['commits', 'offsets'];
const BATCH_FILE = /^\.?(\d+)(?:\.crc)?$/;
const Metadata = z.object({ id: z.uuid() });

export interface DeltaSink {
  readonly columns: readonly TargetColumn[];
  readonly folder: string;
  /** A file name. */
  readonly checkpoint: string;
  /** Delta tables that are streamed, by their names. */
  readonly sources: ReadonlyMap<string, DeltaVersion>;
}

/** What the server is told of where the rows go. Throws CONFLICT when the stream cannot go on from where it was. */
export async function streamInto(session: SparkSession, relation: Fields, sink: DeltaSink): Promise<Fields> {
  const { columns, folder, checkpoint, sources } = sink;
  const path = join(folder, CHECKPOINTS, checkpoint);
  await mkdir(path, { recursive: true });
  const files = [...sources].map(
    async ([object, version]) => [object, await deltaFiles(session, version)] as const,
  );
  await requireOnlyAdded(path, new Map(await Promise.all(files)));
  return {
    input: typedAs(relation, columns),
    format: 'delta',
    options: { checkpointLocation: fileUrl(path) },
    sinkDestination: { case: 'path', value: fileUrl(folder) },
  };
}

/**
 * Streams forget their batches in the versions after this one. Under its old id Delta would take a batch that comes
 * again for one that is there, so a stream that forgets gets another: the last step, until which all can be done again.
 */
export async function takeBackBatches(folder: string, version: number): Promise<void> {
  const first = await batchesAfter(folder, version);
  if (first.size === 0) return;
  for (const name of await namesIn(join(folder, CHECKPOINTS))) {
    const checkpoint = join(folder, CHECKPOINTS, name);
    const query = await queryOf(checkpoint);
    const batch = query === undefined ? undefined : first.get(query);
    if (batch === undefined) continue;
    for (const log of BATCH_LOGS) await forget(join(checkpoint, log), batch);
    await rm(join(checkpoint, '.metadata.crc'), { force: true });
    await writeFile(join(checkpoint, 'metadata'), JSON.stringify({ id: randomUUID() }));
  }
}

/** For each query the number of its first batch after this version. */
async function batchesAfter(folder: string, version: number): Promise<ReadonlyMap<string, number>> {
  const first = new Map<string, number>();
  const last = await latestVersion(folder);
  for (let each = version + 1; each <= last; each += 1) {
    const { batch } = await readVersion(folder, each);
    if (batch !== undefined)
      first.set(batch.query, Math.min(batch.number, first.get(batch.query) ?? batch.number));
  }
  return first;
}

async function forget(log: string, batch: number): Promise<void> {
  for (const name of await namesIn(log)) {
    const number = BATCH_FILE.exec(name)?.[1];
    if (number !== undefined && Number(number) >= batch) await rm(join(log, name), { force: true });
  }
}

async function queryOf(checkpoint: string): Promise<string | undefined> {
  const text = await readFile(join(checkpoint, 'metadata'), 'utf8').catch(nothing);
  return text === undefined ? undefined : Metadata.parse(JSON.parse(text)).id;
}

const namesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder).catch(nothing)) ?? [];

function nothing(error: unknown): undefined {
  if ((error as { code?: string }).code === 'ENOENT') return undefined;
  throw error;
}
