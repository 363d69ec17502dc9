/**
 * Makes the sample lake as real Parquet files, once. It is written beside its place and renamed, so that it
 * is there as a whole or not at all; a stamp says with what it was made.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Progress } from '../progress.js';
import { text } from './sample-random.js';
import { GENERATOR_VERSION, type SampleSize, sampleSetup, sampleTables } from './sample-tables.js';

export const SAMPLE_SEED = 20_260_101;
const STAMP_FILE = '_sample.json';
const MEMORY_LIMIT = '2GB';
/** Small, so that a look at a few rows reads little. */
const ROW_GROUP_ROWS = 20_480;
/** What making the temp tables weighs beside writing the files. */
const SETUP_WEIGHT = 30;

/**
 * Returns the folder of the sample, made now unless it is there already for this seed, scale and generator.
 */
export async function ensureSampleLake(
  dataDir: string,
  size: SampleSize,
  progress: Progress,
): Promise<string> {
  const directory = join(dataDir, 'sample');
  const stamp = JSON.stringify({ generator: GENERATOR_VERSION, seed: size.seed, scale: size.scale });
  if ((await readStamp(directory)) === stamp) return directory;
  const draft = join(dataDir, `sample.${process.pid}.tmp`);
  await rm(draft, { recursive: true, force: true });
  try {
    await writeTables(draft, size, progress);
    await writeFile(join(draft, STAMP_FILE), stamp);
    await rm(directory, { recursive: true, force: true });
    await rename(draft, directory);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return directory;
}

async function readStamp(directory: string): Promise<string | undefined> {
  try {
    return await readFile(join(directory, STAMP_FILE), 'utf8');
  } catch {
    return undefined;
  }
}

async function writeTables(directory: string, size: SampleSize, progress: Progress): Promise<void> {
  const tables = sampleTables(size);
  const total = tables.reduce((sum, table) => sum + table.weight, SETUP_WEIGHT);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: MEMORY_LIMIT,
    temp_directory: join(directory, 'spill'),
  });
  const connection = await instance.connect();
  try {
    progress.start('Making the sample lake', total);
    await connection.run("SET TimeZone = 'UTC'");
    const setup = sampleSetup(size);
    for (const { label, sql } of setup) {
      await connection.run(sql);
      progress.advance(SETUP_WEIGHT / setup.length, label);
    }
    for (const table of tables) {
      const [schema, name] = table.name.split('.') as [string, string];
      await mkdir(join(directory, schema), { recursive: true, mode: 0o700 });
      const file = join(directory, schema, `${name}.parquet`);
      await connection.run(
        `COPY (${table.query}) TO ${text(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`,
      );
      progress.advance(table.weight, table.name);
    }
    progress.stop();
  } catch (error) {
    progress.stop();
    throw error;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  await rm(join(directory, 'spill'), { recursive: true, force: true });
}
