/** Window calls: named windows, the frame that is in force, what may have one. */
import { foldName } from '../catalog/catalog.js';
import type { Bound, Expr, Frame, WindowCall } from '../plan/plan.js';
import type { FrameBound, FunctionCall, WindowSpec } from '../sql/ast.js';
import type { FunctionSpec } from '../sql/functions/spec.js';
import { aggregateArguments, bindSortKeys, resolveArguments } from './call.js';
import { badGrouping, invalid, typeMismatch } from './context.js';
import { bindCondition, bindExpr, type ExprContext } from './expression.js';
import { implicitCast } from './literals.js';

/** These rank whole partitions: no frame applies to them. */
const WITHOUT_FRAME = new Set([
  'row_number',
  'rank',
  'dense_rank',
  'percent_rank',
  'cume_dist',
  'ntile',
  'lag',
  'lead',
]);
const TAKES_IGNORE_NULLS = new Set(['lag', 'lead', 'nth_value', 'first', 'last', 'any_value']);
const BASE_WINDOWS_MAX = 10;

export function bindWindow(spec: FunctionSpec, expression: FunctionCall, context: ExprContext): WindowCall {
  const { at } = expression;
  if (!context.windows) {
    throw badGrouping(
      `A window function may not stand in ${context.clause}.`,
      at,
      'Put it into a subquery and filter outside.',
    );
  }
  if (spec.kind === 'scalar') throw invalid(`${spec.name} cannot have an OVER clause.`, at);
  if (expression.distinct)
    throw invalid('DISTINCT in a window is not supported.', at, 'Remove duplicates in a subquery.');
  if (expression.orderBy) throw invalid('ORDER BY inside a window function is not supported.', at);
  const window = resolveWindow(expression.over, context);
  // Aggregates may stand in a window: it is computed over the groups.
  const inner: ExprContext = { ...context, windows: false, clause: 'a window' };
  const args = aggregateArguments(spec, expression, inner);
  const signature = resolveArguments(spec, args, at);
  const orderBy = bindSortKeys(window.orderBy, inner);
  const ranks = WITHOUT_FRAME.has(spec.name);
  if (ranks && orderBy.length === 0)
    throw invalid(`${spec.name} needs ORDER BY in its window.`, at, 'Add ORDER BY.');
  const ignoreNulls = expression.nulls === 'ignore';
  if (ignoreNulls && !TAKES_IGNORE_NULLS.has(spec.name))
    throw invalid(`${spec.name} does not take IGNORE NULLS.`, at);
  const filter = expression.filter && bindCondition(expression.filter, { ...inner, clause: 'FILTER' });
  if (filter !== undefined && spec.kind !== 'aggregate')
    throw invalid(`${spec.name} does not take FILTER.`, at);
  return {
    kind: 'window-call',
    fn: spec.name,
    args: args.map((arg, i) => implicitCast(arg, signature.params[i] ?? arg.type, at)),
    distinct: false,
    ignoreNulls,
    partitionBy: window.partitionBy.map((e) => bindExpr(e, inner)),
    orderBy,
    type: signature.type,
    nullable: signature.nullable,
    at,
    ...(filter === undefined ? {} : { filter }),
    ...(ranks ? {} : { frame: frameOf(window, orderBy.length > 0, inner) }),
  };
}

/** `OVER w` and `OVER (w ORDER BY ...)`: the named window, with what is added to it. */
function resolveWindow(over: FunctionCall['over'], context: ExprContext): WindowSpec {
  let spec = over?.kind === 'window-spec' ? over : named(over?.name, context);
  for (let i = 0; spec.base !== undefined; i += 1) {
    if (i >= BASE_WINDOWS_MAX) throw invalid('Windows refer to each other in a circle.', spec.at);
    const base = named(spec.base, context);
    if (spec.partitionBy.length > 0)
      throw invalid('A window that starts from another keeps its PARTITION BY.', spec.at);
    const { base: _, ...own } = spec;
    spec = {
      ...own,
      partitionBy: base.partitionBy,
      orderBy: own.orderBy.length > 0 ? own.orderBy : base.orderBy,
      ...(base.base === undefined ? {} : { base: base.base }),
    };
  }
  return spec;
}

function named(name: import('../sql/ast.js').Identifier | undefined, context: ExprContext): WindowSpec {
  const spec = name && context.windowSpecs?.get(foldName(name.name));
  if (spec === undefined) {
    throw invalid(
      `There is no window ${name?.name ?? ''}.`,
      name?.at ?? { line: 1, column: 1 },
      'Define it in the WINDOW clause.',
    );
  }
  return spec;
}

const BOUNDS = ['unbounded-preceding', 'preceding', 'current-row', 'following', 'unbounded-following'];

function frameOf({ frame, at }: WindowSpec, ordered: boolean, context: ExprContext): Frame {
  if (frame === undefined) {
    return ordered
      ? { unit: 'range', start: { kind: 'unbounded-preceding' }, end: { kind: 'current-row' } }
      : { unit: 'rows', start: { kind: 'unbounded-preceding' }, end: { kind: 'unbounded-following' } };
  }
  if (BOUNDS.indexOf(frame.end.kind) < BOUNDS.indexOf(frame.start.kind))
    throw invalid('A frame ends before it begins.', at, 'Write the bound that comes first first.');
  return { unit: frame.unit, start: bound(frame.start, context), end: bound(frame.end, context) };
}

function bound(frameBound: FrameBound, context: ExprContext): Bound {
  if (!('offset' in frameBound)) return frameBound;
  const offset: Expr = bindExpr(frameBound.offset, context);
  if (offset.kind !== 'literal' || offset.value === null) {
    throw typeMismatch(
      'A frame bound must be a literal.',
      frameBound.offset.at,
      'Write a number or an interval.',
    );
  }
  return { kind: frameBound.kind, offset };
}
