/** What an expression's value depends on. A subquery steers only the expression that it stands in. */
import type { Expr, ExprKind, Plan, SortKey } from '../plan/plan.js';
import { outputColumns } from '../plan/traverse.js';
import {
  type Dependencies,
  direct,
  type Flow,
  indirect,
  NOTHING,
  TRANSFORMATION,
  through,
  union,
} from './flow.js';
import { isMasking } from './functions.js';
import type { Tracer } from './lineage.js';

const CONDITIONAL = indirect('CONDITIONAL');
const WINDOW = indirect('WINDOW');

type Handlers = {
  readonly [K in ExprKind]: (expr: Extract<Expr, { kind: K }>, tracer: Tracer) => Dependencies;
};

const handlers: Handlers = {
  literal: () => NOTHING,
  // The array it runs over is an argument of the same call.
  'lambda-variable': () => NOTHING,
  grouping: () => NOTHING,
  column: (e, t) => t.column(e.id),
  call: (e, t) => through(direct('TRANSFORMATION', isMasking(e.fn)), many(e.args, t)),
  'aggregate-call': (e, t) =>
    union([
      through(direct('AGGREGATION', isMasking(e.fn)), many(e.args, t)),
      steered(CONDITIONAL, e.filter === undefined ? [] : [e.filter], t),
      steered(indirect('SORT'), keys(e.orderBy), t),
    ]),
  'window-call': (e, t) =>
    union([
      through(direct('AGGREGATION', isMasking(e.fn)), many(e.args, t)),
      steered(CONDITIONAL, e.filter === undefined ? [] : [e.filter], t),
      steered(WINDOW, [...e.partitionBy, ...keys(e.orderBy)], t),
    ]),
  case: (e, t) =>
    union([
      steered(
        CONDITIONAL,
        e.branches.map((branch) => branch.when),
        t,
      ),
      through(
        TRANSFORMATION,
        many(
          [...e.branches.map((branch) => branch.then), ...(e.otherwise === undefined ? [] : [e.otherwise])],
          t,
        ),
      ),
    ]),
  cast: (e, t) => through(TRANSFORMATION, expressionDependencies(e.operand, t)),
  'in-list': (e, t) => through(TRANSFORMATION, many([e.operand, ...e.items], t)),
  'scalar-subquery': (e, t) => subquery(e.plan, TRANSFORMATION, t),
  // Whether there are rows, not what is in them.
  exists: (e, t) => {
    const inner = t.nested();
    inner.plan(e.plan);
    return inner.effects();
  },
  'in-subquery': (e, t) =>
    union([through(TRANSFORMATION, many(e.operands, t)), subquery(e.plan, CONDITIONAL, t)]),
  lambda: (e, t) => expressionDependencies(e.body, t),
};

export const expressionDependencies = (expr: Expr, tracer: Tracer): Dependencies =>
  (handlers[expr.kind] as (e: Expr, t: Tracer) => Dependencies)(expr, tracer);

const many = (list: readonly Expr[], tracer: Tracer): Dependencies =>
  union(list.map((expr) => expressionDependencies(expr, tracer)));
const steered = (flow: Flow, list: readonly Expr[], tracer: Tracer): Dependencies =>
  through(flow, many(list, tracer));
const keys = (list: readonly SortKey[]): readonly Expr[] => list.map((key) => key.expr);

function subquery(plan: Plan, flow: Flow, tracer: Tracer): Dependencies {
  const inner = tracer.nested();
  inner.plan(plan);
  const values = union(outputColumns(plan).map((column) => inner.column(column.id)));
  return union([through(flow, values), inner.effects()]);
}
