/**
 * Runs a judged SELECT and hands its rows on as one Parquet file while it is written. The end of such a file says where
 * everything in it is: whoever has not got it has nothing that could be taken for a result.
 */
import { GovernanceError } from '../../core/errors.js';
import type { Column } from '../../core/plan/plan.js';
import type { RunLimits } from '../engine.js';
import { canceled, type EngineRun } from './engine-run.js';
import { type Consume, pump } from './fifo.js';
import { copyParquet, parquetItems } from './parquet-text.js';
import { LIMIT_PRINTED_MAX } from './row-text.js';
import { type LinesEnd, tooLarge } from './run-lines.js';

/** Rows that are counted before they are written. */
const COUNTED = 'counted_rows';

export interface ParquetRequest {
  /** Judged. */
  readonly sql: string;
  readonly output: readonly Column[];
  readonly ordered: boolean;
  readonly limits: RunLimits;
  readonly pipe: string;
}

export async function runParquet(
  run: EngineRun,
  { sql, output, ordered, limits, pipe }: ParquetRequest,
  consume: Consume,
): Promise<LinesEnd> {
  const names = output.map((_, i) => `o${i}`).join(', ');
  const select = `SELECT ${parquetItems(output)} FROM (${sql}) AS q(${names})`;
  const { rowLimit = Number.POSITIVE_INFINITY } = limits;
  const write = (from: string): Promise<number> =>
    pumped(run, copyParquet(from, pipe, ordered), pipe, limits.byteLimit, consume);
  if (rowLimit > LIMIT_PRINTED_MAX) {
    const rowCount = await write(select);
    if (rowCount > rowLimit) throw tooManyRows(rowLimit);
    return { rowCount, truncated: false };
  }
  // A file that is written cannot be cut: whether there are more rows is to be known before.
  await run.query(`CREATE TEMP TABLE ${COUNTED} AS ${select} LIMIT ${rowLimit + 1}`);
  const counted = await (await run.query(`SELECT count(*) FROM ${COUNTED}`)).getRowsJson();
  const rowCount = await write(`SELECT * FROM ${COUNTED} LIMIT ${rowLimit}`);
  return { rowCount, truncated: Number(counted[0]?.[0]) > rowLimit };
}

/** Rows that were written. */
export async function pumped(
  run: EngineRun,
  copy: string,
  pipe: string,
  byteLimit: number,
  consume: Consume,
): Promise<number> {
  let bytes = 0;
  const take = (part: Buffer): void | Promise<void> => {
    bytes += part.length;
    if (bytes > byteLimit) throw tooLarge(byteLimit);
    return consume(part);
  };
  try {
    const stop = (): void => run.stop(canceled());
    const { rowsChanged } = await pump(pipe, () => run.query(copy), take, stop, run.stopped);
    return rowsChanged;
  } catch (error) {
    throw run.explain(error);
  }
}

const tooManyRows = (rowLimit: number): GovernanceError =>
  new GovernanceError('ROW_LIMIT_EXCEEDED', `The result has more rows than its limit of ${rowLimit}.`, {
    remedy: `Ask for fewer rows, or for another format: Parquet is cut at ${LIMIT_PRINTED_MAX} rows at most.`,
  });
