/**
 * The bound plan: relational algebra over columns with ids that are unique in the whole statement. Names are
 * gone: a column is its id, a function is an entry of the function table, a table is a canonical object id.
 * So no printer ever has to think about scopes, aliases or shadowing, and nothing of the user's text is left
 * but literals and output names.
 *
 * `bind` makes it, `rewrite` replaces every `scan` by a `secured` one, printers write it for an engine:
 * column `7` is printed as `c7` everywhere; correlated references are columns of an enclosing plan and need
 * no more than that.
 */
import type { ObjectId } from '../catalog/catalog.js';
import type { Position } from '../errors.js';
import type { DataType } from './types.js';

/** Unique in one statement, from 1. */
export type ColumnId = number;
/** One per table reference in the statement, from 1. */
export type LeafId = number;
export type CteId = number;

export interface Column {
  readonly id: ColumnId;
  /**
   * The name people see (Spark's output name). Never printed for an engine except as data of the result
   * schema.
   */
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
}

export type Plan =
  | Scan
  | Secured
  | OneRow
  | ValuesPlan
  | Range
  | Project
  | Filter
  | Join
  | Aggregate
  | Window
  | Unnest
  | Sample
  | Distinct
  | SetOperationPlan
  | Sort
  | Limit
  | With
  | Recursion
  | CteRef;
export type PlanKind = Plan['kind'];

/** A table reference as the user wrote it. Must not survive `rewrite`; printers refuse it. */
export interface Scan {
  readonly kind: 'scan';
  readonly leaf: LeafId;
  readonly table: ObjectId;
  /**
   * All columns the principal may know of, in table order; `source` is the column's name in the catalogue.
   */
  readonly columns: readonly ScanColumn[];
  /** A version of its log; absent: the table as it is. */
  readonly asOf?: number;
  readonly at?: Position;
}
export interface ScanColumn extends Column {
  readonly source: string;
}

/**
 * A table reference after `rewrite`: Project(masks) <- Filter(row rules over raw values) <- raw table.
 * Exposes exactly the columns of the Scan it replaces (same ids), so nothing above it changes.
 */
export interface Secured {
  readonly kind: 'secured';
  readonly leaf: LeafId;
  readonly table: ObjectId;
  /** Raw columns that are read, with ids of their own: only `items` and `filter` may use them. */
  readonly raw: readonly ScanColumn[];
  /**
   * Over raw values; may hold subqueries whose leaves are Secured too. Absent: every row. `false` literal:
   * none.
   */
  readonly filter?: Expr;
  readonly items: readonly ProjectItem[];
  readonly asOf?: number;
}

/** SELECT without FROM. */
export interface OneRow {
  readonly kind: 'one-row';
}
export interface ValuesPlan {
  readonly kind: 'values';
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Expr[])[];
}
/** `range(start, end, step)`: one BIGINT column `id`. */
export interface Range {
  readonly kind: 'range';
  readonly column: Column;
  readonly start: bigint;
  readonly end: bigint;
  readonly step: bigint;
}
export interface ProjectItem {
  readonly column: Column;
  readonly expr: Expr;
}
export interface Project {
  readonly kind: 'project';
  readonly input: Plan;
  readonly items: readonly ProjectItem[];
}
export interface Filter {
  readonly kind: 'filter';
  readonly input: Plan;
  readonly condition: Expr;
}
export type PlanJoinType = 'inner' | 'cross' | 'left' | 'right' | 'full' | 'left-semi' | 'left-anti';
export interface Join {
  readonly kind: 'join';
  readonly type: PlanJoinType;
  readonly left: Plan;
  readonly right: Plan;
  /** The right side may use columns of the left. */
  readonly lateral: boolean;
  readonly on?: Expr;
}
export interface Aggregate {
  readonly kind: 'aggregate';
  readonly input: Plan;
  /** Expressions over the input; `column` is how the key is known above. */
  readonly keys: readonly ProjectItem[];
  /** Indices into `keys`, one list per grouping set. Absent: one set with all keys (no keys: one row). */
  readonly groupingSets?: readonly (readonly number[])[];
  /** Each `expr` is one AggregateCall, or a `grouping` expression. */
  readonly aggregates: readonly ProjectItem[];
}
export interface Window {
  readonly kind: 'window';
  readonly input: Plan;
  /** Adds these columns to those of the input. Each `expr` is one WindowCall. */
  readonly items: readonly ProjectItem[];
}
/** A row for each item of an array, with the columns of the row that has the array. */
export interface Unnest {
  readonly kind: 'unnest';
  readonly input: Plan;
  /** Of an array type. */
  readonly list: Expr;
  /** A row without an item where there is none. */
  readonly outer: boolean;
  /** INT, from 0. */
  readonly position?: Column;
  readonly item: Column;
}
/** Each row with this chance. */
export interface Sample {
  readonly kind: 'sample';
  readonly input: Plan;
  /** 0 to 100. */
  readonly percent: number;
  /** The same rows again, as far as the engine goes. */
  readonly seed?: number;
}
export interface Distinct {
  readonly kind: 'distinct';
  readonly input: Plan;
}
export interface SetOperationPlan {
  readonly kind: 'set-operation';
  readonly operator: 'union' | 'intersect' | 'except';
  readonly all: boolean;
  readonly left: Plan;
  readonly right: Plan;
  /** New ids; by position. The sides are already cast to these types. */
  readonly columns: readonly Column[];
}
export interface SortKey {
  readonly expr: Expr;
  readonly descending: boolean;
  /** Always explicit after bind. */
  readonly nulls: 'first' | 'last';
}
export interface Sort {
  readonly kind: 'sort';
  readonly input: Plan;
  readonly keys: readonly SortKey[];
}
/**
 * Printed together with a Sort directly below it (or below a Project below it), so that order is never lost.
 */
export interface Limit {
  readonly kind: 'limit';
  readonly input: Plan;
  readonly limit?: number;
  readonly offset?: number;
}
export interface With {
  readonly kind: 'with';
  readonly ctes: readonly { readonly id: CteId; readonly name: string; readonly plan: Plan }[];
  readonly input: Plan;
}
/**
 * What a CTE that refers to itself is made of: the rows of `anchor`, then those that `step` makes of them, level by level
 * until there are none. In `step` a `cte-ref` of this CTE stands for the rows of the level before. Stands only as the plan
 * of a CTE.
 */
export interface Recursion {
  readonly kind: 'recursion';
  readonly cte: CteId;
  readonly anchor: Plan;
  /** As many columns as the anchor, of the same types. */
  readonly step: Plan;
  readonly columns: readonly Column[];
  /** INT and BIGINT: which level a row is of, and the rows of all levels before it. */
  readonly level: Column;
  readonly before: Column;
  /** More of either is an error at run time. */
  readonly levelsMax: number;
  readonly rowsMax: number;
}
export interface CteRef {
  readonly kind: 'cte-ref';
  readonly cte: CteId;
  /** New ids for each use, by position over the CTE's output. */
  readonly columns: readonly (Column & { readonly source: ColumnId })[];
}

// ---------------------------------------------------------------- expressions

export type Expr =
  | LiteralExpr
  | ColumnExpr
  | CallExpr
  | AggregateCall
  | WindowCall
  | CaseExpr
  | CastExpr
  | InListExpr
  | ScalarSubqueryExpr
  | ExistsExpr
  | InSubqueryExpr
  | GroupingExpr
  | LambdaExpr
  | LambdaVariableExpr;
export type ExprKind = Expr['kind'];

interface Typed {
  readonly type: DataType;
  readonly nullable: boolean;
}

/**
 * `value` by type: boolean; tinyint/smallint/int/bigint and interval (months or microseconds) as bigint;
 * decimal as text with exactly `scale` digits after the point; float/double as number; string as string;
 * binary as lower-case hex; date as `YYYY-MM-DD`; timestamp in UTC and timestamp_ntz as `YYYY-MM-DD
 * HH:MM:SS[.ffffff]`. null: typed NULL.
 */
export interface LiteralExpr extends Typed {
  readonly kind: 'literal';
  readonly value: null | boolean | bigint | number | string;
}
export interface ColumnExpr extends Typed {
  readonly kind: 'column';
  readonly id: ColumnId;
}
/** A scalar function or operator of the function table. Arguments are already cast to the parameter types. */
export interface CallExpr extends Typed {
  readonly kind: 'call';
  /** Canonical name in the function table: `upper`, `+`, `and`, `like`, `get_item` ... */
  readonly fn: string;
  readonly args: readonly Expr[];
  readonly at?: Position;
}
export interface AggregateCall extends Typed {
  readonly kind: 'aggregate-call';
  readonly fn: string;
  /** `count(*)` has no arguments. */
  readonly args: readonly Expr[];
  readonly distinct: boolean;
  readonly filter?: Expr;
  readonly orderBy: readonly SortKey[];
  readonly ignoreNulls?: boolean;
  readonly at?: Position;
}
export interface WindowCall extends Typed {
  readonly kind: 'window-call';
  /** A window function or an aggregate. */
  readonly fn: string;
  readonly args: readonly Expr[];
  readonly distinct: boolean;
  readonly filter?: Expr;
  readonly ignoreNulls: boolean;
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly SortKey[];
  /** Explicit where Spark has one in force; absent for functions that take no frame. */
  readonly frame?: Frame;
  readonly at?: Position;
}
export interface Frame {
  readonly unit: 'rows' | 'range';
  readonly start: Bound;
  readonly end: Bound;
}
export type Bound =
  | { readonly kind: 'unbounded-preceding' | 'current-row' | 'unbounded-following' }
  | { readonly kind: 'preceding' | 'following'; readonly offset: LiteralExpr };
/** Searched CASE only; a simple CASE becomes equalities. All branch values have the type of the whole. */
export interface CaseExpr extends Typed {
  readonly kind: 'case';
  readonly branches: readonly { readonly when: Expr; readonly then: Expr }[];
  readonly otherwise?: Expr;
}
export interface CastExpr extends Typed {
  readonly kind: 'cast';
  readonly operand: Expr;
  /** try: NULL instead of an error. */
  readonly try: boolean;
  /** Put in by bind, not by the user. */
  readonly implicit: boolean;
  readonly at?: Position;
}
export interface InListExpr extends Typed {
  readonly kind: 'in-list';
  readonly operand: Expr;
  readonly items: readonly Expr[];
  readonly negated: boolean;
}
export interface ScalarSubqueryExpr extends Typed {
  readonly kind: 'scalar-subquery';
  /** One column; more than one row is an error at run time. */
  readonly plan: Plan;
}
export interface ExistsExpr extends Typed {
  readonly kind: 'exists';
  readonly plan: Plan;
  readonly negated: boolean;
}
export interface InSubqueryExpr extends Typed {
  readonly kind: 'in-subquery';
  /** As many as the plan has columns, same types. */
  readonly operands: readonly Expr[];
  readonly plan: Plan;
  readonly negated: boolean;
}
/** `grouping(k)` and `grouping_id(...)`; only inside Aggregate.aggregates. */
export interface GroupingExpr extends Typed {
  readonly kind: 'grouping';
  readonly fn: 'grouping' | 'grouping_id';
  /** Indices into the aggregate's keys. */
  readonly keys: readonly number[];
}
export interface LambdaExpr extends Typed {
  readonly kind: 'lambda';
  readonly parameters: readonly Column[];
  readonly body: Expr;
}
export interface LambdaVariableExpr extends Typed {
  readonly kind: 'lambda-variable';
  readonly id: ColumnId;
}

/** A whole statement after bind. */
export interface BoundQuery {
  readonly plan: Plan;
  /** What the client sees, in order: output name, type, and the plan's column. Names may repeat. */
  readonly output: readonly Column[];
  /** Every table reference, subqueries and CTEs included. */
  readonly leaves: readonly Scan[];
}
