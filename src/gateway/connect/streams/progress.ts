/**
 * What may be told of how far a stream is: a report made anew from what is known to be harmless. How much was read is
 * counted below row rules, so only those with the `explain` action see it; files, offsets and names of the server's
 * nobody does.
 */
import { z } from 'zod';

const Numbers = z.record(z.string(), z.number()).catch({});
const Count = z.number().catch(-1);

const StateOperator = z.object({
  operatorName: z.string().regex(/^[A-Za-z]{1,60}$/),
  numRowsTotal: Count,
  numRowsUpdated: Count,
  numRowsRemoved: Count,
  allUpdatesTimeMs: Count,
  allRemovalsTimeMs: Count,
  commitTimeMs: Count,
  memoryUsedBytes: Count,
  numRowsDroppedByWatermark: Count,
  numShufflePartitions: Count,
  numStateStoreInstances: Count,
});

/** As Spark writes it. */
const Progress = z.object({
  id: z.uuid(),
  runId: z.uuid(),
  timestamp: z.string().max(40),
  batchId: z.number().int(),
  batchDuration: z.number().int().catch(0),
  durationMs: Numbers,
  eventTime: z.record(z.enum(['min', 'max', 'avg', 'watermark']), z.string().max(40)).catch({} as never),
  stateOperators: z.array(StateOperator).catch([]),
  sources: z.array(z.object({ numInputRows: Count })).catch([]),
  sink: z.object({ numOutputRows: Count }).catch({ numOutputRows: -1 }),
  observedMetrics: z.record(z.string(), z.unknown()).catch({}),
});

export type BatchProgress = z.infer<typeof Progress>;

/** Undefined: not a report of a batch that we can read. */
export function readProgress(json: string): BatchProgress | undefined {
  try {
    const read = Progress.safeParse(JSON.parse(json));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

export interface ShownAs {
  readonly name: string | undefined;
  /** What it reads, as people know it. */
  readonly objects: readonly string[];
  readonly sink: string;
  /** The caller may see what is counted below row rules. */
  readonly counts: boolean;
}

/** JSON as clients read it. */
export function shownProgress(progress: BatchProgress, shown: ShownAs): string {
  const { sources, sink, durationMs, ...rest } = progress;
  const seconds = progress.batchDuration / 1000;
  const rows = shown.counts ? sources.reduce((sum, { numInputRows }) => sum + numInputRows, 0) : UNKNOWN;
  const rate = shown.counts && seconds > 0 ? rows / seconds : 0;
  return JSON.stringify({
    ...rest,
    name: shown.name ?? null,
    durationMs: Object.fromEntries(
      Object.entries(durationMs).filter(([key]) => /^[A-Za-z]{1,40}$/.test(key)),
    ),
    numInputRows: rows,
    inputRowsPerSecond: rate,
    processedRowsPerSecond: rate,
    sources: [
      {
        description: shown.objects.join(', '),
        startOffset: null,
        endOffset: null,
        latestOffset: null,
        numInputRows: rows,
        inputRowsPerSecond: rate,
        processedRowsPerSecond: rate,
      },
    ],
    sink: { description: shown.sink, numOutputRows: sink.numOutputRows },
  });
}

/** As Spark says of a count that it does not have. */
const UNKNOWN = -1;

const STATUS = [
  'Initializing',
  'Waiting for next trigger',
  'Waiting for data to arrive',
  'Getting offsets',
  'Processing new data',
  'No new data but cleaning up state',
  'Stopped',
  'Terminated with exception',
] as const;

/** Spark's own words go on with paths and errors. */
export const shownStatus = (message: string): string =>
  STATUS.find((known) => message.startsWith(known)) ?? 'Running';
