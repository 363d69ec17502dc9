/**
 * Expressions: names become column ids, operators and functions entries of the function table, types are
 * worked out and casts put in.
 */
import { foldName } from '../catalog/catalog.js';
import { GovernanceError, type Position } from '../errors.js';
import { canCast, commonType } from '../plan/coercion.js';
import type { CallExpr, Expr } from '../plan/plan.js';
import { outputColumns } from '../plan/traverse.js';
import { BOOLEAN, type DataType, STRING, typeName } from '../plan/types.js';
import type { Case, Expression, Identifier, QualifiedName } from '../sql/ast.js';
import { argumentOf, castArgument } from './arguments.js';
import { bindCall } from './call.js';
import { type Binder, invalid, typeMismatch } from './context.js';
import type { LambdaVariables } from './lambda.js';
import { bindLiteral, implicitCast, literal } from './literals.js';
import { bindSubquery } from './query.js';
import { findColumn, referTo, type Scope, unresolved } from './scope.js';

/** Where an expression stands, and what may stand in it. */
export interface ExprContext {
  readonly binder: Binder;
  readonly scope: Scope;
  /** For messages: `WHERE`, `GROUP BY` ... */
  readonly clause: string;
  readonly aggregates: boolean;
  readonly windows: boolean;
  /** Earlier select items by folded name; `ambiguous` when there are two. */
  readonly aliases?: ReadonlyMap<string, Expr | 'ambiguous'>;
  /** Grouping keys in force, for grouping() and grouping_id(). */
  readonly groupingKeys?: readonly Expr[];
  /** Parameters of the lambdas around. */
  readonly lambda?: LambdaVariables;
  /** Named windows of the SELECT. */
  readonly windowSpecs?: WindowSpecs;
}
export type WindowSpecs = ReadonlyMap<string, import('../sql/ast.js').WindowSpec>;

export function bindExpr(expression: Expression, context: ExprContext): Expr {
  const again = (child: Expression): Expr => bindExpr(child, context);
  const at = expression.at;
  switch (expression.kind) {
    case 'literal':
      return bindLiteral(expression.value, at);
    case 'column':
      return bindName(expression.name, context);
    case 'parameter':
      return bindParameter(expression, context);
    case 'unary':
      return bindUnary(expression.operator, again(expression.operand), at, context);
    case 'binary':
      return call(expression.operator, [again(expression.left), again(expression.right)], at, context);
    case 'between':
      return bindBetween(expression, context);
    case 'in-list':
      return bindInList(expression, context);
    case 'in-subquery':
      return bindInSubquery(expression, context);
    case 'exists':
      return {
        kind: 'exists',
        plan: bindSubquery(expression.query, context).plan,
        negated: false,
        type: BOOLEAN,
        nullable: false,
      };
    case 'scalar-subquery':
      return bindScalar(expression, context);
    case 'like': {
      const args = [again(expression.operand), again(expression.pattern)];
      if (expression.escape !== undefined) args.push(literal(STRING, expression.escape));
      return negatedIf(expression.negated, call(expression.operator, args, at, context), at, context);
    }
    case 'is':
      return bindIs(expression, context);
    case 'call':
      return bindCall(expression, context);
    case 'case':
      return bindCase(expression, context);
    case 'cast':
      return bindCast(again(expression.operand), expression.type, expression.try, at);
    case 'subscript':
      return call('get_item', [again(expression.operand), again(expression.index)], at, context);
    case 'field':
      return fieldOf(again(expression.operand), expression.field, context);
    case 'row':
      throw invalid('A list of values may only stand before IN.', at);
    case 'lambda':
      throw invalid('A lambda may only stand where a function takes one.', at, 'Write a value.');
    case 'named-argument':
      throw invalid('This function takes no argument by name.', at, 'Give the arguments in order.');
  }
}

/** A condition: boolean, or NULL. */
export function bindCondition(expression: Expression, context: ExprContext): Expr {
  const bound = bindExpr(expression, context);
  if (bound.type.kind === 'boolean') return bound;
  if (bound.type.kind === 'void') return implicitCast(bound, BOOLEAN, expression.at);
  throw typeMismatch(
    `The condition of ${context.clause} has type ${typeName(bound.type)}, not boolean.`,
    expression.at,
    'Compare it with something.',
  );
}

/** A call of a function table entry by its canonical name. */
export function call(fn: string, args: readonly Expr[], at: Position, context: ExprContext): CallExpr {
  const spec = context.binder.context.functions.lookup(fn);
  if (spec === undefined) throw unknownOperator(fn, at);
  const signature = spec.resolve(args.map(argumentOf));
  if (typeof signature === 'string') {
    throw typeMismatch(`${fn}: ${signature}.`, at);
  }
  return {
    kind: 'call',
    fn: spec.name,
    args: args.map((arg, i) => castArgument(arg, signature.params[i], at)),
    type: signature.type,
    nullable: signature.nullable,
    at,
  };
}

const unknownOperator = (fn: string, at: Position): GovernanceError =>
  new GovernanceError('FUNCTION_NOT_ALLOWED', `The operator ${fn} is not in the function table.`, {
    position: at,
    remedy: 'SHOW FUNCTIONS lists what there is.',
    sqlState: '42883',
  });

function bindName(name: QualifiedName, context: ExprContext): Expr {
  const variable = context.lambda?.get(foldName(name[0]?.name ?? ''));
  if (variable !== undefined)
    return name.slice(1).reduce<Expr>((expr, field) => fieldOf(expr, field, context), variable);
  const found = findColumn(context.scope, name);
  if (found !== undefined) {
    return found.fields.reduce<Expr>((expr, field) => fieldOf(expr, field, context), referTo(found.column));
  }
  const [first, ...fields] = name;
  const alias = first && context.aliases?.get(foldName(first.name));
  if (alias === undefined || first === undefined) throw unresolved(context.scope, name);
  if (alias === 'ambiguous') {
    throw new GovernanceError('AMBIGUOUS_COLUMN', `${first.name} names more than one select item.`, {
      position: first.at,
      remedy: 'Give the items different names.',
      sqlState: '42704',
    });
  }
  return fields.reduce<Expr>((expr, field) => fieldOf(expr, field, context), context.binder.copy(alias));
}

const fieldOf = (operand: Expr, field: Identifier, context: ExprContext): Expr =>
  call('get_field', [operand, literal(STRING, field.name)], field.at, context);

function bindParameter(parameter: Extract<Expression, { kind: 'parameter' }>, context: ExprContext): Expr {
  const value = parameterValue(parameter, context);
  if (Array.isArray(value)) {
    throw invalid('A list parameter may only stand in IN (...).', parameter.at);
  }
  return value as Expr;
}

function parameterValue(parameter: Extract<Expression, { kind: 'parameter' }>, context: ExprContext) {
  const { named, positional } = context.binder.context.parameters;
  const value = parameter.name === undefined ? positional[parameter.index ?? -1] : named.get(parameter.name);
  if (value !== undefined) return value;
  const label = parameter.name === undefined ? `number ${(parameter.index ?? 0) + 1}` : `:${parameter.name}`;
  throw new GovernanceError('PARAMETER_MISSING', `The parameter ${label} has no value.`, {
    position: parameter.at,
    remedy: 'Add it to "parameters" of the request.',
    sqlState: '42P02',
  });
}

function bindUnary(
  operator: '-' | '+' | '~' | 'not',
  operand: Expr,
  at: Position,
  context: ExprContext,
): Expr {
  const names = { '-': 'negative', '+': 'positive', '~': '~', not: 'not' } as const;
  if (operator === 'not') return negate(operand, at, context);
  return call(names[operator], [operand], at, context);
}

/** NOT over a subquery test goes into the test, so that engines can plan it as an anti join. */
function negate(operand: Expr, at: Position, context: ExprContext): Expr {
  if (operand.kind === 'exists' || operand.kind === 'in-subquery' || operand.kind === 'in-list') {
    return { ...operand, negated: !operand.negated };
  }
  return call('not', [operand], at, context);
}
const negatedIf = (negated: boolean, expr: Expr, at: Position, context: ExprContext): Expr =>
  negated ? negate(expr, at, context) : expr;

function bindBetween(expression: Extract<Expression, { kind: 'between' }>, context: ExprContext): Expr {
  const { at } = expression;
  const [operand, low, high] = [expression.operand, expression.low, expression.high].map((e) =>
    bindExpr(e, context),
  );
  if (operand === undefined || low === undefined || high === undefined)
    throw new Error('between has three parts');
  const both = call(
    'and',
    [call('>=', [operand, low], at, context), call('<=', [context.binder.copy(operand), high], at, context)],
    at,
    context,
  );
  return negatedIf(expression.negated, both, at, context);
}

function bindInList(expression: Extract<Expression, { kind: 'in-list' }>, context: ExprContext): Expr {
  const { at } = expression;
  if (expression.operand.kind === 'row') {
    throw new GovernanceError(
      'FEATURE_NOT_ALLOWED',
      'A list of columns before a list of values is not allowed.',
      {
        position: at,
        remedy: 'Compare the columns one by one.',
        sqlState: '0A000',
      },
    );
  }
  const operand = bindExpr(expression.operand, context);
  const items = expression.items.flatMap((item): readonly Expr[] => {
    if (item.kind !== 'parameter') return [bindExpr(item, context)];
    const value = parameterValue(item, context);
    return Array.isArray(value) ? value : [value as Expr];
  });
  // An attribute without values: nothing is in it.
  if (items.length === 0) return literal(BOOLEAN, expression.negated);
  const type = commonType([operand, ...items].map((e) => e.type));
  if (type === undefined) throw typeMismatch('The values of IN have no common type.', at);
  return {
    kind: 'in-list',
    operand: implicitCast(operand, type, at),
    items: items.map((item) => implicitCast(item, type, at)),
    negated: expression.negated,
    type: BOOLEAN,
    nullable: operand.nullable || items.some((item) => item.nullable),
  };
}

function bindInSubquery(
  expression: Extract<Expression, { kind: 'in-subquery' }>,
  context: ExprContext,
): Expr {
  const { at } = expression;
  const parts = expression.operand.kind === 'row' ? expression.operand.items : [expression.operand];
  const operands = parts.map((part) => bindExpr(part, context));
  const { plan } = bindSubquery(expression.query, context);
  const columns = outputColumns(plan);
  if (columns.length !== operands.length) {
    throw invalid(`The subquery of IN gives ${columns.length} columns, not ${operands.length}.`, at);
  }
  const types = operands.map((operand, i) => commonType([operand.type, columns[i]?.type ?? operand.type]));
  if (types.some((type) => type === undefined))
    throw typeMismatch('The sides of IN have no common type.', at);
  const items = columns.map((column, i) => {
    const expr = implicitCast(referTo(column), types[i] ?? column.type, at);
    return { column: context.binder.column(column.name, expr.type, expr.nullable), expr };
  });
  return {
    kind: 'in-subquery',
    operands: operands.map((operand, i) => implicitCast(operand, types[i] ?? operand.type, at)),
    plan: items.every((item) => item.expr.kind === 'column') ? plan : { kind: 'project', input: plan, items },
    negated: expression.negated,
    type: BOOLEAN,
    nullable: true,
  };
}

function bindScalar(
  expression: Extract<Expression, { kind: 'scalar-subquery' }>,
  context: ExprContext,
): Expr {
  const { plan } = bindSubquery(expression.query, context);
  const [column, ...more] = outputColumns(plan);
  if (column === undefined || more.length > 0) {
    throw invalid('A subquery that stands for a value must give one column.', expression.at);
  }
  return { kind: 'scalar-subquery', plan, type: column.type, nullable: true };
}

function bindIs(expression: Extract<Expression, { kind: 'is' }>, context: ExprContext): Expr {
  const { at } = expression;
  const operand = bindExpr(expression.operand, context);
  if (expression.test === 'distinct-from') {
    if (expression.other === undefined) throw new Error('IS DISTINCT FROM has two sides');
    const same = call('<=>', [operand, bindExpr(expression.other, context)], at, context);
    return expression.negated ? same : call('not', [same], at, context);
  }
  if (expression.test === 'null' || expression.test === 'unknown') {
    return call(expression.negated ? 'is_not_null' : 'is_null', [operand], at, context);
  }
  const test = call(expression.test === 'true' ? 'is_true' : 'is_false', [operand], at, context);
  return expression.negated ? call('not', [test], at, context) : test;
}

function bindCase(expression: Case, context: ExprContext): Expr {
  const { at } = expression;
  const operand = expression.operand && bindExpr(expression.operand, context);
  const whens = expression.branches.map((branch) => {
    if (operand === undefined) return bindCondition(branch.when, { ...context, clause: 'CASE WHEN' });
    return call('=', [context.binder.copy(operand), bindExpr(branch.when, context)], at, context);
  });
  const thens = expression.branches.map((branch) => bindExpr(branch.then, context));
  const otherwise = expression.otherwise && bindExpr(expression.otherwise, context);
  const values = otherwise === undefined ? thens : [...thens, otherwise];
  const type = commonType(values.map((value) => value.type));
  if (type === undefined) {
    throw typeMismatch(
      `The branches of CASE have no common type: ${values.map((v) => typeName(v.type)).join(', ')}.`,
      at,
    );
  }
  return {
    kind: 'case',
    branches: whens.map((when, i) => ({
      when,
      then: implicitCast(thens[i] ?? literal(type, null), type, at),
    })),
    type,
    nullable: otherwise === undefined || values.some((value) => value.nullable),
    ...(otherwise === undefined ? {} : { otherwise: implicitCast(otherwise, type, at) }),
  };
}

export function bindCast(operand: Expr, type: DataType, isTry: boolean, at: Position): Expr {
  if (!canCast(operand.type, type)) {
    throw typeMismatch(
      `${typeName(operand.type)} cannot be cast to ${typeName(type)}.`,
      at,
      'Cast in two steps, or not at all.',
    );
  }
  if (operand.kind === 'literal' && operand.value === null) return literal(type, null);
  return {
    kind: 'cast',
    operand,
    type,
    nullable: isTry || operand.nullable,
    try: isTry,
    implicit: false,
    at,
  };
}
