/** Data types as Spark writes them. */
import {
  type AtomicKind,
  array,
  type DataType,
  decimal,
  type IntervalUnit,
  map,
  type StructField,
  struct,
} from '../plan/types.js';
import type { Cursor } from './cursor.js';

const ATOMIC: Readonly<Record<string, AtomicKind>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'tinyint',
  BYTE: 'tinyint',
  SMALLINT: 'smallint',
  SHORT: 'smallint',
  INT: 'int',
  INTEGER: 'int',
  BIGINT: 'bigint',
  LONG: 'bigint',
  FLOAT: 'float',
  REAL: 'float',
  DOUBLE: 'double',
  STRING: 'string',
  BINARY: 'binary',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_LTZ: 'timestamp',
  TIMESTAMP_NTZ: 'timestamp_ntz',
  VOID: 'void',
};
const UNITS: readonly IntervalUnit[] = ['year', 'month', 'day', 'hour', 'minute', 'second'];
const DECIMAL_PRECISION_MAX = 38;

export function parseType(c: Cursor): DataType {
  return c.nested(() => {
    const token = c.token;
    if (token.kind !== 'word') throw c.unexpected('a type');
    const atomic = ATOMIC[token.upper];
    if (atomic !== undefined) {
      c.take();
      if (c.isWord('COLLATE')) throw c.refuse('COLLATE', 'Compare with lower(...) or upper(...).');
      return { kind: atomic };
    }
    switch (token.upper) {
      case 'DECIMAL':
      case 'DEC':
      case 'NUMERIC':
        return parseDecimal(c);
      case 'VARCHAR':
      case 'CHAR':
      case 'CHARACTER':
        throw c.refuse(`The type ${token.upper}`, 'Use STRING.');
      case 'TIME':
        throw c.refuse('The type TIME', 'Use TIMESTAMP.');
      case 'VARIANT':
      case 'GEOMETRY':
      case 'GEOGRAPHY':
        throw c.refuse(`The type ${token.upper}`, 'Use STRING, BINARY or a STRUCT.');
      case 'ARRAY': {
        c.take();
        c.expectSymbol('<');
        const element = parseType(c);
        closeAngle(c);
        return array(element);
      }
      case 'MAP': {
        c.take();
        c.expectSymbol('<');
        const key = parseType(c);
        c.expectSymbol(',');
        const value = parseType(c);
        closeAngle(c);
        return map(key, value);
      }
      case 'STRUCT':
        return parseStruct(c);
      case 'INTERVAL':
        return parseIntervalType(c);
      default:
        throw c.error(`${token.text} is not a type that Sluice reads.`, token.at, 'Use a Spark SQL type.');
    }
  });
}

function parseDecimal(c: Cursor): DataType {
  const at = c.at;
  c.take();
  if (!c.acceptSymbol('(')) return decimal(10, 0);
  const precision = wholeNumber(c);
  const scale = c.acceptSymbol(',') ? wholeNumber(c) : 0;
  c.expectSymbol(')');
  if (precision < 1 || precision > DECIMAL_PRECISION_MAX || scale > precision) {
    throw c.error(
      `decimal(${precision},${scale}) is not a type.`,
      at,
      'Precision is 1 to 38, scale at most the precision.',
    );
  }
  return decimal(precision, scale);
}

function wholeNumber(c: Cursor): number {
  const token = c.take();
  if (token.kind !== 'number' || token.suffix !== '' || !/^\d{1,9}$/.test(token.text)) {
    throw c.error('Expected a whole number.', token.at);
  }
  return Number(token.text);
}

/** `struct<a: int, b: string>`; nested closers may arrive as `>>`. */
function parseStruct(c: Cursor): DataType {
  c.take();
  if (c.acceptSymbol('<>')) return struct([]);
  c.expectSymbol('<');
  const fields: StructField[] = [];
  do {
    const name = c.identifier().name;
    c.acceptSymbol(':');
    fields.push({ name, type: parseType(c) });
    if (c.acceptWords('NOT', 'NULL')) continue;
  } while (c.acceptSymbol(','));
  closeAngle(c);
  return struct(fields);
}

function closeAngle(c: Cursor): void {
  if (!c.acceptAngle()) throw c.unexpected("'>'");
}

function parseIntervalType(c: Cursor): DataType {
  c.take();
  if (c.token.kind !== 'word') throw c.refuse('The calendar interval type', 'Use INTERVAL DAY TO SECOND.');
  const from = unit(c);
  const to = c.acceptWord('TO') ? unit(c) : from;
  const family = UNITS.indexOf(from) <= 1 ? 'year-month' : 'day-time';
  const toFamily = UNITS.indexOf(to) <= 1 ? 'year-month' : 'day-time';
  if (family !== toFamily || UNITS.indexOf(to) < UNITS.indexOf(from)) {
    throw c.error(`INTERVAL ${from} TO ${to} is not a type.`);
  }
  return { kind: 'interval', family, from, to };
}

function unit(c: Cursor): IntervalUnit {
  const token = c.take();
  const found = token.kind === 'word' ? UNITS.find((u) => u === token.text.toLowerCase()) : undefined;
  if (found === undefined) throw c.error('Expected YEAR, MONTH, DAY, HOUR, MINUTE or SECOND.', token.at);
  return found;
}
