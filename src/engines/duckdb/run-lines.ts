/**
 * Runs a judged SELECT and hands its rows on as text, limits kept. This is the only way out of the engine:
 * whatever arrived is complete exactly when the promise resolves.
 */
import { GovernanceError } from '../../core/errors.js';
import type { Column } from '../../core/plan/plan.js';
import type { RunLimits } from '../engine.js';
import type { EngineRun } from './engine-run.js';
import { canceled } from './engine-run.js';
import { type Consume, pump } from './fifo.js';
import { LineCutter } from './line-cutter.js';
import { copyLines, csvHeader, type LineFormat, rowsAsText } from './row-text.js';

export interface LinesRequest {
  /** Judged. */
  readonly sql: string;
  readonly output: readonly Column[];
  readonly ordered: boolean;
  readonly format: LineFormat;
  readonly limits: RunLimits;
  readonly pipe: string;
}

export interface LinesEnd {
  readonly rowCount: number;
  readonly truncated: boolean;
}

export async function runLines(run: EngineRun, request: LinesRequest, consume: Consume): Promise<LinesEnd> {
  const { sql, output, ordered, format, limits, pipe } = request;
  const cutter = new LineCutter({ quotes: format === 'csv', rowsMax: limits.rowLimit });
  let bytes = 0;
  const take = (part: Buffer): void | Promise<void> => {
    bytes += part.length;
    if (bytes > limits.byteLimit) throw tooLarge(limits.byteLimit);
    if (part.length > 0) return consume(part);
  };
  const copy = copyLines(rowsAsText(sql, output, format, limits.rowLimit), pipe, ordered);
  if (format === 'csv') await take(Buffer.from(csvHeader(output), 'utf8'));
  try {
    const { rowsChanged } = await pump(
      pipe,
      () => run.query(copy),
      (chunk) => {
        const taken = take(cutter.take(chunk));
        if (!cutter.truncated) return taken;
        return Promise.resolve(taken).then(() => {
          throw new Enough();
        });
      },
      () => run.stop(canceled()),
      run.stopped,
    );
    // Two counts, made apart: DuckDB's of what it wrote, ours of what arrived.
    if (rowsChanged !== cutter.rows)
      throw new Error(`${rowsChanged} rows were written, ${cutter.rows} arrived`);
  } catch (error) {
    if (!(error instanceof Enough)) throw run.explain(error);
  }
  return { rowCount: cutter.rows, truncated: cutter.truncated };
}

/** The wanted rows are here; the rest of the run is not needed. */
class Enough extends Error {}

export const tooLarge = (byteLimit: number): GovernanceError =>
  new GovernanceError('BYTE_LIMIT_EXCEEDED', `The result is larger than its limit of ${byteLimit} bytes.`, {
    remedy: 'Ask for fewer rows or columns, or for a higher byteLimit.',
  });
