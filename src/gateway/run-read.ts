/**
 * Runs a governed statement that only reads, or gives an answer again that was kept of one like it. Either way its outcome
 * is on record before the last of it leaves.
 */
import type { ByteFormat, ByteResult, RowResult, RunOptions } from '../engines/engine.js';
import type { Governed } from './govern.js';
import type { OnFiles } from './lake-files.js';
import type { OutcomeRecord } from './recorder.js';
import { ROWS_FORMAT, rowsDigest } from './result-digest.js';
import type { Reuse } from './reuse.js';
import { sealedStream } from './sealed-stream.js';
import type { Stopwatch } from './timings.js';

export type SucceededRecord = Pick<
  OutcomeRecord,
  'rowCount' | 'truncated' | 'bytes' | 'resultDigest' | 'resultFormat' | 'cacheAgeMs'
>;

export interface ReadRun extends OnFiles<Governed> {
  readonly options: RunOptions;
  readonly reuse: Reuse;
  readonly outcome: {
    succeeded(end: SucceededRecord): Promise<void>;
    failed(error: unknown): Promise<void>;
  };
  readonly watch: Stopwatch;
  /** What is not run does not wait either. */
  readonly onRunning: () => void;
}

export async function readRows(run: ReadRun): Promise<RowResult> {
  const { governed, options, unchanged, reuse, outcome, watch, onRunning } = run;
  const kept = reuse.rows();
  if (kept !== undefined) onRunning();
  const rows = await watch.time('run', async () => kept ?? governed.engine.rows(governed.prepared, options));
  if (kept === undefined) await unchanged();
  const { rowCount, truncated } = rows;
  const resultDigest = kept?.resultDigest ?? (await rowsDigest(rows));
  await outcome.succeeded({
    rowCount,
    truncated,
    resultDigest,
    resultFormat: ROWS_FORMAT,
    ...reuse.outcome,
  });
  await reuse.keepRows(rows, resultDigest);
  return rows;
}

export async function readBytes(run: ReadRun, format: ByteFormat): Promise<ByteResult> {
  const { governed, options, unchanged, reuse, outcome, watch, onRunning } = run;
  const started = performance.now();
  const kept = reuse.bytes();
  if (kept !== undefined) onRunning();
  const result =
    kept ?? checkedAtEnd(await governed.engine.bytes(governed.prepared, format, options), unchanged);
  return sealedStream(result, {
    onChunk: (chunk) => reuse.collect(chunk),
    onEnd: async (end) => {
      watch.add('run', performance.now() - started);
      await outcome.succeeded({ ...end, resultFormat: format, ...reuse.outcome });
      reuse.keepBytes(end);
    },
    onFailure: (error) => outcome.failed(error),
  });
}

/** A stream whose files changed ends badly, whatever the engine made of it. */
const checkedAtEnd = ({ body, done }: ByteResult, unchanged: () => Promise<void>): ByteResult => ({
  body,
  done: done.then(async (end) => {
    await unchanged();
    return end;
  }),
});
