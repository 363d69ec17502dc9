/**
 * What names mean at one place: columns in star order, qualifiers, the enclosing query for correlation, and
 * CTEs. Names are compared without case, as Spark does.
 */
import { foldName } from '../catalog/catalog.js';
import { GovernanceError } from '../errors.js';
import type { Column, ColumnExpr, CteId, Expr } from '../plan/plan.js';
import type { Identifier, QualifiedName } from '../sql/ast.js';

const SUGGESTIONS_MAX = 3;

/**
 * The columns one FROM entry is known by. `names`: its alias, or table, schema.table, catalog.schema.table.
 */
export interface Binding {
  readonly qualifier: readonly string[];
  readonly columns: readonly Column[];
}

export interface Cte {
  readonly id: CteId;
  readonly columns: readonly Column[];
}

export interface Scope {
  /** Star order; after USING the shared columns come first, once. */
  readonly visible: readonly Column[];
  readonly bindings: readonly Binding[];
  /** The enclosing query, for correlated references. */
  readonly outer?: Scope;
  readonly ctes: ReadonlyMap<string, Cte>;
}

export const emptyScope = (outer: Scope | undefined, ctes: ReadonlyMap<string, Cte>): Scope => ({
  visible: [],
  bindings: [],
  ctes,
  ...(outer === undefined ? {} : { outer }),
});

export const referTo = (column: Column): ColumnExpr => ({
  kind: 'column',
  id: column.id,
  type: column.type,
  nullable: column.nullable,
});

/** A column and the field names that follow it. */
export interface Found {
  readonly column: Column;
  readonly fields: readonly Identifier[];
}

/** Looks outwards, scope by scope. Undefined: nothing of that name anywhere. */
export function findColumn(scope: Scope, name: QualifiedName): Found | undefined {
  for (let s: Scope | undefined = scope; s !== undefined; s = s.outer) {
    const found = findHere(s, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** In this scope only: the longest qualifier that fits wins over a struct column. */
export function findHere(scope: Scope, name: QualifiedName): Found | undefined {
  for (let parts = Math.min(3, name.length - 1); parts >= 1; parts -= 1) {
    const qualifier = name.slice(0, parts).map((part) => foldName(part.name));
    const candidates = scope.bindings
      .filter((binding) => endsWith(binding.qualifier, qualifier))
      .flatMap((binding) => named(binding.columns, name[parts]));
    const column = single(candidates, name);
    if (column !== undefined) return { column, fields: name.slice(parts + 1) };
  }
  const column = single(named(scope.visible, name[0]), name);
  return column && { column, fields: name.slice(1) };
}

/** The columns of `t.*`; undefined when no FROM entry is called so. */
export function qualifiedColumns(scope: Scope, target: QualifiedName): readonly Column[] | undefined {
  const qualifier = target.map((part) => foldName(part.name));
  const found = scope.bindings.filter((binding) => endsWith(binding.qualifier, qualifier));
  return found.length === 0 ? undefined : found.flatMap((binding) => binding.columns);
}

const endsWith = (whole: readonly string[], tail: readonly string[]): boolean =>
  tail.length <= whole.length && tail.every((part, i) => part === whole[whole.length - tail.length + i]);

const named = (columns: readonly Column[], name: Identifier | undefined): readonly Column[] => {
  if (name === undefined) return [];
  const folded = foldName(name.name);
  return columns.filter((column) => foldName(column.name) === folded);
};

function single(candidates: readonly Column[], name: QualifiedName): Column | undefined {
  const distinct = new Map(candidates.map((column) => [column.id, column]));
  if (distinct.size > 1 || candidates.length > distinct.size) {
    const text = name.map((part) => part.name).join('.');
    throw new GovernanceError('AMBIGUOUS_COLUMN', `${text} fits more than one column.`, {
      position: name[0]?.at ?? { line: 1, column: 1 },
      remedy: 'Write the table alias before it.',
      sqlState: '42704',
    });
  }
  return distinct.values().next().value;
}

/** UNRESOLVED_COLUMN with the nearest names that the caller may know. */
export function unresolved(scope: Scope, name: QualifiedName): GovernanceError {
  const text = name.map((part) => part.name).join('.');
  const wanted = foldName(name.at(-1)?.name ?? '');
  const known = [...new Set(scope.visible.map((column) => column.name))];
  const near = known
    .map((candidate) => ({ candidate, score: likeness(wanted, foldName(candidate)) }))
    .filter(({ score }) => score >= 0.4)
    .sort((a, b) => b.score - a.score)
    .slice(0, SUGGESTIONS_MAX)
    .map(({ candidate }) => candidate);
  return new GovernanceError('UNRESOLVED_COLUMN', `There is no column ${text} here.`, {
    position: name[0]?.at ?? { line: 1, column: 1 },
    remedy: near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'DESCRIBE the table to see its columns.',
    sqlState: '42703',
  });
}

/** Shared pairs of letters (Dice), 0 to 1. */
function likeness(a: string, b: string): number {
  const pairs = (text: string): string[] =>
    Array.from({ length: Math.max(0, text.length - 1) }, (_, i) => text.slice(i, i + 2));
  const [x, y] = [pairs(a), pairs(b)];
  if (x.length + y.length === 0) return a === b ? 1 : 0;
  const shared = x.filter((pair) => y.includes(pair)).length;
  return (2 * shared) / (x.length + y.length);
}

/** Two expressions that mean the same: columns by id, positions left out. */
export function expressionKey(expr: Expr): string {
  const variables = new Map<number, number>();
  return JSON.stringify(expr, (key, value: unknown) => {
    if (key === 'at' || key === 'nullable' || key === 'implicit') return undefined;
    if (typeof value === 'bigint') return `${value}n`;
    return isNode(value) ? unnamed(value, variables) : value;
  });
}

const isNode = (value: unknown): value is Expr =>
  typeof value === 'object' && value !== null && 'kind' in value;

/** Parameters of lambdas by their order: `x -> x + 1` and `y -> y + 1` mean the same. */
function unnamed(node: Expr, variables: Map<number, number>): unknown {
  if (node.kind === 'lambda-variable') return { ...node, id: variables.get(node.id) ?? `free ${node.id}` };
  if (node.kind !== 'lambda') return node;
  for (const { id } of node.parameters) variables.set(id, variables.size);
  return { ...node, parameters: node.parameters.length };
}
