/** Pipe syntax: a query handed through operators, `FROM t |> WHERE a > 1 |> SELECT b`. */
import type { Expression, Identifier, Node, QueryBody, Select, SelectItem, SortItem } from './ast.js';
import type { Relation } from './ast-relation.js';

export interface Pipe extends Node {
  readonly kind: 'pipe';
  readonly input: QueryBody;
  readonly step: PipeStep;
}
export type PipeStep =
  /** Only items, DISTINCT and windows of it. */
  | { readonly kind: 'select-step'; readonly select: Select }
  | { readonly kind: 'extend-step'; readonly items: readonly SelectItem[] }
  | { readonly kind: 'set-step'; readonly assignments: readonly PipeAssignment[] }
  | { readonly kind: 'drop-step'; readonly columns: readonly Identifier[] }
  | { readonly kind: 'alias-step'; readonly name: Identifier }
  | { readonly kind: 'where-step'; readonly condition: Expression }
  | {
      readonly kind: 'aggregate-step';
      readonly items: readonly SelectItem[];
      readonly keys: readonly SelectItem[];
    }
  /** JOIN, PIVOT, UNPIVOT, TABLESAMPLE: what it is over, or its left side, is what comes through the pipe. */
  | { readonly kind: 'relation-step'; readonly relation: Relation }
  | {
      readonly kind: 'set-operation-step';
      readonly operator: 'union' | 'intersect' | 'except';
      readonly all: boolean;
      readonly right: QueryBody;
    }
  | { readonly kind: 'order-step'; readonly orderBy: readonly SortItem[] }
  | { readonly kind: 'limit-step'; readonly limit?: Expression; readonly offset?: Expression };

export interface PipeAssignment {
  readonly column: Identifier;
  readonly value: Expression;
}
