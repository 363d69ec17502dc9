/**
 * Small constructors for the expressions that the rewriter puts in: every call goes through the function
 * table, so what Sluice injects is typed and rendered exactly like what a user writes.
 */
import type { CallExpr, CaseExpr, ColumnExpr, Expr, LiteralExpr, ScanColumn } from '../plan/plan.js';
import { BOOLEAN, type DataType, INT, STRING, sameType, typeName } from '../plan/types.js';
import type { Argument } from '../sql/functions/spec.js';
import { functionTable } from '../sql/functions/table.js';

export const columnOf = (column: ScanColumn): ColumnExpr => ({
  kind: 'column',
  id: column.id,
  type: column.type,
  nullable: column.nullable,
});

export const nullOf = (type: DataType): LiteralExpr => ({
  kind: 'literal',
  type,
  nullable: true,
  value: null,
});
export const textOf = (value: string): LiteralExpr => ({
  kind: 'literal',
  type: STRING,
  nullable: false,
  value,
});
export const intOf = (value: number): LiteralExpr => ({
  kind: 'literal',
  type: INT,
  nullable: false,
  value: BigInt(value),
});
export const booleanOf = (value: boolean): LiteralExpr => ({
  kind: 'literal',
  type: BOOLEAN,
  nullable: false,
  value,
});

/**
 * `CAST(expr AS type)` or, with `isTry`, NULL where the value does not fit; the expression itself when it has
 * the type.
 */
export const castTo = (expr: Expr, type: DataType, isTry: boolean): Expr =>
  sameType(expr.type, type)
    ? expr
    : { kind: 'cast', operand: expr, type, nullable: isTry || expr.nullable, try: isTry, implicit: true };

/**
 * A call of a table function with its arguments cast to what the table says. Throws on a programming error
 * only.
 */
export function callOf(fn: string, args: readonly Expr[]): CallExpr {
  const spec = functionTable.lookup(fn);
  if (spec === undefined) throw new Error(`rewriter uses ${fn}, which is not in the function table`);
  const signature = spec.resolve(args.map(argumentOf));
  if (typeof signature === 'string') {
    throw new Error(`rewriter: ${fn}(${args.map((a) => typeName(a.type)).join(', ')}): ${signature}`);
  }
  return {
    kind: 'call',
    fn: spec.name,
    args: args.map((arg, i) => castTo(arg, signature.params[i] ?? arg.type, false)),
    type: signature.type,
    nullable: signature.nullable,
  };
}

/** NULL stays NULL, everything else becomes `value`. */
export const unlessNull = (column: ColumnExpr, value: Expr): CaseExpr => ({
  kind: 'case',
  branches: [{ when: callOf('is_null', [column]), then: nullOf(value.type) }],
  otherwise: value,
  type: value.type,
  nullable: true,
});

const argumentOf = (expr: Expr): Argument => ({
  type: expr.type,
  nullable: expr.nullable,
  ...(expr.kind === 'literal' ? { literal: expr.value } : {}),
});
