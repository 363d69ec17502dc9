/** What may stand in FROM: the part of the syntax tree (`ast.ts`) that names tables and joins them. */
import type { Expression, Identifier, Node, QualifiedName, Query } from './ast.js';

export type Relation =
  | TableRelation
  | SubqueryRelation
  | ValuesRelation
  | TableFunctionRelation
  | JoinRelation
  | LateralView
  | PivotRelation
  | UnpivotRelation
  | ParenthesisedRelation
  | Piped;

export interface RelationAlias {
  readonly name?: Identifier;
  readonly columns: readonly Identifier[];
}
export interface TableRelation extends Node {
  readonly kind: 'table';
  readonly name: QualifiedName;
  readonly asOf?: AsOf;
  readonly sample?: Sample;
  readonly alias?: RelationAlias;
}
/** `VERSION AS OF 3`, `TIMESTAMP AS OF '2026-01-31'`: the table as it was. */
export type AsOf =
  | ({ readonly kind: 'version'; readonly version: number } & Node)
  | ({ readonly kind: 'timestamp'; readonly text: string } & Node);
export interface SubqueryRelation extends Node {
  readonly kind: 'subquery';
  readonly query: Query;
  readonly lateral: boolean;
  readonly sample?: Sample;
  readonly alias?: RelationAlias;
}
export interface ValuesRelation extends Node {
  readonly kind: 'values-relation';
  readonly rows: readonly (readonly Expression[])[];
  readonly alias?: RelationAlias;
}
/** `range(10)`, `explode(a)`: the table-valued built-ins. */
export interface TableFunctionRelation extends Node {
  readonly kind: 'table-function';
  readonly name: QualifiedName;
  readonly args: readonly Expression[];
  readonly lateral: boolean;
  readonly alias?: RelationAlias;
}
export type JoinType = 'inner' | 'cross' | 'left' | 'right' | 'full' | 'left-semi' | 'left-anti';
export interface JoinRelation extends Node {
  readonly kind: 'join';
  readonly type: JoinType;
  readonly natural: boolean;
  readonly left: Relation;
  readonly right: Relation;
  readonly on?: Expression;
  readonly using?: readonly Identifier[];
}
/** `TABLESAMPLE (10 PERCENT) REPEATABLE (7)` */
export interface Sample extends Node {
  readonly part:
    | { readonly kind: 'percent'; readonly percent: string }
    | { readonly kind: 'rows'; readonly count: Expression }
    | { readonly kind: 'bucket'; readonly bucket: number; readonly of: number };
  readonly seed?: string;
}
export interface NamedExpression extends Node {
  readonly expression: Expression;
  readonly alias?: Identifier;
}
/** `PIVOT (sum(a) AS s FOR (b, c) IN ((1, 2) AS x))` */
export interface PivotRelation extends Node {
  readonly kind: 'pivot';
  readonly input: Relation;
  readonly aggregates: readonly NamedExpression[];
  readonly columns: readonly Identifier[];
  readonly values: readonly NamedExpression[];
  readonly alias?: RelationAlias;
}
/** `UNPIVOT INCLUDE NULLS ((v, w) FOR name IN ((a, b) AS x, (c, d)))` */
export interface UnpivotRelation extends Node {
  readonly kind: 'unpivot';
  readonly input: Relation;
  readonly includeNulls: boolean;
  readonly values: readonly Identifier[];
  /** Written in parentheses, as the sets are. */
  readonly several: boolean;
  readonly name: Identifier;
  readonly sets: readonly UnpivotSet[];
  readonly alias?: RelationAlias;
}
export interface UnpivotSet extends Node {
  readonly columns: readonly QualifiedName[];
  readonly alias?: Identifier;
}
/** `LATERAL VIEW [OUTER] explode(a) t AS x` */
export interface LateralView extends Node {
  readonly kind: 'lateral-view';
  readonly input: Relation;
  readonly outer: boolean;
  readonly name: QualifiedName;
  readonly args: readonly Expression[];
  readonly alias?: RelationAlias;
}
/** `(a JOIN b ON ...) AS x` */
export interface ParenthesisedRelation extends Node {
  readonly kind: 'parenthesised';
  readonly relation: Relation;
  readonly sample?: Sample;
  readonly alias?: RelationAlias;
}
/** What comes through a pipe (ast-pipe.ts); in FROM it never stands. */
export interface Piped extends Node {
  readonly kind: 'piped';
  readonly sample?: Sample;
}
