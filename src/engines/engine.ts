/**
 * What an engine is to the gateway. It gets a secured plan, prints it in its own language, has it judged a
 * second time, and runs it. An engine never sees who is asking; keys and policies never reach it.
 */
import type { Readable } from 'node:stream';
import type { CatalogSnapshot, ObjectId } from '../core/catalog/catalog.js';
import type { Column, LeafId, Plan } from '../core/plan/plan.js';
import type { SecuredChange } from '../core/plan/secured-change.js';
import type { TargetColumn, WrittenFile } from '../core/plan/write.js';
import type { ResourceLimits } from '../core/policy/resources.js';

export type { WrittenFile } from '../core/plan/write.js';

export interface SecuredStatement {
  /** No `scan` left in it. */
  readonly plan: Plan;
  readonly output: readonly Column[];
  readonly catalog: CatalogSnapshot;
  /**
   * A raising expression stands over a restricted leaf: nothing may leave before the run has ended (DESIGN
   * section 4).
   */
  readonly spool: boolean;
  /** The leaf that is read as a stream; only an engine that can do so is asked. */
  readonly streamed?: StreamedLeaf;
}

export interface StreamedLeaf {
  readonly leaf: LeafId;
  /** How much comes at once, as Spark calls it. */
  readonly options: Readonly<Record<string, string>>;
}

/** Printed and judged. Cheap to keep, may be run many times. */
export interface Prepared {
  readonly statement: SecuredStatement;
  /** Engine SQL, for those with the `explain` action. Holds no secrets (hash keys are bound, not printed). */
  readonly text: string;
}

export interface RunLimits {
  /** Rows after which the result is cut and marked truncated. */
  readonly rowLimit?: number;
  /** Bytes of result; past it the run fails with BYTE_LIMIT_EXCEEDED. */
  readonly byteLimit: number;
  readonly timeoutMs: number;
}

/** Whose statement it is, to whoever gives out turns; an engine only hands it on. */
export interface Turn {
  readonly statementId: string;
  readonly user: string;
  readonly group: ResourceLimits;
}

/** Gives out turns on one engine: nothing runs there without one. */
export interface EngineTurns {
  readonly running: number;
  readonly waiting: number;
  /** Resolves when it is this one's turn, with what gives it back. Throws QUEUE_FULL, and when `signal` fires. */
  enter(turn: Turn, signal: AbortSignal): Promise<() => void>;
  /** Refuses everyone who waits and everyone who comes; resolves when nothing runs any more. */
  close(): Promise<void>;
}

export interface RunOptions {
  readonly limits: RunLimits;
  readonly signal: AbortSignal;
  readonly turn: Turn;
  /** Values for hash masks: domain -> key. Bound as connection variables, never printed. */
  readonly hashKeys?: ReadonlyMap<string, string>;
  readonly onStart?: () => void;
  /** Bytes of the result that were made since; nothing is told of what is spooled. */
  readonly onBytes?: (bytes: number) => void;
}

export type ByteFormat = 'csv' | 'ndjson' | 'arrow' | 'parquet';

/** JSON-ready values as API.md has them (row arrays in schema order), complete or thrown. */
export interface RowResult {
  readonly rowCount: number;
  readonly truncated: boolean;
  /**
   * In order; each batch is one JSON text of an array of row arrays without the outer brackets, with its row
   * count.
   */
  batches(): AsyncIterable<{ readonly rows: number; readonly json: string }>;
}

/** `body` ends normally only when every row was written; any failure destroys it with a GovernanceError. */
export interface ByteResult {
  readonly body: Readable;
  /** Resolves when the run has ended well; rejects otherwise. */
  readonly done: Promise<{ readonly rowCount: number; readonly truncated: boolean }>;
}

/** Makes columns again of rows that are kept as text; reads nothing else. Throws QUEUE_FULL. */
export interface RowConverter {
  /** The beginning of an Arrow stream, and its end. */
  arrowSchema(output: readonly Column[]): Buffer;
  arrowEnd(output: readonly Column[]): Buffer;
  /** What stands between them for one batch of rows. */
  arrowBatches(json: string, output: readonly Column[], signal: AbortSignal): Promise<Buffer>;
  /** One file of all rows. */
  parquet(rows: RowResult, output: readonly Column[], signal: AbortSignal): Promise<ByteResult>;
  close(): Promise<void>;
}

/** A secured source, and the columns that its output becomes, by position. */
export interface SecuredWrite {
  readonly statement: SecuredStatement;
  readonly columns: readonly TargetColumn[];
}

/** Printed and judged; where the rows go to is said when it runs. */
export interface PreparedWrite {
  readonly write: SecuredWrite;
  readonly text: string;
}

export interface WriteOptions extends Omit<RunOptions, 'limits'> {
  readonly limits: { readonly timeoutMs: number /** Of files. */; readonly bytesMax: number };
  /** Absolute, there, empty and of this write alone. */
  readonly folder: string;
}

/** Complete or thrown. At least one file, so that a table of no rows knows its columns. */
export interface Written {
  readonly rowCount: number;
  readonly files: readonly WrittenFile[];
}

/** Makes Parquet files with exactly the columns asked for; what they are for is not its concern. */
export interface TableWriter {
  prepare(write: SecuredWrite): Promise<PreparedWrite>;
  write(prepared: PreparedWrite, options: WriteOptions): Promise<Written>;
}

/** A secured change of rows. `query` holds all of its expressions over the same tables, for the second judge. */
export interface SecuredRowChange {
  readonly query: SecuredStatement;
  readonly change: SecuredChange;
}

/** A change as Spark is told it. */
export interface JudgedChange {
  /** The statement; where rows are replaced, the rows that come. */
  readonly sql: string;
  readonly replaced?: { readonly where: string; readonly columns: readonly TargetColumn[] };
}

/** Printed and judged for one table. */
export interface PreparedChange {
  readonly change: SecuredRowChange;
  readonly text: string;
}

/** A version of the log of a Delta table that Spark has committed; readers see it when the gateway has, too. */
export interface DeltaWritten {
  /** Rows that came, were changed or went. */
  readonly rowCount: number;
  /** The version before it when nothing was changed. */
  readonly logVersion: number;
  /** Absolute; with the rows that came. */
  readonly files: readonly string[];
}

export interface DeltaTarget {
  readonly object: ObjectId;
  /** Absolute. */
  readonly folder: string;
}

export interface DeltaOptions extends Omit<RunOptions, 'limits'> {
  readonly limits: WriteOptions['limits'];
  readonly folder: string;
}

/** Commits to logs of Delta tables. One write of a table at a time, its caller sees to that. */
export interface DeltaWriter {
  /** The last version of the log in this folder; -1: there is none. */
  logVersion(folder: string): Promise<number>;
  /** Rows that this version of the log in the folder brought. */
  rowsOfVersion(folder: string, logVersion: number): Promise<number>;
  /** Makes the table in this folder again what it was at this version; streams make anew what came later. */
  restore(folder: string, logVersion: number): Promise<void>;
  /** `overwrite`: the rows that were there go. */
  write(
    prepared: PreparedWrite,
    options: DeltaOptions & { readonly mode: 'append' | 'overwrite' },
  ): Promise<DeltaWritten>;
  /** Prints and judges; throws SECOND_CHECK. */
  prepareChange(change: SecuredRowChange, target: DeltaTarget): Promise<PreparedChange>;
  change(prepared: PreparedChange, options: DeltaOptions): Promise<DeltaWritten>;
}

/** What an engine tells of one stage: counts and times, nothing of values, texts and names. */
export interface EngineStage {
  readonly stage: number;
  readonly attempt: number;
  readonly state: string;
  readonly tasks: number;
  readonly tasksCompleted: number;
  readonly tasksFailed: number;
  readonly submittedAt: string | null;
  readonly completedAt: string | null;
  /** Of all tasks together. */
  readonly taskMs: number;
  readonly inputBytes: number;
  readonly shuffleReadBytes: number;
  readonly shuffleWriteBytes: number;
  readonly spilledBytes: number;
}

export interface EngineStatus {
  readonly id: string;
  readonly kind: 'duckdb' | 'spark';
  readonly trust: 'named' | 'unnamed';
  readonly version: string;
  readonly running: number;
  readonly queued: number;
  readonly threads: number;
  readonly memoryLimit: string;
  /** What runs it, where it runs on more than this process and tells. */
  readonly cluster?: EngineCluster;
}

export interface EngineCluster {
  readonly workers: number;
  readonly executors: number;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly runningStages: number;
  readonly runningTasks: number;
  readonly failedTasks: number;
  readonly spilledBytes: number;
  readonly seenAt: string;
}

export interface Engine {
  readonly id: 'duckdb' | 'spark';
  /** Absent: this engine does not write. */
  readonly writer?: TableWriter;
  /** Absent: this engine knows no Delta tables. */
  readonly delta?: DeltaWriter;
  /** Prints and judges; throws SECOND_CHECK. */
  prepare(statement: SecuredStatement): Promise<Prepared>;
  /** Waits for its turn (QUEUE_FULL when there is no place), runs to the end. */
  rows(prepared: Prepared, options: RunOptions): Promise<RowResult>;
  bytes(prepared: Prepared, format: ByteFormat, options: RunOptions): Promise<ByteResult>;
  /** The engine's own plan of the statement, values and internal names stripped. */
  explain(prepared: Prepared): Promise<string>;
  /** How much of a statement that runs is done, 0 to 1, where the engine tells. */
  fraction?(statementId: string): Promise<number | undefined>;
  /** Stages of a statement that runs or has run, if the engine has such and tells of them. */
  stages?(statementId: string): Promise<readonly EngineStage[]>;
  status(): EngineStatus;
  close(): Promise<void>;
}
