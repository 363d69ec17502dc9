/**
 * What the log of a Delta table says, read from its folder: which version is the last, what it did and which files came
 * with it. Written by Spark alone.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { GovernanceError } from '../../core/errors.js';

const LOG = '_delta_log';
const VERSION_FILE = /^(\d{20})\.json$/;
const VERSION_DIGITS = 20;
/** Of one version: a line for each file that came or went. */
const FILE_CHARS_MAX = 64 * 2 ** 20;
/** Spark gives files such names; anything else is not one that was written for us. */
export const DATA_FILE = /^[\w.=-]+\.parquet$/;

const Action = z.object({
  add: z.object({ path: z.string(), size: z.number().nonnegative() }).optional(),
  txn: z.object({ appId: z.string(), version: z.number().int() }).optional(),
  commitInfo: z.object({ operationMetrics: z.record(z.string(), z.coerce.number()).optional() }).optional(),
});

export interface LogVersion {
  /** By the names that Delta gives: `numOutputRows`. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Absolute. */
  readonly added: readonly string[];
  /** Of these files. */
  readonly bytes: number;
  /** The batch of a stream that it is, by the id of the query. */
  readonly batch?: { readonly query: string; readonly number: number };
}

/** -1: there is no table in the folder. */
export async function latestVersion(folder: string): Promise<number> {
  const names = await readdir(join(folder, LOG)).catch((error: unknown) => {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw error;
  });
  return names.reduce((latest, name) => Math.max(latest, Number(VERSION_FILE.exec(name)?.[1] ?? -1)), -1);
}

export async function readVersion(folder: string, version: number): Promise<LogVersion> {
  const name = `${String(version).padStart(VERSION_DIGITS, '0')}.json`;
  const text = await readFile(join(folder, LOG, name), 'utf8');
  if (text.length > FILE_CHARS_MAX) throw unreadable();
  let metrics: LogVersion['metrics'] = {};
  let batch: LogVersion['batch'];
  let bytes = 0;
  const added: string[] = [];
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const action = Action.safeParse(JSON.parse(line));
    if (!action.success) throw unreadable();
    const { add, commitInfo, txn } = action.data;
    if (txn !== undefined) batch = { query: txn.appId, number: txn.version };
    if (commitInfo?.operationMetrics !== undefined) metrics = commitInfo.operationMetrics;
    if (add === undefined) continue;
    if (!DATA_FILE.test(add.path)) throw unreadable();
    added.push(join(folder, add.path));
    bytes += add.size;
  }
  return { metrics, added, bytes, ...(batch === undefined ? {} : { batch }) };
}

const unreadable = (): GovernanceError =>
  new GovernanceError('ENGINE_ERROR', 'The log of the table says something that is not understood.');
