/**
 * Walking and rebuilding bound plans. Exhaustive over node kinds: a new kind does not compile until it is
 * handled here.
 */
import type { Column, Expr, ExprKind, Plan, PlanKind, ProjectItem, SortKey } from './plan.js';

type ByPlanKind<R> = { readonly [K in PlanKind]: (plan: Extract<Plan, { kind: K }>) => R };
type ByExprKind<R> = { readonly [K in ExprKind]: (expr: Extract<Expr, { kind: K }>) => R };

const itemExprs = (items: readonly ProjectItem[]): readonly Expr[] => items.map((item) => item.expr);
const none = (): readonly never[] => [];

const children: ByPlanKind<readonly Plan[]> = {
  scan: none,
  secured: none,
  'one-row': none,
  values: none,
  range: none,
  project: (p) => [p.input],
  filter: (p) => [p.input],
  join: (p) => [p.left, p.right],
  aggregate: (p) => [p.input],
  window: (p) => [p.input],
  unnest: (p) => [p.input],
  sample: (p) => [p.input],
  distinct: (p) => [p.input],
  'set-operation': (p) => [p.left, p.right],
  sort: (p) => [p.input],
  limit: (p) => [p.input],
  with: (p) => [...p.ctes.map((cte) => cte.plan), p.input],
  recursion: (p) => [p.anchor, p.step],
  'cte-ref': none,
};

/** Inputs of a plan node; plans inside its expressions are not among them. */
export const planChildren = (plan: Plan): readonly Plan[] =>
  (children[plan.kind] as (p: Plan) => readonly Plan[])(plan);

const expressions: ByPlanKind<readonly Expr[]> = {
  scan: none,
  secured: (p) => [...itemExprs(p.items), ...(p.filter === undefined ? [] : [p.filter])],
  'one-row': none,
  values: (p) => p.rows.flat(),
  range: none,
  project: (p) => itemExprs(p.items),
  filter: (p) => [p.condition],
  join: (p) => (p.on === undefined ? [] : [p.on]),
  aggregate: (p) => [...itemExprs(p.keys), ...itemExprs(p.aggregates)],
  window: (p) => itemExprs(p.items),
  unnest: (p) => [p.list],
  sample: none,
  distinct: none,
  'set-operation': none,
  sort: (p) => p.keys.map((key) => key.expr),
  limit: none,
  with: none,
  recursion: none,
  'cte-ref': none,
};

/** Top-level expressions of a plan node. */
export const planExpressions = (plan: Plan): readonly Expr[] =>
  (expressions[plan.kind] as (p: Plan) => readonly Expr[])(plan);

const sortExprs = (keys: readonly SortKey[]): readonly Expr[] => keys.map((key) => key.expr);
const optional = (expr: Expr | undefined): readonly Expr[] => (expr === undefined ? [] : [expr]);

const subExpressions: ByExprKind<readonly Expr[]> = {
  literal: none,
  column: none,
  'lambda-variable': none,
  grouping: none,
  call: (e) => e.args,
  'aggregate-call': (e) => [...e.args, ...optional(e.filter), ...sortExprs(e.orderBy)],
  'window-call': (e) => [...e.args, ...optional(e.filter), ...e.partitionBy, ...sortExprs(e.orderBy)],
  case: (e) => [...e.branches.flatMap((b) => [b.when, b.then]), ...optional(e.otherwise)],
  cast: (e) => [e.operand],
  'in-list': (e) => [e.operand, ...e.items],
  'scalar-subquery': none,
  exists: none,
  'in-subquery': (e) => e.operands,
  lambda: (e) => [e.body],
};

/** Operands of an expression; the plan of a subquery is not among them. */
export const exprChildren = (expr: Expr): readonly Expr[] =>
  (subExpressions[expr.kind] as (e: Expr) => readonly Expr[])(expr);

/** The plan of a subquery expression. */
export const exprPlan = (expr: Expr): Plan | undefined => ('plan' in expr ? expr.plan : undefined);

const outputs: ByPlanKind<readonly Column[]> = {
  scan: (p) => p.columns,
  secured: (p) => p.items.map((item) => item.column),
  'one-row': none,
  values: (p) => p.columns,
  range: (p) => [p.column],
  project: (p) => p.items.map((item) => item.column),
  filter: (p) => outputColumns(p.input),
  join: (p) =>
    p.type === 'left-semi' || p.type === 'left-anti'
      ? outputColumns(p.left)
      : [...outputColumns(p.left), ...outputColumns(p.right)],
  aggregate: (p) => [...p.keys, ...p.aggregates].map((item) => item.column),
  window: (p) => [...outputColumns(p.input), ...p.items.map((item) => item.column)],
  unnest: (p) => [...outputColumns(p.input), ...(p.position === undefined ? [] : [p.position]), p.item],
  sample: (p) => outputColumns(p.input),
  distinct: (p) => outputColumns(p.input),
  'set-operation': (p) => p.columns,
  sort: (p) => outputColumns(p.input),
  limit: (p) => outputColumns(p.input),
  with: (p) => outputColumns(p.input),
  recursion: (p) => [...p.columns, p.level, p.before],
  'cte-ref': (p) => p.columns,
};

/** What a plan gives, in order. */
export const outputColumns = (plan: Plan): readonly Column[] =>
  (outputs[plan.kind] as (p: Plan) => readonly Column[])(plan);

export interface Visitor {
  readonly plan?: (plan: Plan) => void;
  readonly expr?: (expr: Expr) => void;
}

/** Every plan and expression, subqueries included; a node before what is below it. */
export function walkPlan(plan: Plan, visitor: Visitor): void {
  visitor.plan?.(plan);
  for (const expr of planExpressions(plan)) walkExpr(expr, visitor);
  for (const child of planChildren(plan)) walkPlan(child, visitor);
}

/** As `walkPlan`, from an expression. */
export function walkExpr(expr: Expr, visitor: Visitor): void {
  visitor.expr?.(expr);
  for (const child of exprChildren(expr)) walkExpr(child, visitor);
  const plan = exprPlan(expr);
  if (plan !== undefined) walkPlan(plan, visitor);
}

export interface Mapper {
  /** What stands in the place of a whole plan, which is not looked into; undefined: look. */
  readonly whole?: (plan: Plan) => Plan | undefined;
  readonly plan?: (plan: Plan) => Plan;
  readonly expr?: (expr: Expr) => Expr;
}

/** Rebuilds a plan bottom-up, subqueries included: inputs and operands first, then the node itself. */
export function mapPlan(plan: Plan, mapper: Mapper): Plan {
  const whole = mapper.whole?.(plan);
  if (whole !== undefined) return whole;
  const p = (child: Plan): Plan => mapPlan(child, mapper);
  const e = (child: Expr): Expr => mapExpr(child, mapper);
  const items = (list: readonly ProjectItem[]): readonly ProjectItem[] =>
    list.map((item) => ({ ...item, expr: e(item.expr) }));
  const rebuild: ByPlanKind<Plan> = {
    scan: (n) => n,
    secured: (n) => ({
      ...n,
      items: items(n.items),
      ...(n.filter === undefined ? {} : { filter: e(n.filter) }),
    }),
    'one-row': (n) => n,
    values: (n) => ({ ...n, rows: n.rows.map((row) => row.map(e)) }),
    range: (n) => n,
    project: (n) => ({ ...n, input: p(n.input), items: items(n.items) }),
    filter: (n) => ({ ...n, input: p(n.input), condition: e(n.condition) }),
    join: (n) => ({
      ...n,
      left: p(n.left),
      right: p(n.right),
      ...(n.on === undefined ? {} : { on: e(n.on) }),
    }),
    aggregate: (n) => ({ ...n, input: p(n.input), keys: items(n.keys), aggregates: items(n.aggregates) }),
    window: (n) => ({ ...n, input: p(n.input), items: items(n.items) }),
    unnest: (n) => ({ ...n, input: p(n.input), list: e(n.list) }),
    sample: (n) => ({ ...n, input: p(n.input) }),
    distinct: (n) => ({ ...n, input: p(n.input) }),
    'set-operation': (n) => ({ ...n, left: p(n.left), right: p(n.right) }),
    sort: (n) => ({ ...n, input: p(n.input), keys: sortKeys(n.keys, e) }),
    limit: (n) => ({ ...n, input: p(n.input) }),
    with: (n) => ({ ...n, ctes: n.ctes.map((cte) => ({ ...cte, plan: p(cte.plan) })), input: p(n.input) }),
    recursion: (n) => ({ ...n, anchor: p(n.anchor), step: p(n.step) }),
    'cte-ref': (n) => n,
  };
  const rebuilt = (rebuild[plan.kind] as (n: Plan) => Plan)(plan);
  return mapper.plan ? mapper.plan(rebuilt) : rebuilt;
}

const sortKeys = (keys: readonly SortKey[], e: (expr: Expr) => Expr): readonly SortKey[] =>
  keys.map((key) => ({ ...key, expr: e(key.expr) }));

/** As `mapPlan`, from an expression. */
export function mapExpr(expr: Expr, mapper: Mapper): Expr {
  const e = (child: Expr): Expr => mapExpr(child, mapper);
  const p = (plan: Plan): Plan => mapPlan(plan, mapper);
  const filter = (condition: Expr | undefined): { filter?: Expr } =>
    condition === undefined ? {} : { filter: e(condition) };
  const rebuild: ByExprKind<Expr> = {
    literal: (n) => n,
    column: (n) => n,
    'lambda-variable': (n) => n,
    grouping: (n) => n,
    call: (n) => ({ ...n, args: n.args.map(e) }),
    'aggregate-call': (n) => ({
      ...n,
      args: n.args.map(e),
      ...filter(n.filter),
      orderBy: sortKeys(n.orderBy, e),
    }),
    'window-call': (n) => ({
      ...n,
      args: n.args.map(e),
      ...filter(n.filter),
      partitionBy: n.partitionBy.map(e),
      orderBy: sortKeys(n.orderBy, e),
    }),
    case: (n) => ({
      ...n,
      branches: n.branches.map((b) => ({ when: e(b.when), then: e(b.then) })),
      ...(n.otherwise === undefined ? {} : { otherwise: e(n.otherwise) }),
    }),
    cast: (n) => ({ ...n, operand: e(n.operand) }),
    'in-list': (n) => ({ ...n, operand: e(n.operand), items: n.items.map(e) }),
    'scalar-subquery': (n) => ({ ...n, plan: p(n.plan) }),
    exists: (n) => ({ ...n, plan: p(n.plan) }),
    'in-subquery': (n) => ({ ...n, operands: n.operands.map(e), plan: p(n.plan) }),
    lambda: (n) => ({ ...n, body: e(n.body) }),
  };
  const rebuilt = (rebuild[expr.kind] as (n: Expr) => Expr)(expr);
  return mapper.expr ? mapper.expr(rebuilt) : rebuilt;
}
