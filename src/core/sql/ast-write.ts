/** Statements that write: the part of the syntax tree (`ast.ts`) that makes, fills, changes and drops tables. */

import type { DataType } from '../plan/types.js';
import type { TableFormat } from '../plan/write.js';
import type { Expression, Identifier, Node, QualifiedName, Query, Statement } from './ast.js';
import type { Relation } from './ast-relation.js';

export type WriteStatement =
  | CreateTable
  | CreateTableAs
  | Insert
  | DropTable
  | TruncateTable
  | DeleteRows
  | UpdateRows
  | MergeRows;

const WRITES: ReadonlySet<string> = new Set<WriteStatement['kind']>([
  'create-table',
  'create-table-as',
  'insert',
  'drop-table',
  'truncate',
  'delete',
  'update',
  'merge',
]);

export const isWrite = (statement: Statement): statement is WriteStatement => WRITES.has(statement.kind);

interface Creation extends Node {
  readonly name: QualifiedName;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  /** USING; absent: Parquet. */
  readonly format?: TableFormat;
  readonly comment?: string;
}
export interface CreateTable extends Creation {
  readonly kind: 'create-table';
  readonly columns: readonly ColumnDefinition[];
}
export interface ColumnDefinition extends Node {
  readonly name: Identifier;
  readonly type: DataType;
}
export interface CreateTableAs extends Creation {
  readonly kind: 'create-table-as';
  readonly query: Query;
}
export interface Insert extends Node {
  readonly kind: 'insert';
  readonly target: QualifiedName;
  /** INSERT OVERWRITE: the rows that were there go. */
  readonly overwrite: boolean;
  /** `(a, b)`: what the query's columns are for; the others become NULL. */
  readonly columns?: readonly Identifier[];
  /** BY NAME: columns meet by name, not by position. */
  readonly byName: boolean;
  /** REPLACE WHERE: the rows that were there and for which it holds go. */
  readonly replaceWhere?: Expression;
  readonly query: Query;
}
export interface DropTable extends Node {
  readonly kind: 'drop-table';
  readonly name: QualifiedName;
  readonly ifExists: boolean;
}
export interface TruncateTable extends Node {
  readonly kind: 'truncate';
  readonly target: QualifiedName;
}

export interface DeleteRows extends Node {
  readonly kind: 'delete';
  readonly target: QualifiedName;
  readonly alias?: Identifier;
  readonly where?: Expression;
}
export interface UpdateRows extends Node {
  readonly kind: 'update';
  readonly target: QualifiedName;
  readonly alias?: Identifier;
  readonly assignments: readonly Assignment[];
  readonly where?: Expression;
}
export interface Assignment extends Node {
  /** `c` or `t.c`. */
  readonly column: QualifiedName;
  readonly value: Expression;
}
export interface MergeRows extends Node {
  readonly kind: 'merge';
  readonly target: QualifiedName;
  readonly alias?: Identifier;
  /** A table or a subquery, with its alias. */
  readonly source: Relation;
  readonly on: Expression;
  /** In the order written: of those for a row the first whose condition holds is taken. */
  readonly clauses: readonly MergeClause[];
}
export interface MergeClause extends Node {
  readonly when: MergeWhen;
  readonly condition?: Expression;
  readonly action: MergeAction;
}
export type MergeWhen = 'matched' | 'not-matched' | 'not-matched-by-source';
export type MergeAction =
  | { readonly kind: 'delete' }
  | { readonly kind: 'update'; readonly assignments: readonly Assignment[] }
  /** UPDATE SET *: every column from the source's column of that name. */
  | { readonly kind: 'update-all' }
  | {
      readonly kind: 'insert';
      readonly columns: readonly QualifiedName[];
      readonly values: readonly Expression[];
    }
  /** INSERT *. */
  | { readonly kind: 'insert-all' };
