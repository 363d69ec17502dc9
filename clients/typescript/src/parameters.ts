/** Values of a program as parameters of a statement. */
import type { components } from './generated/api.js';

type StatementParameter = components['schemas']['StatementParameter'];

/** A value with the Spark type it is to have, as `{ type: 'decimal(10,2)', value: '9.90' }`. */
export interface TypedValue {
  readonly type: string;
  readonly value: string | number | boolean | null;
}
export type ParameterValue = string | number | boolean | null | bigint | Date | TypedValue;
/** By name for `:name`, in order for `?`. */
export type Parameters = Readonly<Record<string, ParameterValue>> | readonly ParameterValue[];

export function statementParameters(values: Parameters): StatementParameter[] {
  if (isList(values)) return values.map(parameter);
  return Object.entries(values).map(([name, value]) => ({ name, ...parameter(value) }));
}

const isList = (values: Parameters): values is readonly ParameterValue[] => Array.isArray(values);

function parameter(value: ParameterValue): StatementParameter {
  if (typeof value === 'bigint') return { type: 'bigint', value: String(value) };
  if (value instanceof Date) return { type: 'timestamp', value: value.toISOString() };
  if (typeof value === 'object' && value !== null) return { type: value.type, value: value.value };
  return { value };
}
