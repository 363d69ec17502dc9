/**
 * What a write does, after bind: which table, in which way, and the rows as a plan like any other. A target is not
 * a leaf: nothing is read from it, unless the statement says so.
 */
import type { ObjectId } from '../catalog/catalog.js';
import type { Position } from '../errors.js';
import type { BoundQuery, Expr, Scan } from './plan.js';
import type { DataType } from './types.js';

export type TableFormat = 'parquet' | 'delta';

/** `replace`: the table is made anew, with the columns of the write; `overwrite`: its rows are. */
export type WriteMode = 'create' | 'replace' | 'append' | 'overwrite';

/** A column of a table to be; NULL may stand in every one. */
export interface TargetColumn {
  readonly name: string;
  readonly type: DataType;
}

/** What an engine made: plain Parquet. */
export interface WrittenFile {
  /** Relative to the folder of the write. */
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
}

export interface WriteTarget {
  readonly object: ObjectId;
  readonly at: Position;
}

/** Rows into a table, or a table with the rows that it begins with. */
export interface BoundTableWrite {
  readonly kind: 'table-write';
  readonly target: WriteTarget;
  readonly mode: WriteMode;
  readonly format: TableFormat;
  readonly comment?: string;
  /** All columns of the table as the write leaves it, in order. */
  readonly columns: readonly TargetColumn[];
  /** Its output is `columns`, in their order and types. */
  readonly source: BoundQuery;
}

/** `IF NOT EXISTS` of a table that is there, `IF EXISTS` of one that is not. */
export interface NothingToWrite {
  readonly kind: 'nothing';
  readonly target: WriteTarget;
}

export interface BoundDrop {
  readonly kind: 'drop';
  readonly target: WriteTarget;
}

/**
 * UPDATE, DELETE, MERGE and INSERT REPLACE WHERE. The first two are a MERGE without a source, of one clause.
 * Expressions are over the columns of `scan`, the target as the caller may know it, and of `source`.
 */
export interface BoundRowChange {
  readonly kind: 'row-change';
  readonly target: WriteTarget;
  readonly scan: Scan;
  readonly columns: readonly TargetColumn[];
  readonly source?: BoundQuery;
  readonly on?: Expr;
  readonly clauses: readonly RowClause[];
  /** INSERT REPLACE WHERE: the first clause says which rows go, the second which come; for these the condition must hold as well. */
  readonly replaces?: true;
  /** Every table reference, that of the target among them. */
  readonly leaves: readonly Scan[];
}
export interface RowClause {
  readonly when: 'matched' | 'not-matched' | 'not-matched-by-source';
  readonly condition?: Expr;
  readonly action: RowAction;
}
export type RowAction =
  | { readonly kind: 'delete' }
  | { readonly kind: 'update' | 'insert'; readonly values: readonly ColumnValue[] };
/** Cast to the type of its column already. */
export interface ColumnValue {
  /** As the catalogue spells it. */
  readonly column: string;
  readonly value: Expr;
}

export type BoundWrite = BoundTableWrite | BoundDrop | BoundRowChange | NothingToWrite;
