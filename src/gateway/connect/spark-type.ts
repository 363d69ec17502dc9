/** Types of a Spark schema message in our terms. What we have no type for cannot be named in SQL. */
import type { ColumnMeta } from '../../core/catalog/catalog.js';
import { caseOf, type PlanMessage, textOf } from '../../core/plan/connect/message.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import {
  array,
  BIGINT,
  BINARY,
  BOOLEAN,
  DATE,
  type DataType,
  DOUBLE,
  decimal,
  FLOAT,
  INT,
  type IntervalUnit,
  map,
  SMALLINT,
  STRING,
  struct,
  TIMESTAMP,
  TIMESTAMP_NTZ,
  TINYINT,
  VOID,
} from '../../core/plan/types.js';

import { printType } from '../../core/sql/print-literal.js';
import type { NamedType } from '../lineage-teller.js';

const DEFAULT_PRECISION = 10;
const ATOMIC: Readonly<Record<string, DataType>> = {
  null: VOID,
  boolean: BOOLEAN,
  byte: TINYINT,
  short: SMALLINT,
  integer: INT,
  long: BIGINT,
  float: FLOAT,
  double: DOUBLE,
  string: STRING,
  char: STRING,
  varChar: STRING,
  binary: BINARY,
  date: DATE,
  timestamp: TIMESTAMP,
  timestampNtz: TIMESTAMP_NTZ,
};
const MONTH_UNITS: readonly IntervalUnit[] = ['year', 'month'];
const TIME_UNITS: readonly IntervalUnit[] = ['day', 'hour', 'minute', 'second'];

/** Columns of a schema by name and type, for people: types that we have none for go by Spark's name. */
export function shownSchema(schema: PlanMessage): readonly NamedType[] {
  const { case: kind, value } = caseOf(schema, 'kind');
  if (kind !== 'struct') return [];
  return (value.fields as readonly PlanMessage[]).map((field) => ({
    name: textOf(field, 'name'),
    type: shownType(field.dataType as PlanMessage),
  }));
}

function shownType(type: PlanMessage): string {
  try {
    return printType(dataType(type));
  } catch {
    return caseOf(type, 'kind').case;
  }
}

/** The columns of a schema. */
export function readSparkType(schema: PlanMessage): readonly ColumnMeta[] {
  const { case: kind, value } = caseOf(schema, 'kind');
  if (kind !== 'struct') throw new Error('a schema is not a struct');
  return (value.fields as readonly PlanMessage[]).map((field) => ({
    name: textOf(field, 'name'),
    type: dataType(field.dataType as PlanMessage),
    nullable: field.nullable === true,
    tags: [],
  }));
}

export function dataType(message: PlanMessage): DataType {
  const { case: kind, value } = caseOf(message, 'kind');
  const atomic = Object.hasOwn(ATOMIC, kind) ? ATOMIC[kind] : undefined;
  if (atomic !== undefined) return atomic;
  switch (kind) {
    case 'decimal':
      return decimal(Number(value.precision ?? DEFAULT_PRECISION), Number(value.scale ?? 0));
    case 'array':
      return array(dataType(value.elementType as PlanMessage));
    case 'map':
      return map(dataType(value.keyType as PlanMessage), dataType(value.valueType as PlanMessage));
    case 'struct':
      return struct(
        (value.fields as readonly PlanMessage[]).map((field) => ({
          name: textOf(field, 'name'),
          type: dataType(field.dataType as PlanMessage),
        })),
      );
    case 'yearMonthInterval':
      return interval('year-month', MONTH_UNITS, value);
    case 'dayTimeInterval':
      return interval('day-time', TIME_UNITS, value);
    default:
      throw notAllowed(`A column of the type ${kind} in a relation that SQL names`);
  }
}

function interval(
  family: 'year-month' | 'day-time',
  units: readonly IntervalUnit[],
  value: PlanMessage,
): DataType {
  const last = units.length - 1;
  const from = units[Number(value.startField ?? 0)] ?? 'year';
  const to = units[Number(value.endField ?? last)] ?? 'month';
  return { kind: 'interval', family, from, to };
}
