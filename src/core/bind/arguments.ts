/** Arguments of calls: what the function table is told of each, names to places, and the cast to the parameter type. */
import { foldName } from '../catalog/catalog.js';
import type { Position } from '../errors.js';
import type { Expr } from '../plan/plan.js';
import type { DataType } from '../plan/types.js';
import type { Expression, FunctionCall, Literal } from '../sql/ast.js';
import type { Argument, FunctionSpec } from '../sql/functions/spec.js';
import { invalid } from './context.js';
import { implicitCast } from './literals.js';

export const argumentOf = (expr: Expr): Argument => ({
  type: expr.type,
  nullable: expr.nullable,
  ...(expr.kind === 'literal' ? { literal: expr.value } : {}),
  ...(expr.kind === 'lambda' ? { isLambda: true } : {}),
});

/** Of a lambda, what its body gives is cast. */
export const castArgument = (expr: Expr, type: DataType | undefined, at: Position): Expr =>
  expr.kind === 'lambda'
    ? { ...expr, body: implicitCast(expr.body, type ?? expr.type, at), type: type ?? expr.type }
    : implicitCast(expr, type ?? expr.type, at);

/** `f(a, c => 1)` as `f(a, <default of b>, 1)`. */
export function inOrder(spec: FunctionSpec, call: FunctionCall): readonly Expression[] {
  const { args } = call;
  const first = args.findIndex((arg) => arg.kind === 'named-argument');
  if (first < 0) return args;
  const known = spec.named;
  if (known === undefined) {
    throw invalid(
      `The arguments of ${spec.name} have no names.`,
      args[first]?.at ?? call.at,
      'Give the arguments in order.',
    );
  }
  const places: (Expression | undefined)[] = args.slice(0, first);
  for (const arg of args.slice(first)) {
    if (arg.kind !== 'named-argument')
      throw invalid('An argument without a name stands behind one with a name.', arg.at, 'Name it as well.');
    const place = known.findIndex(({ name }) => foldName(name) === foldName(arg.name.name));
    if (place < 0) {
      const names = known.map(({ name }) => name).join(', ');
      throw invalid(`${spec.name} has no argument ${arg.name.name}.`, arg.at, `Its arguments are ${names}.`);
    }
    if (places[place] !== undefined) throw invalid(`${arg.name.name} is given twice.`, arg.at);
    places[place] = arg.value;
  }
  return Array.from(places, (arg, i) => arg ?? defaultOf(spec, i, call));
}

function defaultOf(spec: FunctionSpec, place: number, { at }: FunctionCall): Literal {
  const parameter = spec.named?.[place];
  if (parameter?.default === undefined)
    throw invalid(`${spec.name} needs ${parameter?.name ?? 'an argument more'}.`, at, 'Give it a value.');
  const { default: value } = parameter;
  return { kind: 'literal', value: value === null ? { type: 'null' } : { type: 'string', value }, at };
}
