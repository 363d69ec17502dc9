/**
 * Runs a judged SELECT and hands its rows on as an Arrow stream, limits kept. Whatever arrived is complete exactly when
 * the promise resolves, and the mark of the end is the last thing that arrives.
 */
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { DuckDBDataChunk } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { Column } from '../../core/plan/plan.js';
import { duckDbType } from '../../core/sql/duckdb/types.js';
import type { RunLimits } from '../engine.js';
import { ArrowMessages } from '../output/arrow-stream.js';
import { arrowColumn } from './arrow-columns.js';
import type { EngineRun } from './engine-run.js';
import type { Consume } from './fifo.js';
import { LIMIT_PRINTED_MAX } from './row-text.js';
import { type LinesEnd, tooLarge } from './run-lines.js';

export interface ArrowRequest {
  /** Judged. */
  readonly sql: string;
  readonly output: readonly Column[];
  readonly limits: RunLimits;
  /** Nothing may be handed over before the run has ended. */
  readonly spool: boolean;
}

export async function runArrow(run: EngineRun, request: ArrowRequest, consume: Consume): Promise<LinesEnd> {
  const { output, limits } = request;
  const messages = new ArrowMessages(output);
  const rowsMax = limits.rowLimit ?? Number.POSITIVE_INFINITY;
  let bytes = 0;
  let rowCount = 0;
  let truncated = false;
  const take = async (part: Buffer): Promise<void> => {
    bytes += part.length;
    if (bytes > limits.byteLimit) throw tooLarge(limits.byteLimit);
    await consume(part);
  };
  try {
    await take(messages.schema());
    const sql = exactTypes(request);
    for await (const chunk of request.spool ? run.spooled(sql) : run.chunks(sql)) {
      const rows = Math.min(chunk.rowCount, rowsMax - rowCount);
      truncated = rows < chunk.rowCount;
      rowCount += rows;
      if (rows > 0) await take(messages.batch(rows, columnsOf(chunk, rows, output)));
      if (truncated) break;
      await othersTurn();
    }
    await take(messages.end());
  } catch (error) {
    throw run.explain(error);
  }
  return { rowCount, truncated };
}

const columnsOf = ({ chunk }: DuckDBDataChunk, rows: number, output: readonly Column[]) =>
  output.map(({ type }, i) => arrowColumn(duckdb.data_chunk_get_vector(chunk, i), rows, type));

/** The buffers are read by what a type is announced as, so it is made sure that it is that. */
function exactTypes({ sql, output, limits: { rowLimit } }: ArrowRequest): string {
  const names = output.map((_, i) => `o${i}`);
  const items = output.map(({ type }, i) => `CAST(q.o${i} AS ${duckDbType(type)}) AS o${i}`);
  const limit = rowLimit !== undefined && rowLimit <= LIMIT_PRINTED_MAX ? ` LIMIT ${rowLimit + 1}` : '';
  return `SELECT ${items.join(', ')} FROM (${sql}) AS q(${names.join(', ')})${limit}`;
}
