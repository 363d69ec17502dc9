/**
 * Function calls: scalar functions, aggregates, window functions, and the few names that are facts of the
 * session.
 */
import { foldName } from '../catalog/catalog.js';
import { GovernanceError, type Position } from '../errors.js';
import type { AggregateCall, Expr, SortKey } from '../plan/plan.js';
import { BIGINT, DATE, STRING, TIMESTAMP } from '../plan/types.js';
import type { FunctionCall, QualifiedName, SortItem } from '../sql/ast.js';
import type { FunctionSpec, Signature } from '../sql/functions/spec.js';
import { argumentOf, castArgument, inOrder } from './arguments.js';
import { badGrouping, invalid } from './context.js';
import { bindCondition, bindExpr, call, type ExprContext } from './expression.js';
import { generatorName } from './generator.js';
import { bindArguments } from './lambda.js';
import { literal } from './literals.js';
import { expressionKey, qualifiedColumns, referTo } from './scope.js';
import { bindWindow } from './window.js';

export function bindCall(expression: FunctionCall, context: ExprContext): Expr {
  const name = functionName(expression.name);
  const fact = sessionFact(name, expression, context);
  if (fact !== undefined) return fact;
  if (name === 'grouping' || name === 'grouping_id') return bindGrouping(name, expression, context);
  const spec = context.binder.context.functions.lookup(name);
  if (spec === undefined || spec.internal === true || spec.operator === true) {
    return operatorByName(name, expression, context) ?? refuse(name, expression.at, context);
  }
  if (expression.over !== undefined) return bindWindow(spec, expression, context);
  if (spec.kind === 'window')
    throw invalid(`${name} needs an OVER clause.`, expression.at, 'Add OVER (...).');
  if (spec.kind === 'aggregate') return bindAggregate(spec, expression, context);
  if (expression.distinct || expression.filter || expression.orderBy || expression.star || expression.nulls) {
    throw invalid(
      `${name} is not an aggregate.`,
      expression.at,
      'Leave out DISTINCT, FILTER, ORDER BY and stars.',
    );
  }
  return call(name, bindArguments(spec, inOrder(spec, expression), context), expression.at, context);
}

/** `system.builtin.f` and plain `f`. */
function functionName(name: QualifiedName): string {
  const parts = name.map((part) => foldName(part.name));
  if (parts.length === 1) return parts[0] ?? '';
  if (parts.length === 3 && parts[0] === 'system' && parts[1] === 'builtin') return parts[2] ?? '';
  if (parts.length === 2 && parts[0] === 'builtin') return parts[1] ?? '';
  throw new GovernanceError('FUNCTION_NOT_ALLOWED', `There is no function ${parts.join('.')}.`, {
    position: name[0]?.at ?? { line: 1, column: 1 },
    remedy: 'Only built-in functions can be called.',
    sqlState: '42883',
  });
}

/** `mod(a, b)`, `rlike(a, b)`: operators that Spark also knows as functions. */
function operatorByName(name: string, expression: FunctionCall, context: ExprContext): Expr | undefined {
  const spec = context.binder.context.functions.lookup(name);
  const callable = ['like', 'ilike', 'rlike', 'regexp_like', 'regexp', 'mod', 'negative', 'positive'];
  if (spec?.operator !== true || !callable.includes(name) || expression.over !== undefined) return undefined;
  return call(
    name,
    expression.args.map((arg) => bindExpr(arg, context)),
    expression.at,
    context,
  );
}

function refuse(name: string, at: Position, context: ExprContext): never {
  if (generatorName([{ name, quoted: false, at }]) !== undefined) {
    throw invalid(
      `${name} makes rows, so it is no value of an expression.`,
      at,
      'Write it as an item of SELECT by itself, in FROM, or as LATERAL VIEW.',
    );
  }
  const near = context.binder.context.functions.nearest(name);
  throw new GovernanceError('FUNCTION_NOT_ALLOWED', `The function ${name} is not in the function table.`, {
    position: at,
    remedy: near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'SHOW FUNCTIONS lists what there is.',
    sqlState: '42883',
  });
}

/** The plan is deterministic: the moment, the user and the schema are literals. */
function sessionFact(name: string, expression: FunctionCall, context: ExprContext): Expr | undefined {
  if (expression.args.length > 0 || expression.star || expression.over) return undefined;
  const session = context.binder.context;
  switch (name) {
    case 'current_date':
    case 'curdate':
      return literal(DATE, session.now.timestamp.slice(0, 10));
    case 'current_timestamp':
    case 'now':
      return literal(TIMESTAMP, session.now.timestamp);
    case 'current_user':
    case 'user':
    case 'session_user':
      return literal(STRING, session.currentUser);
    case 'current_catalog':
      return literal(STRING, session.currentCatalog);
    case 'current_database':
    case 'current_schema':
      return literal(STRING, session.currentSchema);
    case 'current_timezone':
      return literal(STRING, 'UTC');
    default:
      return undefined;
  }
}

function bindGrouping(
  name: 'grouping' | 'grouping_id',
  expression: FunctionCall,
  context: ExprContext,
): Expr {
  const keys = context.groupingKeys;
  if (keys === undefined) {
    throw badGrouping(
      `${name} may only stand where rows are grouped.`,
      expression.at,
      'Use it with ROLLUP, CUBE or GROUPING SETS.',
    );
  }
  const known = new Map(keys.map((key, i) => [expressionKey(key), i]));
  const inner = { ...context, aggregates: false, windows: false };
  const indices = expression.args.map((arg) => {
    const index = known.get(expressionKey(bindExpr(arg, inner)));
    if (index === undefined)
      throw badGrouping(`${name} takes grouping expressions.`, arg.at, 'Name a grouping expression.');
    return index;
  });
  if (name === 'grouping' && indices.length !== 1)
    throw invalid('grouping takes one argument.', expression.at);
  const all = indices.length === 0 ? keys.map((_, i) => i) : indices;
  return {
    kind: 'grouping',
    fn: name,
    keys: all,
    type: name === 'grouping' ? { kind: 'tinyint' } : BIGINT,
    nullable: false,
  };
}

export function bindAggregate(
  spec: FunctionSpec,
  expression: FunctionCall,
  context: ExprContext,
): AggregateCall {
  if (!context.aggregates) {
    throw badGrouping(
      `The aggregate ${spec.name} may not stand in ${context.clause}.`,
      expression.at,
      context.clause === 'WHERE' ? 'Use HAVING.' : 'Compute it in a subquery.',
    );
  }
  const inner: ExprContext = { ...context, aggregates: false, windows: false, clause: `${spec.name}(...)` };
  const args = aggregateArguments(spec, expression, inner);
  const signature = resolveArguments(spec, args, expression.at);
  const filter = expression.filter && bindCondition(expression.filter, { ...inner, clause: 'FILTER' });
  return {
    kind: 'aggregate-call',
    fn: spec.name,
    args: args.map((arg, i) => castArgument(arg, signature.params[i], expression.at)),
    distinct: expression.distinct,
    orderBy: bindSortKeys(expression.orderBy ?? [], inner),
    type: signature.type,
    nullable: signature.nullable,
    at: expression.at,
    ...(filter === undefined ? {} : { filter }),
    ...(expression.nulls === 'ignore' ? { ignoreNulls: true } : {}),
  };
}

/** `count(*)` counts rows; `count(t.*)` and `count(a, b)` count rows without NULL in any of them. */
export function aggregateArguments(
  spec: FunctionSpec,
  expression: FunctionCall,
  context: ExprContext,
): readonly Expr[] {
  const { star } = expression;
  if (star === undefined) {
    if (spec.name === 'count' && expression.args.length === 0)
      throw invalid('count takes an argument or *.', expression.at);
    return expression.args.map((arg) => bindExpr(arg, context));
  }
  if (spec.name !== 'count') throw invalid(`${spec.name} does not take *.`, expression.at);
  if (star.target.length === 0 && star.except.length === 0 && !expression.distinct) return [];
  const columns =
    star.target.length === 0 ? context.scope.visible : qualifiedColumns(context.scope, star.target);
  if (columns === undefined || star.except.length > 0) throw invalid('This star is not known here.', star.at);
  return columns.map(referTo);
}

export function resolveArguments(spec: FunctionSpec, args: readonly Expr[], at: Position): Signature {
  const signature = spec.resolve(args.map(argumentOf));
  if (typeof signature !== 'string') return signature;
  throw new GovernanceError('TYPE_MISMATCH', `${spec.name}: ${signature}.`, {
    position: at,
    remedy: 'Cast the argument, or use another function.',
    sqlState: '42K09',
  });
}

/** Spark's default: NULLS FIRST when ascending, NULLS LAST when descending. */
export const bindSortKeys = (items: readonly SortItem[], context: ExprContext): readonly SortKey[] =>
  items.map((item) => ({
    expr: bindExpr(item.expression, context),
    descending: item.descending,
    nulls: item.nulls ?? (item.descending ? 'last' : 'first'),
  }));
