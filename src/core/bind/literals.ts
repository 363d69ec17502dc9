/** Literals of the syntax tree as typed literals, and casts of literals that need no engine. */
import { type Position } from '../errors.js';
import { isInteger } from '../plan/coercion.js';
import type { Expr, LiteralExpr } from '../plan/plan.js';
import {
  BINARY,
  BOOLEAN,
  DATE,
  type DataType,
  type DecimalType,
  DOUBLE,
  decimal,
  FLOAT,
  STRING,
  sameType,
  VOID,
} from '../plan/types.js';
import type { LiteralValue } from '../sql/ast.js';
import { invalid } from './context.js';

export const literal = (type: DataType, value: LiteralExpr['value']): LiteralExpr => ({
  kind: 'literal',
  type,
  value,
  nullable: value === null,
});

export function bindLiteral(value: LiteralValue, at: Position): LiteralExpr {
  switch (value.type) {
    case 'null':
      return literal(VOID, null);
    case 'boolean':
      return literal(BOOLEAN, value.value);
    case 'string':
      return literal(STRING, value.value);
    case 'binary':
      return literal(BINARY, value.hex);
    case 'number':
      return numberLiteral(value.text, value.as);
    case 'interval':
      return literal(
        { kind: 'interval', family: value.family, from: value.from, to: value.to },
        BigInt(value.amount),
      );
    case 'date': {
      const day = dateText(value.text);
      if (day === undefined) throw invalid(`'${value.text}' is not a date.`, at, "Write DATE 'YYYY-MM-DD'.");
      return literal(DATE, day);
    }
    case 'timestamp':
    case 'timestamp_ntz': {
      const moment = timestampText(value.text, value.type === 'timestamp');
      if (moment === undefined) {
        throw invalid(`'${value.text}' is not a timestamp.`, at, "Write TIMESTAMP 'YYYY-MM-DD HH:MM:SS'.");
      }
      return literal({ kind: value.type }, moment);
    }
  }
}

function numberLiteral(text: string, as: Extract<LiteralValue, { type: 'number' }>['as']): LiteralExpr {
  if (as === 'double' || as === 'float') return literal(as === 'float' ? FLOAT : DOUBLE, Number(text));
  if (as !== 'decimal') return literal({ kind: as }, BigInt(text));
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const digits = (whole + fraction).replace(/^0+/, '').length;
  return literal(decimal(Math.max(digits, fraction.length, 1), fraction.length), text);
}

/**
 * `2024`, `2024-3`, `2024-03-01`, with a time behind it that is dropped. Canonical `YYYY-MM-DD`, or
 * undefined.
 */
export function dateText(text: string): string | undefined {
  const match = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?$/.exec(text.trim());
  if (match === null) return undefined;
  const day = `${match[1]}-${(match[2] ?? '1').padStart(2, '0')}-${(match[3] ?? '1').padStart(2, '0')}`;
  const instant = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(day) ? day : undefined;
}

const TIME = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?$/;

/** `YYYY-MM-DD HH:MM:SS[.ffffff]` in UTC. A zone is applied when `zoned`, and refused otherwise. */
export function timestampText(text: string, zoned: boolean): string | undefined {
  const [, dayPart = '', rest = ''] = /^(\S+?)(?:[ T](.*))?$/.exec(text.trim()) ?? [];
  const day = dateText(dayPart);
  if (day === undefined) return undefined;
  if (rest === '') return `${day} 00:00:00`;
  const zone = /\s*(Z|UTC|GMT|[+-]\d{1,2}:?\d{2})$/i.exec(rest);
  if (zone !== null && !zoned) return undefined;
  const time = TIME.exec(zone === null ? rest : rest.slice(0, zone.index));
  if (time === null) return undefined;
  const [, h = '', m = '', s = '0', fraction = ''] = time;
  if (Number(h) > 23 || Number(m) > 59 || Number(s) > 59) return undefined;
  const clock = [h, m, s].map((part) => part.padStart(2, '0')).join(':');
  const instant = Date.parse(`${day}T${clock}Z`) - offsetMs(zone?.[1]);
  const micros = fraction.slice(0, 6).padEnd(6, '0');
  const suffix = Number(micros) === 0 ? '' : `.${micros}`;
  return `${new Date(instant).toISOString().slice(0, 19).replace('T', ' ')}${suffix}`;
}

function offsetMs(zone: string | undefined): number {
  const match = /^([+-])(\d{1,2}):?(\d{2})$/.exec(zone ?? '');
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === '-' ? -minutes : minutes) * 60_000;
}

const BITS = { tinyint: 8, smallint: 16, int: 32, bigint: 64 } as const;

/** The literal in another type, where that is certain; undefined leaves the cast to the engine. */
export function castLiteral(expr: LiteralExpr, type: DataType): LiteralExpr | undefined {
  if (sameType(expr.type, type)) return expr;
  if (expr.value === null) return literal(type, null);
  const { value } = expr;
  if (typeof value === 'bigint' && isInteger(expr.type)) return fromWhole(value, type);
  if (expr.type.kind === 'decimal' && type.kind === 'decimal' && typeof value === 'string') {
    return rescaled(value, type);
  }
  if (expr.type.kind === 'decimal' && type.kind === 'double') return literal(type, Number(value));
  if (expr.type.kind === 'float' && type.kind === 'double') return literal(type, Math.fround(Number(value)));
  if (expr.type.kind === 'string' && typeof value === 'string') return fromText(value, type);
  if (expr.type.kind === 'date' && type.kind !== 'string' && typeof value === 'string') {
    return type.kind === 'timestamp' || type.kind === 'timestamp_ntz'
      ? literal(type, `${value} 00:00:00`)
      : undefined;
  }
  return undefined;
}

function fromWhole(value: bigint, type: DataType): LiteralExpr | undefined {
  if (type.kind in BITS) {
    const bits = BITS[type.kind as keyof typeof BITS];
    return BigInt.asIntN(bits, value) === value ? literal(type, value) : undefined;
  }
  if (type.kind === 'decimal') return rescaled(String(value), type);
  if (type.kind === 'double' && value >= -(2n ** 53n) && value <= 2n ** 53n)
    return literal(type, Number(value));
  return type.kind === 'string' ? literal(type, String(value)) : undefined;
}

function rescaled(text: string, type: DecimalType): LiteralExpr | undefined {
  const [whole = '0', fraction = ''] = text.split('.');
  if (fraction.length > type.scale && /[1-9]/.test(fraction.slice(type.scale))) return undefined;
  const digits = whole.replace('-', '').replace(/^0+/, '').length;
  if (digits > type.precision - type.scale) return undefined;
  const places = fraction.slice(0, type.scale).padEnd(type.scale, '0');
  return literal(type, type.scale === 0 ? whole : `${whole}.${places}`);
}

function fromText(text: string, type: DataType): LiteralExpr | undefined {
  if (type.kind === 'date') {
    const day = dateText(text);
    return day === undefined ? undefined : literal(type, day);
  }
  if (type.kind === 'timestamp' || type.kind === 'timestamp_ntz') {
    const moment = timestampText(text, type.kind === 'timestamp');
    return moment === undefined ? undefined : literal(type, moment);
  }
  if (type.kind in BITS && /^\s*[+-]?\d{1,18}\s*$/.test(text)) return fromWhole(BigInt(text.trim()), type);
  if (type.kind === 'double' && /^\s*[+-]?\d{1,15}(\.\d{1,10})?\s*$/.test(text))
    return literal(type, Number(text));
  return undefined;
}

/** `CAST(expr AS type)` put in by bind; the expression itself when it already has the type. */
export function implicitCast(expr: Expr, type: DataType, at?: Position): Expr {
  if (sameType(expr.type, type)) return expr;
  const known = expr.kind === 'literal' ? castLiteral(expr, type) : undefined;
  if (known !== undefined) return known;
  return {
    kind: 'cast',
    operand: expr,
    type,
    nullable: expr.nullable,
    try: false,
    implicit: true,
    ...(at === undefined ? {} : { at }),
  };
}
