/**
 * One entry of the function table: what Spark calls it, what it takes and gives, how DuckDB must be told to
 * do the same, and what it may betray. A function that has no entry does not exist for a user.
 */
import type { Expr } from '../../plan/plan.js';
import type { DataType } from '../../plan/types.js';

export interface Argument {
  readonly type: DataType;
  readonly nullable: boolean;
  /** Present when the argument is a constant: patterns, formats and units must be. */
  readonly literal?: null | boolean | bigint | number | string;
  readonly isLambda?: boolean;
}

/** What a lambda is handed, and what of it need not be named. */
export interface LambdaShape {
  /** Places of the arguments that are lambdas. */
  readonly at: readonly number[];
  /** The parameters of the lambda at `index`, by the arguments before it; or what does not fit. */
  parameters(before: readonly Argument[], index: number): readonly LambdaParameter[] | string;
  /** So many at the end may be left out: the place of an item. */
  readonly optional?: number;
}
export interface LambdaParameter {
  readonly type: DataType;
  readonly nullable: boolean;
}

export interface Signature {
  /** The type each argument is cast to (implicitly, as Spark would). Same length as the arguments. */
  readonly params: readonly DataType[];
  readonly type: DataType;
  readonly nullable: boolean;
}

export interface RenderCall {
  /** Arguments as engine SQL; each can stand as an operand as it is (parenthesised where needed). */
  readonly args: readonly string[];
  readonly types: readonly DataType[];
  readonly nodes: readonly Expr[];
  readonly type: DataType;
}

export interface FunctionSpec {
  /** Canonical Spark name, lower case; operators by their symbol. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly kind: 'scalar' | 'aggregate' | 'window';
  /** Only for the rewriter (mask kernels); a user who names it gets FUNCTION_NOT_ALLOWED. */
  readonly internal?: boolean;
  /** Operators and syntax forms are written by the parser, not called by name. */
  readonly operator?: boolean;
  /** Of a higher-order function. */
  readonly lambda?: LambdaShape;
  /** Names that arguments can be given by, in order; with a default, one can be left out. */
  readonly named?: readonly { readonly name: string; readonly default?: string | null }[];
  readonly deterministic: boolean;
  /** Of doubles, the last digits may differ between engines: their mathematical libraries do. */
  readonly approximate?: boolean;
  /**
   * Can an evaluation over some value raise an error (or print a value) on DuckDB? Proved, see DESIGN section
   * 4.
   */
  mayRaise(types: readonly DataType[], nodes: readonly Expr[]): boolean;
  /**
   * The signature for these arguments, or a sentence saying what does not fit (the binder adds position and
   * code).
   */
  resolve(args: readonly Argument[]): Signature | string;
  /** DuckDB SQL of one call. For aggregates and window functions: the call without OVER/FILTER/ORDER BY. */
  duckdb(call: RenderCall): string;
  /** Spark SQL of one call; absent: `system.builtin`-less plain `name(args)` (operators: infix). */
  spark?(call: RenderCall): string;
  /** One line for the reference page. */
  readonly summary: string;
}
