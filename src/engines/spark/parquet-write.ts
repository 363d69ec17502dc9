/**
 * Rows of a secured relation as Parquet files in a folder of one write. Spark writes, this looks at what was made: how many
 * rows are in which file, and that it stays within its limit while it grows.
 */
import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GovernanceError } from '../../core/errors.js';
import type { Column } from '../../core/plan/plan.js';
import { BIGINT, STRING } from '../../core/plan/types.js';
import type { TargetColumn } from '../../core/plan/write.js';
import { printIdentifier, printType } from '../../core/sql/print-literal.js';
import { connectEnum } from '../../proto/connect.js';
import type { Written, WrittenFile } from '../engine.js';
import { batchLines } from './arrow/lines.js';
import { planOf, type SparkSession, sqlRelation } from './session.js';
import { fileUrl } from './table-files.js';

export type Fields = Readonly<Record<string, unknown>>;

export interface ParquetWrite {
  /** Secured; what it gives becomes `columns`, by position. */
  readonly input: Fields;
  readonly columns: readonly TargetColumn[];
  readonly folder: string;
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

const LOOK_MS = 500;
const FILE = /^part-.*\.parquet$/;
const COUNTED: readonly Column[] = [
  { id: 1, name: 'file', type: STRING, nullable: true },
  { id: 2, name: 'rows', type: BIGINT, nullable: false },
];

export async function writeParquet(session: SparkSession, write: ParquetWrite): Promise<Written> {
  await withinBytes(write, (signal) => session.toEnd(commandPlan('parquet', write), signal));
  return countRows(session, write);
}

type Bounded = Pick<ParquetWrite, 'folder' | 'bytesMax' | 'signal'>;

/** Ends the work when the folder has grown by more than that. */
export async function withinBytes(
  write: Bounded,
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const tooLarge = new AbortController();
  const done = new AbortController();
  const watching = watchSize(write, await sizeOf(write.folder), done.signal, tooLarge);
  try {
    await work(AbortSignal.any([write.signal, tooLarge.signal]));
  } catch (error) {
    throw tooLarge.signal.aborted ? tooLarge.signal.reason : error;
  } finally {
    done.abort();
    await watching;
  }
}

/** `format` is a data source of Spark; rows are added to what is in the folder. */
export function commandPlan(
  format: 'parquet' | 'delta',
  { input, columns, folder }: Pick<ParquetWrite, 'input' | 'columns' | 'folder'>,
  more: { readonly mode?: 'APPEND' | 'OVERWRITE'; readonly options?: Readonly<Record<string, string>> } = {},
): Fields {
  const value = {
    input: typedAs(input, columns),
    source: format,
    mode: saveMode(more.mode ?? 'APPEND'),
    options: more.options ?? {},
    saveType: { case: 'path', value: fileUrl(folder) },
  };
  return { opType: { case: 'command', value: { commandType: { case: 'writeOperation', value } } } };
}

/** By position: names and types are the table's, whatever the relation calls its columns. */
export function typedAs(input: Fields, columns: readonly TargetColumn[]): Fields {
  const places = columns.map((_, i) => `c${i + 1}`);
  const placed = { relType: { case: 'toDf', value: { input, columnNames: places } } };
  const expressions = columns.map(({ name, type }, i) => {
    const column = { exprType: { case: 'unresolvedAttribute', value: { unparsedIdentifier: places[i] } } };
    const value = { expr: column, castToType: { case: 'typeStr', value: printType(type) } };
    const expr = { exprType: { case: 'cast', value } };
    return { exprType: { case: 'alias', value: { expr, name: [name] } } };
  });
  return { relType: { case: 'project', value: { input: placed, expressions } } };
}

const saveMode = (name: string): number | undefined =>
  connectEnum('WriteOperation.SaveMode').values.find((value) => value.name === `SAVE_MODE_${name}`)?.number;

async function watchSize(
  { folder, bytesMax }: Bounded,
  before: number,
  done: AbortSignal,
  tooLarge: AbortController,
): Promise<void> {
  while (!done.aborted) {
    await sleep(LOOK_MS, undefined, { signal: done }).catch(() => undefined);
    if ((await sizeOf(folder)) - before > bytesMax) tooLarge.abort(writeTooLarge(bytesMax));
  }
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  // What Spark has just moved is counted where it is found next time.
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      (entry) => (entry.isFile() ? entry.size : 0),
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Leaves nothing in the folder but the files with the rows. */
async function countRows(
  session: SparkSession,
  { folder, bytesMax, signal }: ParquetWrite,
): Promise<Written> {
  const names = await readdir(folder);
  const files = names.filter((name) => FILE.test(name));
  await Promise.all(
    names
      .filter((name) => !FILE.test(name))
      .map((name) => rm(join(folder, name), { recursive: true, force: true })),
  );
  if (files.length === 0) throw new GovernanceError('ENGINE_ERROR', 'The engine wrote no file.');
  const rowsOf = await rowsByFile(session, folder, signal);
  const written = await Promise.all(
    files.sort().map(
      async (name): Promise<WrittenFile> => ({
        name,
        rows: rowsOf.get(name) ?? 0,
        bytes: (await stat(join(folder, name))).size,
      }),
    ),
  );
  if (written.reduce((sum, { bytes }) => sum + bytes, 0) > bytesMax) throw writeTooLarge(bytesMax);
  return { rowCount: written.reduce((sum, { rows }) => sum + rows, 0), files: written };
}

/** From the footers; a file without rows is not in the answer. */
async function rowsByFile(
  session: SparkSession,
  folder: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const source = printIdentifier({ name: fileUrl(folder) });
  const sql = `SELECT _metadata.file_name, count(*) FROM parquet.${source} GROUP BY 1`;
  const rows = new Map<string, number>();
  for await (const batch of session.execute(planOf(sqlRelation(sql)), randomUUID(), signal)) {
    for (const { bytes } of batchLines(batch, COUNTED, 'json', Number.POSITIVE_INFINITY)) {
      for (const line of bytes.toString('utf8').trim().split('\n').filter(Boolean)) {
        const [name, count] = JSON.parse(line) as readonly [string, string | number];
        rows.set(name, Number(count));
      }
    }
  }
  return rows;
}

export const writeTooLarge = (bytesMax: number): GovernanceError =>
  new GovernanceError('WRITE_TOO_LARGE', `The write is larger than its limit of ${bytesMax} bytes.`, {
    remedy: 'Write fewer rows at once, or ask the operator for a higher limit.',
    sqlState: '54000',
  });
