/**
 * Higher-order functions: what the parameters of a lambda are, its body bound over them, and the checks that Spark
 * makes too. A parameter comes before any column of its name.
 */
import { foldName } from '../catalog/catalog.js';
import { GovernanceError, type Position } from '../errors.js';
import type { Expr, LambdaExpr, LambdaVariableExpr } from '../plan/plan.js';
import type { Expression, Lambda } from '../sql/ast.js';
import type { Argument, FunctionSpec } from '../sql/functions/spec.js';
import { argumentOf } from './arguments.js';
import { invalid, typeMismatch } from './context.js';
import { bindExpr, type ExprContext } from './expression.js';

export type LambdaVariables = ReadonlyMap<string, LambdaVariableExpr>;

/** The arguments of a call in order: a lambda is bound when what stands before it is known. */
export function bindArguments(
  spec: FunctionSpec,
  args: readonly Expression[],
  context: ExprContext,
): readonly Expr[] {
  const bound: Expr[] = [];
  for (const [index, arg] of args.entries()) {
    bound.push(
      arg.kind === 'lambda'
        ? bindLambda(spec, index, arg, bound.map(argumentOf), context)
        : bindExpr(requirePlain(spec, index, arg), context),
    );
  }
  return bound;
}

/** Spark takes `transform(a, 5)` for a lambda that gives 5: here a lambda is written as one. */
function requirePlain(spec: FunctionSpec, index: number, arg: Expression): Expression {
  if (spec.lambda === undefined || !spec.lambda.at.includes(index)) return arg;
  throw invalid(`Argument ${index + 1} of ${spec.name} is a lambda.`, arg.at, 'Write x -> expression.');
}

function bindLambda(
  spec: FunctionSpec,
  index: number,
  lambda: Lambda,
  before: readonly Argument[],
  context: ExprContext,
): LambdaExpr {
  if (spec.lambda === undefined || !spec.lambda.at.includes(index))
    throw invalid(`Argument ${index + 1} of ${spec.name} is no lambda.`, lambda.at, 'Write a value.');
  const given = spec.lambda.parameters(before, index);
  if (typeof given === 'string') throw typeMismatch(`${spec.name}: ${given}.`, lambda.at);
  const optional = spec.lambda.optional ?? 0;
  const count = lambda.parameters.length;
  if (count > given.length || count < given.length - optional) {
    throw invalid(
      `The lambda of ${spec.name} takes ${optional > 0 ? `${given.length - optional} or ` : ''}${given.length} parameters, not ${count}.`,
      lambda.at,
      'Name each of them once.',
    );
  }
  const variables = new Map(context.lambda ?? []);
  const names = new Set<string>();
  const parameters = lambda.parameters.map((parameter, i) => {
    const name = foldName(parameter.name);
    if (names.has(name)) throw invalid(`Two parameters are called ${parameter.name}.`, parameter.at);
    names.add(name);
    const { type, nullable } = given[i] ?? { type: { kind: 'void' as const }, nullable: true };
    const column = context.binder.column(parameter.name, type, nullable);
    variables.set(name, { kind: 'lambda-variable', id: column.id, type, nullable });
    return column;
  });
  const inside: ExprContext = {
    ...context,
    lambda: variables,
    clause: 'a lambda',
    aggregates: false,
    windows: false,
  };
  const body = bindExpr(lambda.body, inside);
  return { kind: 'lambda', parameters, body, type: body.type, nullable: body.nullable };
}

/** Neither engine runs a query for each item. */
export function requireNoLambda(context: ExprContext, at: Position): void {
  if (context.lambda === undefined) return;
  throw new GovernanceError('FEATURE_NOT_ALLOWED', 'A subquery inside a lambda is not allowed.', {
    position: at,
    remedy: 'Join the table, and use its columns in the lambda.',
    sqlState: '0A000',
  });
}
