/** What a random query may name at one place, and how queries stand inside each other. */
import type { Random } from './random.js';
import type { ColumnKind } from './tables.js';

export interface ScopeColumn {
  /** As it is written in an expression. */
  readonly sql: string;
  readonly name: string;
  readonly kind: ColumnKind;
  /** In the star, but not to be used in expressions: a policy keeps it out of conditions. */
  readonly avoid?: boolean;
}
export interface Source {
  /** Ways to name it in FROM. */
  readonly refs: readonly string[];
  readonly columns: readonly Omit<ScopeColumn, 'sql'>[];
  readonly rows: number;
  /** Seldom picked: reading it is refused more often than not. */
  readonly rare?: boolean;
}
export interface Scope {
  readonly columns: readonly ScopeColumn[];
  readonly sources: readonly Source[];
  readonly depth: number;
}
/** A query with the kinds of its columns, so that it can stand inside another. */
export interface RandomQuery {
  readonly sql: string;
  readonly kinds: readonly ColumnKind[];
  /** FROM columns that ORDER BY may use besides the output. */
  readonly sortable: readonly ScopeColumn[];
}

export const DEPTH_MAX = 2;

/** Kinds with an order: what can be compared, grouped and sorted without surprises. */
export const COMPARABLE: readonly ColumnKind[] = ['int', 'string', 'decimal', 'date', 'timestamp', 'boolean'];
export const isComparable = (column: { readonly kind: ColumnKind }): boolean =>
  COMPARABLE.includes(column.kind);

export const usable = (columns: readonly ScopeColumn[]): readonly ScopeColumn[] =>
  columns.filter((column) => column.avoid !== true);
export const comparable = (columns: readonly ScopeColumn[]): readonly ScopeColumn[] =>
  usable(columns).filter(isComparable);

/** The scope of a subquery: no columns of its own yet. */
export const nested = (scope: Scope): Scope => ({ ...scope, columns: [], depth: scope.depth + 1 });

export const pickSource = (random: Random, scope: Scope): Source => {
  const common = scope.sources.filter((source) => source.rare !== true);
  return random.pick(common.length === 0 || random.chance(0.07) ? scope.sources : common);
};
