/** What may stand in FROM: the part of the syntax tree (`ast.ts`) that names tables and joins them. */
import type { Expression, Identifier, Node, QualifiedName, Query } from './ast.js';

export type Relation =
  | TableRelation
  | SubqueryRelation
  | ValuesRelation
  | TableFunctionRelation
  | JoinRelation
  | LateralView
  | ParenthesisedRelation;

export interface RelationAlias {
  readonly name?: Identifier;
  readonly columns: readonly Identifier[];
}
export interface TableRelation extends Node {
  readonly kind: 'table';
  readonly name: QualifiedName;
  readonly asOf?: AsOf;
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
  readonly alias?: RelationAlias;
}
