/** Literals, names and types as Spark SQL text. */
import type { DataType, IntervalUnit } from '../plan/types.js';
import type { Identifier, LiteralValue, QualifiedName } from './ast.js';

export const printIdentifier = (identifier: Pick<Identifier, 'name'>): string =>
  `\`${identifier.name.replaceAll('`', '``')}\``;

export const printName = (name: QualifiedName): string => name.map(printIdentifier).join('.');

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
};

/**
 * A text as a Spark string literal. By their code point: control characters, so that a printed statement is
 * one line, and the dollar of `${...}`, which Spark would replace by a setting or a variable of its process.
 */
export const printString = (text: string): string =>
  `'${text.replace(
    /\$(?=\{)|[\\'\p{Cc}\u2028\u2029\ufeff]/gu,
    (c) => ESCAPES[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}'`;

export function printLiteral(value: LiteralValue): string {
  switch (value.type) {
    case 'null':
      return 'NULL';
    case 'boolean':
      return value.value ? 'TRUE' : 'FALSE';
    case 'string':
      return printString(value.value);
    case 'number':
      return value.text + numberSuffix(value);
    case 'binary':
      return `X'${value.hex}'`;
    case 'date':
      return `DATE ${printString(value.text)}`;
    case 'timestamp':
      return `TIMESTAMP ${printString(value.text)}`;
    case 'timestamp_ntz':
      return `TIMESTAMP_NTZ ${printString(value.text)}`;
    case 'interval':
      return printInterval(value);
  }
}

function numberSuffix({ text, as }: Extract<LiteralValue, { type: 'number' }>): string {
  switch (as) {
    case 'int':
      return '';
    case 'bigint':
      return 'L';
    case 'smallint':
      return 'S';
    case 'tinyint':
      return 'Y';
    case 'float':
      return 'F';
    case 'double':
      return /e/i.test(text) ? '' : 'D';
    case 'decimal':
      return text.includes('.') ? '' : 'BD';
  }
}

const MICROS_PER: Readonly<Record<string, bigint>> = {
  day: 86_400_000_000n,
  hour: 3_600_000_000n,
  minute: 60_000_000n,
  second: 1_000_000n,
};
const DAY_TIME_UNITS: readonly IntervalUnit[] = ['day', 'hour', 'minute', 'second'];

function printInterval({ family, from, to, amount }: Extract<LiteralValue, { type: 'interval' }>): string {
  const total = BigInt(amount);
  const rest = total < 0n ? -total : total;
  const body = family === 'year-month' ? yearMonth(from, to, rest) : dayTime(from, to, rest);
  const units = from === to ? from : `${from} TO ${to}`;
  return `INTERVAL '${total < 0n ? '-' : ''}${body}' ${units.toUpperCase()}`;
}

function yearMonth(from: string, to: string, months: bigint): string {
  if (from === 'month') return String(months);
  return to === 'year' ? String(months / 12n) : `${months / 12n}-${months % 12n}`;
}

/** The first unit takes all that is left, the others two digits each. */
function dayTime(from: IntervalUnit, to: IntervalUnit, micros: bigint): string {
  const units = DAY_TIME_UNITS.slice(DAY_TIME_UNITS.indexOf(from), DAY_TIME_UNITS.indexOf(to) + 1);
  let rest = micros;
  let out = '';
  for (const unit of units) {
    const micro = MICROS_PER[unit] ?? 1n;
    const count = rest / micro;
    rest %= micro;
    const separator = out === '' ? '' : unit === 'hour' ? ' ' : ':';
    out += separator + (out === '' ? String(count) : String(count).padStart(2, '0'));
    if (unit === 'second' && rest > 0n) out += `.${String(rest).padStart(6, '0').replace(/0+$/, '')}`;
  }
  return out;
}

/** A type with its field names quoted; `typeName` is for people. */
export function printType(type: DataType): string {
  switch (type.kind) {
    case 'decimal':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'interval':
      return `INTERVAL ${type.from === type.to ? type.from : `${type.from} TO ${type.to}`}`.toUpperCase();
    case 'array':
      return `ARRAY<${printType(type.element)}>`;
    case 'map':
      return `MAP<${printType(type.key)}, ${printType(type.value)}>`;
    case 'struct':
      return `STRUCT<${type.fields.map((f) => `${printIdentifier(f)}: ${printType(f.type)}`).join(', ')}>`;
    default:
      return type.kind.toUpperCase();
  }
}
