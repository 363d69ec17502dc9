/**
 * WITH RECURSIVE as Spark 4.2 has it: an anchor, UNION ALL, a step that refers to the CTE for the rows of the level before.
 * Levels and rows have Spark's own limits.
 */
import { foldName } from '../catalog/catalog.js';
import type { CteId, Expr, Plan, ProjectItem, Recursion } from '../plan/plan.js';
import {
  exprChildren,
  exprPlan,
  outputColumns,
  planChildren,
  planExpressions,
  walkPlan,
} from '../plan/traverse.js';
import { BIGINT, INT, sameType, typeName } from '../plan/types.js';
import type { CommonTable, QueryBody } from '../sql/ast.js';
import { type Binder, invalid, typeMismatch } from './context.js';
import { implicitCast } from './literals.js';
import { bindBody, bindWith, renamed } from './query.js';
import { type Cte, referTo, type Scope } from './scope.js';

/** spark.sql.cteRecursionLevelLimit and spark.sql.cteRecursionRowLimit. */
const RECURSION_LEVELS_DEFAULT = 100;
const RECURSION_ROWS_MAX = 1_000_000;

export interface Recursive {
  readonly cte: Cte;
  readonly plan: Plan;
}

/** Undefined: it does not refer to itself. */
export function bindRecursive(
  common: CommonTable,
  binder: Binder,
  outer: Scope | undefined,
  ctes: Scope['ctes'],
): Recursive | undefined {
  const { query, name, at } = common;
  if (!refersTo(query, foldName(name.name))) return undefined;
  const { body } = query;
  const whole = query.orderBy.length === 0 && query.limit === undefined && query.offset === undefined;
  if (
    !whole ||
    body.kind !== 'set-operation' ||
    body.operator !== 'union' ||
    refersTo(body.left, foldName(name.name))
  )
    throw invalid(
      `The CTE ${name.name} refers to itself in another way than WITH RECURSIVE allows.`,
      at,
      'Write a query that does not refer to it, UNION ALL, and one that does.',
    );
  if (!body.all)
    throw invalid('A recursive CTE takes UNION ALL.', body.at, 'Write UNION ALL, and DISTINCT outside.');
  const inside = bindWith(query, binder, outer, ctes);
  const anchor = bindBody(body.left, binder, outer, inside.known);
  const columns = renamed(outputColumns(anchor), common.columns, at).map((column) =>
    binder.column(column.name, column.type, true),
  );
  const cte: Cte = { id: binder.cte(), columns };
  const known = new Map(inside.known).set(foldName(name.name), cte);
  const step = bindStep(body.right, columns, binder, (right) => bindBody(right, binder, outer, known));
  requirePlace(step, cte.id, body.right);
  const recursion: Recursion = {
    kind: 'recursion',
    cte: cte.id,
    anchor: inside.wrap(anchor),
    step: inside.wrap(step),
    columns,
    level: binder.column('level', INT, false),
    before: binder.column('before', BIGINT, false),
    levelsMax: common.levelsMax ?? RECURSION_LEVELS_DEFAULT,
    rowsMax: RECURSION_ROWS_MAX,
  };
  return { cte, plan: recursion };
}

/** By name: a table of a schema is another one. */
function refersTo(node: unknown, name: string): boolean {
  if (Array.isArray(node)) return node.some((part) => refersTo(part, name));
  if (node === null || typeof node !== 'object') return false;
  const { kind, name: parts } = node as { kind?: unknown; name?: unknown };
  if ((kind === 'table' || kind === 'table-body') && Array.isArray(parts) && parts.length === 1)
    if (foldName((parts[0] as { name: string }).name) === name) return true;
  return Object.values(node).some((part) => refersTo(part, name));
}

/** The types are those of the anchor: Spark widens neither side. */
function bindStep(
  body: QueryBody,
  columns: Recursion['columns'],
  binder: Binder,
  bindRight: (body: QueryBody) => Plan,
): Plan {
  const step = bindRight(body);
  const own = outputColumns(step);
  if (own.length !== columns.length)
    throw invalid(
      `The anchor has ${columns.length} columns, this ${own.length}.`,
      body.at,
      'Select as many.',
    );
  const items = own.map((column, i): ProjectItem => {
    const type = columns[i]?.type ?? column.type;
    if (column.type.kind !== 'void' && !sameType(column.type, type))
      throw typeMismatch(
        `Column ${i + 1} is ${typeName(column.type)} here and ${typeName(type)} in the anchor.`,
        body.at,
        'Cast one of them.',
      );
    const expr = implicitCast(referTo(column), type, body.at);
    return { column: binder.column(column.name, type, true), expr };
  });
  return { kind: 'project', input: step, items };
}

const REMEDY = 'Compute it over the finished CTE, outside of its definition.';

/** Where the rows of the level before may stand: nowhere that a whole level, or its absence, decides. */
function requirePlace(plan: Plan, cte: CteId, body: QueryBody): void {
  const refuse = (what: string): never => {
    throw invalid(`A recursive CTE cannot refer to itself ${what}.`, body.at, REMEDY);
  };
  if (plan.kind === 'aggregate' && holds(plan.input, cte)) refuse('below an aggregate');
  if (plan.kind === 'window' && holds(plan.input, cte)) refuse('below a window');
  if (plan.kind === 'sort' && holds(plan.input, cte)) refuse('below ORDER BY');
  if (plan.kind === 'set-operation' && plan.operator !== 'union' && holds(plan, cte))
    refuse(`in ${plan.operator.toUpperCase()}`);
  if (plan.kind === 'join') {
    const { type, left, right } = plan;
    if (['left', 'full', 'left-semi', 'left-anti'].includes(type) && holds(right, cte))
      refuse('on the right of such a join');
    if (['right', 'full'].includes(type) && holds(left, cte)) refuse('on the left of such a join');
  }
  for (const child of planChildren(plan)) requirePlace(child, cte, body);
  const inside = (expr: Expr): void => {
    const below = exprPlan(expr);
    if (below !== undefined) requirePlace(below, cte, body);
    for (const child of exprChildren(expr)) inside(child);
  };
  for (const expr of planExpressions(plan)) inside(expr);
}

function holds(plan: Plan, cte: CteId): boolean {
  let found = false;
  walkPlan(plan, {
    plan: (node) => {
      if (node.kind === 'cte-ref' && node.cte === cte) found = true;
    },
  });
  return found;
}
