/** UPDATE, DELETE and MERGE after `rewrite`: what an engine that can change rows is asked for. */
import type { Column, ColumnId, Expr, Plan } from './plan.js';
import type { RowAction, RowClause, TargetColumn } from './write.js';

/** Over raw columns of the target and what the source gives. */
export interface SecuredChange {
  /** What the columns of the target are called in it. */
  readonly targetColumns: ReadonlyMap<ColumnId, string>;
  readonly source?: { readonly plan: Plan; readonly output: readonly Column[] };
  readonly on?: Expr;
  readonly clauses: readonly SecuredClause[];
  /** INSERT REPLACE WHERE: all columns of the table, as the source gives them. */
  readonly replaces?: readonly TargetColumn[];
}
export interface SecuredClause {
  readonly when: RowClause['when'];
  readonly condition?: Expr;
  readonly action: RowAction;
  /** Holds for each row that the clause makes, or nothing is changed. Absent: any row may be made. */
  readonly check?: Expr;
}
