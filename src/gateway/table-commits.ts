/**
 * How written files become a table. An engine makes files in a folder of their write; until the commit nobody sees
 * them. Implemented in `store/` over Postgres and the warehouse folder.
 */
import type { ObjectId } from '../core/catalog/catalog.js';
import type { TableFormat, TargetColumn, WriteMode, WrittenFile } from '../core/plan/write.js';

/** A table column whose tags a column of the target takes over. */
export interface TagSource {
  readonly object: ObjectId;
  readonly column: string;
}
export interface ColumnTags {
  /** A column of the target. */
  readonly column: string;
  /** As the writer's catalogue has them. */
  readonly tags: readonly string[];
  /** Asked again in the committing transaction: a tag that was set meanwhile travels too. */
  readonly from: readonly TagSource[];
}

export interface WriteFolder {
  readonly id: string;
  /** Absolute; there and empty. */
  readonly path: string;
}

export interface TableCommit {
  /** Absent: the table's own folder was changed, by Delta's log. */
  readonly folder?: WriteFolder;
  readonly statementId: string;
  readonly target: ObjectId;
  readonly mode: WriteMode;
  readonly format: TableFormat;
  /** All columns of the table as the write leaves it. */
  readonly columns: readonly TargetColumn[];
  /** The version that was seen; 0: no such table. An append only asks that the table is the same one still. */
  readonly seenVersion: number;
  /** The target is a table of the lake: files are added to it. */
  readonly lake: boolean;
  readonly owner: string;
  readonly comment?: string;
  readonly tags: readonly ColumnTags[];
  /** Parquet: what the engine made. Delta: none, the log has them already. */
  readonly files: readonly WrittenFile[];
  /** Delta: the version of the log that this write made; what readers see from the commit on. */
  readonly logVersion?: number;
  /** Delta: the folder of that log. A table that has another one by now is another table. */
  readonly logFolder?: string;
  /** Of the decision; another one in force refuses the commit. */
  readonly policyVersion: number;
}

export interface TableDrop {
  readonly statementId: string;
  readonly target: ObjectId;
  readonly seenVersion: number;
  readonly policyVersion: number;
}

export type CommitOutcome =
  | { readonly kind: 'committed'; readonly version: number }
  /** Nothing was changed: decide again, under the policies of now. */
  | { readonly kind: 'policy-changed' };

/** What Postgres says of a Delta table while nobody else may write its log. */
export interface LogState {
  /** Absolute. */
  readonly folder: string;
  readonly version: number;
  /** The last one that readers see. */
  readonly logVersion: number;
  /** Throws when it may be that somebody else writes by now. */
  readonly held: () => Promise<void>;
}

export interface TableCommits {
  begin(): Promise<WriteFolder>;
  /** Durable and seen by this gateway when it resolves. Throws WRITE_CONFLICT and TABLE_OR_VIEW_ALREADY_EXISTS. */
  commit(commit: TableCommit): Promise<CommitOutcome>;
  drop(drop: TableDrop): Promise<CommitOutcome>;
  /** Nobody else writes the log of this Delta table meanwhile, at any gateway. Throws WRITE_CONFLICT when somebody does. */
  whileWritingLog<T>(target: ObjectId, work: (state: LogState) => Promise<T>): Promise<T>;
  /** What was made in the folder is not wanted. */
  abandon(folder: WriteFolder): Promise<void>;
}
