/**
 * A value into a column, as Spark assigns it with ANSI on (Cast.canANSIStoreAssign): numbers to numbers, anything plain
 * to text, moments to moments; what does not fit at run time is an error. A text never becomes a number unasked.
 */
import type { Position } from '../errors.js';
import { isDateTime, isNumeric } from '../plan/coercion.js';
import type { Expr } from '../plan/plan.js';
import { type DataType, sameType, typeName } from '../plan/types.js';
import { typeMismatch } from './context.js';
import { bindCast } from './expression.js';

export function assigned(value: Expr, type: DataType, column: string, at: Position): Expr {
  if (sameType(value.type, type)) return value;
  if (!mayAssign(value.type, type)) {
    throw typeMismatch(
      `${typeName(value.type)} cannot be written to the column ${column}, which is ${typeName(type)}.`,
      at,
      `CAST the value to ${typeName(type)}.`,
    );
  }
  return bindCast(value, type, false, at);
}

function mayAssign(from: DataType, to: DataType): boolean {
  if (sameType(from, to) || from.kind === 'void') return true;
  if (isNumeric(from) && isNumeric(to)) return true;
  if (isDateTime(from) && isDateTime(to)) return true;
  if (to.kind === 'string') return !['array', 'map', 'struct'].includes(from.kind);
  if (from.kind === 'array' && to.kind === 'array') return mayAssign(from.element, to.element);
  if (from.kind === 'map' && to.kind === 'map')
    return mayAssign(from.key, to.key) && mayAssign(from.value, to.value);
  if (from.kind === 'struct' && to.kind === 'struct') {
    const { fields } = to;
    return (
      from.fields.length === fields.length &&
      from.fields.every((field, i) => mayAssign(field.type, fields[i]?.type ?? field.type))
    );
  }
  return false;
}
