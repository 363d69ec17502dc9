/**
 * Ways to say a function table entry in a line or two. Nothing here decides anything about a particular
 * function.
 */
import type { ErrorCode } from '../../errors.js';
import { canCastImplicitly, commonType, isDateTime } from '../../plan/coercion.js';
import { type DataType, typeName } from '../../plan/types.js';
import type { Argument, FunctionSpec, RenderCall, Signature } from './spec.js';

export type Resolve = FunctionSpec['resolve'];
export type Render = (call: RenderCall) => string;

export interface Options {
  readonly aliases?: readonly string[];
  readonly kind?: FunctionSpec['kind'];
  readonly deterministic?: boolean;
  readonly operator?: boolean;
  readonly internal?: boolean;
  readonly approximate?: boolean;
  /** Default: never. */
  readonly raises?: boolean | FunctionSpec['mayRaise'];
  readonly spark?: Render;
  readonly lambda?: FunctionSpec['lambda'];
  readonly named?: FunctionSpec['named'];
}

/** A template with `$1`, `$2` ... for the arguments, or a function of the call. */
export function define(
  name: string,
  summary: string,
  resolve: Resolve,
  render: string | Render,
  options: Options = {},
): FunctionSpec {
  const { raises = false } = options;
  return {
    name,
    summary,
    resolve,
    kind: options.kind ?? 'scalar',
    deterministic: options.deterministic ?? true,
    mayRaise: typeof raises === 'function' ? raises : () => raises,
    duckdb: typeof render === 'string' ? template(render) : render,
    ...(options.aliases === undefined ? {} : { aliases: options.aliases }),
    ...(options.operator === undefined ? {} : { operator: options.operator }),
    ...(options.internal === undefined ? {} : { internal: options.internal }),
    ...(options.approximate === undefined ? {} : { approximate: options.approximate }),
    ...(options.spark === undefined ? {} : { spark: options.spark }),
    ...(options.lambda === undefined ? {} : { lambda: options.lambda }),
    ...(options.named === undefined ? {} : { named: options.named }),
  };
}

const template =
  (text: string): Render =>
  ({ args }) =>
    text.replace(/\$(\d)/g, (_, n: string) => args[Number(n) - 1] ?? 'NULL');

/** Raises without saying anything of a value. The engine maps the marker to an error code. */
export const raising = (code: ErrorCode): string => `error('SLUICE:${code}')`;

export const anyNullable = (args: readonly Argument[]): boolean => args.some((arg) => arg.nullable);

/** Fixed parameter types; those after `required` may be left out. NULL in, NULL out. */
export function takes(
  params: readonly DataType[],
  type: DataType,
  { required = params.length, nullable = false }: { required?: number; nullable?: boolean } = {},
): Resolve {
  return (args) => {
    const wrong = arity(args, required, params.length);
    if (wrong !== undefined) return wrong;
    for (const [i, arg] of args.entries()) {
      const param = params[i];
      if (param === undefined || !fits(arg.type, param)) return mismatch(i, param, arg);
    }
    return { params: params.slice(0, args.length), type, nullable: nullable || anyNullable(args) };
  };
}

/** A moment is cut to its day where a function takes a date. */
const fits = (type: DataType, param: DataType): boolean =>
  canCastImplicitly(type, param) || (isDateTime(type) && param.kind === 'date');

/** Takes what `accept` says yes to and gives the same type back. */
export function sameAs(accept: (type: DataType) => boolean, wanted: string): Resolve {
  return (args) => {
    const wrong = arity(args, 1, 1);
    if (wrong !== undefined) return wrong;
    const [arg] = args;
    if (arg === undefined || !accept(arg.type)) return `it takes ${wanted}, not ${arg && typeName(arg.type)}`;
    return { params: [arg.type], type: arg.type, nullable: arg.nullable };
  };
}

/** All arguments meet in one type. */
export function meeting(
  minimum: number,
  result: (common: DataType, args: readonly Argument[]) => Signature | string,
  maximum = Number.POSITIVE_INFINITY,
): Resolve {
  return (args) => {
    const wrong = arity(args, minimum, maximum);
    if (wrong !== undefined) return wrong;
    const common = commonType(args.map((arg) => arg.type));
    if (common === undefined) {
      return `its arguments have no common type: ${args.map((arg) => typeName(arg.type)).join(', ')}`;
    }
    return result(common, args);
  };
}

export function arity(args: readonly Argument[], minimum: number, maximum: number): string | undefined {
  if (args.length >= minimum && args.length <= maximum) return undefined;
  const wanted =
    maximum === Number.POSITIVE_INFINITY
      ? `at least ${minimum}`
      : minimum === maximum
        ? String(minimum)
        : `${minimum} to ${maximum}`;
  return `it takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${args.length}`;
}

export const mismatch = (index: number, wanted: DataType | undefined, got: Argument): string =>
  `argument ${index + 1} should be ${wanted ? typeName(wanted) : 'left out'}, not ${typeName(got.type)}`;

/** A literal string argument, or a message. Patterns, formats and units must be written out. */
export function literalText(
  args: readonly Argument[],
  index: number,
  what: string,
): string | { readonly text: string } {
  const literal = args[index]?.literal;
  return typeof literal === 'string' ? { text: literal } : `its ${what} must be a string literal`;
}

/** The text of a literal argument while rendering. */
export function literalOf(call: RenderCall, index: number): string {
  const node = call.nodes[index];
  if (node?.kind === 'literal' && node.value !== null) return String(node.value);
  if (node?.kind === 'cast') return literalOf({ ...call, nodes: [node.operand] }, 0);
  throw new Error('a literal argument is not a literal');
}

/** A string as an engine literal. */
export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
