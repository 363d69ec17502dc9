/**
 * Statement parameters as typed literals. A value that does not fit its type is refused here, before anything
 * is bound: a parameter never becomes SQL text.
 */
import { GovernanceError } from '../core/errors.js';
import type { LiteralExpr } from '../core/plan/plan.js';
import {
  BIGINT,
  BOOLEAN,
  type DataType,
  type DecimalType,
  DOUBLE,
  INT,
  STRING,
  typeName,
  VOID,
} from '../core/plan/types.js';
import { parseDataType } from '../core/sql/parse.js';
import type { StatementParameter } from './statement.js';

const INTEGER_BITS = { tinyint: 8n, smallint: 16n, int: 32n, bigint: 64n } as const;
const DATE_FORM = /^\d{4}-\d{2}-\d{2}$/;
const TIMESTAMP_FORM = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})?$/;
const DECIMAL_FORM = /^([+-]?)(\d+)(?:\.(\d*))?$/;

export interface BoundParameters {
  readonly named: ReadonlyMap<string, LiteralExpr>;
  readonly positional: readonly LiteralExpr[];
}

/** Throws PARAMETER_INVALID for a value that does not fit and for a name given twice. */
export function bindParameters(parameters: readonly StatementParameter[]): BoundParameters {
  const named = new Map<string, LiteralExpr>();
  const positional: LiteralExpr[] = [];
  for (const parameter of parameters) {
    const label = parameter.name === undefined ? `number ${positional.length + 1}` : `:${parameter.name}`;
    const literal = literalOf(parameter, label);
    if (parameter.name === undefined) positional.push(literal);
    else if (named.has(parameter.name)) throw invalid(label, 'is given twice');
    else named.set(parameter.name, literal);
  }
  return { named, positional };
}

function literalOf(parameter: StatementParameter, label: string): LiteralExpr {
  const type = parameter.type === undefined ? naturalType(parameter.value) : typeOf(parameter.type, label);
  if (parameter.value === null) return { kind: 'literal', type, nullable: true, value: null };
  const value = literalValue(parameter.value, type);
  if (value === undefined) throw invalid(label, `is not a value of type ${typeName(type)}`);
  return { kind: 'literal', type, nullable: false, value };
}

function typeOf(text: string, label: string): DataType {
  try {
    return parseDataType(text);
  } catch (cause) {
    throw new GovernanceError(
      'PARAMETER_INVALID',
      `Parameter ${label}: ${text} is not a Spark type.`,
      {},
      cause,
    );
  }
}

function naturalType(value: StatementParameter['value']): DataType {
  if (value === null) return VOID;
  if (typeof value === 'boolean') return BOOLEAN;
  if (typeof value === 'string') return STRING;
  if (!Number.isSafeInteger(value)) return DOUBLE;
  return Math.abs(value) <= 2147483647 ? INT : BIGINT;
}

/** The literal's value as the bound plan has it; undefined when it does not fit. */
function literalValue(value: string | number | boolean, type: DataType): LiteralExpr['value'] | undefined {
  switch (type.kind) {
    case 'boolean':
      return booleanOf(value);
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return integerOf(value, INTEGER_BITS[type.kind]);
    case 'float':
    case 'double':
      return doubleOf(value);
    case 'decimal':
      return decimalOf(value, type);
    case 'string':
      return typeof value === 'string' && !value.includes('\0') ? value : undefined;
    case 'binary':
      return binaryOf(value);
    case 'date':
      return typeof value === 'string' && DATE_FORM.test(value) && isDay(value) ? value : undefined;
    case 'timestamp':
    case 'timestamp_ntz':
      return timestampOf(value, type.kind === 'timestamp');
    default:
      return undefined;
  }
}

function booleanOf(value: string | number | boolean): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 'true') return true;
  return value === 'false' ? false : undefined;
}

function integerOf(value: string | number | boolean, bits: bigint): bigint | undefined {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string' || !/^[+-]?\d{1,20}$/.test(text)) return undefined;
  const whole = BigInt(text);
  return BigInt.asIntN(Number(bits), whole) === whole ? whole : undefined;
}

function doubleOf(value: string | number | boolean): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  if (value === 'NaN') return Number.NaN;
  const parsed = Number(value);
  return Number.isNaN(parsed) ? undefined : parsed;
}

function decimalOf(value: string | number | boolean, type: DecimalType): string | undefined {
  const parts = DECIMAL_FORM.exec(String(value));
  if (parts === null || typeof value === 'boolean') return undefined;
  const whole = (parts[2] ?? '').replace(/^0+(?=\d)/, '');
  const fraction = (parts[3] ?? '').padEnd(type.scale, '0');
  const digits = whole === '0' ? 0 : whole.length;
  if (digits > type.precision - type.scale || fraction.length > type.scale) return undefined;
  const sign = parts[1] === '-' ? '-' : '';
  return type.scale === 0 ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

function binaryOf(value: string | number | boolean): string | undefined {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) return undefined;
  return Buffer.from(value, 'base64').toString('hex');
}

/** `zoned`: an offset is applied, none means UTC. Without a zone an offset does not fit. */
function timestampOf(value: string | number | boolean, zoned: boolean): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (DATE_FORM.test(value) && isDay(value)) return `${value} 00:00:00`;
  const parts = TIMESTAMP_FORM.exec(value);
  if (parts === null) return undefined;
  const [, day = '', time = '', fraction = '', zone] = parts;
  const instant = Date.parse(`${day}T${time}${zoned ? (zone ?? 'Z') : 'Z'}`);
  if (!isDay(day) || Number.isNaN(instant) || (!zoned && zone !== undefined)) return undefined;
  return `${new Date(instant).toISOString().slice(0, 19).replace('T', ' ')}${fraction}`;
}

/** Refuses 2026-02-30, which Date would roll over. */
const isDay = (text: string): boolean => {
  const instant = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text);
};

const invalid = (label: string, what: string): GovernanceError =>
  new GovernanceError('PARAMETER_INVALID', `Parameter ${label} ${what}.`, {
    remedy: 'Send the value as JSON of that type, or leave the type out.',
  });
