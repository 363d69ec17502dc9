/** Literals: numbers, strings, typed literals, intervals. */
import type { Position } from '../errors.js';
import type { IntervalUnit } from '../plan/types.js';
import type { Expression, Literal, LiteralValue } from './ast.js';
import type { Cursor } from './cursor.js';
import { intervalFromParts, intervalFromText } from './interval-text.js';

const INT_MAX = 2147483647n;
const LONG_MAX = 9223372036854775807n;
const DECIMAL_DIGITS_MAX = 38;

/** A number or string at the cursor; `sign`: a minus was read before it. */
export function parseLiteral(c: Cursor, sign?: { negative: true; at: Position }): Literal {
  const token = c.take();
  const at = sign?.at ?? token.at;
  if (token.kind === 'number') return { kind: 'literal', value: number(c, token, sign !== undefined), at };
  if (token.kind !== 'string') throw c.error('Expected a literal.', token.at);
  let text = token.text;
  // Adjacent strings are one string.
  while (c.token.kind === 'string') text += (c.take() as { text: string }).text;
  return { kind: 'literal', value: { type: 'string', value: text }, at };
}

const SUFFIX_TYPES = {
  L: 'bigint',
  S: 'smallint',
  Y: 'tinyint',
  F: 'float',
  D: 'double',
  BD: 'decimal',
} as const;
const SUFFIX_BITS = { bigint: 64n, smallint: 16n, tinyint: 8n } as const;

function number(
  c: Cursor,
  token: { text: string; suffix: string; at: Position },
  negative: boolean,
): LiteralValue {
  const text = (negative ? '-' : '') + token.text;
  if (token.suffix !== '') {
    const as = SUFFIX_TYPES[token.suffix as keyof typeof SUFFIX_TYPES];
    if (as in SUFFIX_BITS) {
      const bits = Number(SUFFIX_BITS[as as keyof typeof SUFFIX_BITS]);
      if (!/^-?\d+$/.test(text) || BigInt.asIntN(bits, BigInt(text)) !== BigInt(text)) {
        throw c.error(`${text}${token.suffix} is out of range.`, token.at);
      }
    }
    requireFinite(c, Number(as === 'float' ? Math.fround(Number(text)) : text), token);
    if (as === 'decimal') return { type: 'number', text: plainDecimal(c, text, token.at), as };
    return { type: 'number', text, as };
  }
  if (/[eE]/.test(text)) {
    requireFinite(c, Number(text), token);
    return { type: 'number', text, as: 'double' };
  }
  if (text.includes('.')) return { type: 'number', text: plainDecimal(c, text, token.at), as: 'decimal' };
  const value = BigInt(text);
  if (value <= INT_MAX && value >= -INT_MAX - 1n) return { type: 'number', text: String(value), as: 'int' };
  if (value <= LONG_MAX && value >= -LONG_MAX - 1n)
    return { type: 'number', text: String(value), as: 'bigint' };
  return { type: 'number', text: plainDecimal(c, text, token.at), as: 'decimal' };
}

function requireFinite(
  c: Cursor,
  value: number,
  token: { text: string; suffix: string; at: Position },
): void {
  if (!Number.isFinite(value)) throw c.error(`${token.text}${token.suffix} is out of range.`, token.at);
}

/** Digits without exponent, at most 38 of them. */
function plainDecimal(c: Cursor, text: string, at: Position): string {
  const [mantissa = '', exponentText] = text.split(/[eE]/);
  const exponent = Number(exponentText ?? 0);
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  if (Math.abs(exponent) > DECIMAL_DIGITS_MAX) throw c.error('The number has more than 38 digits.', at);
  let digits = whole + fraction;
  let scale = fraction.length - exponent;
  if (scale < 0) {
    digits += '0'.repeat(-scale);
    scale = 0;
  }
  digits = digits
    .padStart(scale + 1, '0')
    .replace(/^0+(?=\d)/, (zeros) => zeros.slice(0, Math.max(0, scale + 1 - (digits.length - zeros.length))));
  if (digits.replace(/^0+/, '').length > DECIMAL_DIGITS_MAX || scale > DECIMAL_DIGITS_MAX) {
    throw c.error('The number has more than 38 digits.', at);
  }
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** DATE '...', TIMESTAMP '...', X'...': a type name directly before a string. */
export function parseTypedLiteral(c: Cursor): Expression | undefined {
  const token = c.token;
  const next = c.ahead(1);
  if (token.kind !== 'word' || next.kind !== 'string') return undefined;
  const at = token.at;
  const types = {
    DATE: 'date',
    TIMESTAMP: 'timestamp',
    TIMESTAMP_LTZ: 'timestamp',
    TIMESTAMP_NTZ: 'timestamp_ntz',
  } as const;
  const type = types[token.upper as keyof typeof types];
  if (type !== undefined) {
    c.take();
    c.take();
    return { kind: 'literal', value: { type, text: next.text }, at };
  }
  if (token.upper === 'TIME') throw c.refuse('The type TIME', 'Use a TIMESTAMP.');
  if (token.upper !== 'X') return undefined;
  c.take();
  c.take();
  const hex = next.text.toLowerCase();
  if (!/^[0-9a-f]*$/.test(hex)) throw c.error("X'...' takes hexadecimal digits.", next.at);
  return { kind: 'literal', value: { type: 'binary', hex: hex.length % 2 === 1 ? `0${hex}` : hex }, at };
}

const UNITS: Readonly<Record<string, IntervalUnit | 'week' | 'millisecond' | 'microsecond'>> = {
  YEAR: 'year',
  MONTH: 'month',
  WEEK: 'week',
  DAY: 'day',
  HOUR: 'hour',
  MINUTE: 'minute',
  SECOND: 'second',
  MILLISECOND: 'millisecond',
  MICROSECOND: 'microsecond',
};
const unitOf = (word: string) => UNITS[word] ?? UNITS[word.replace(/S$/, '')];

/** INTERVAL in its ANSI and multi-unit forms; undefined when `interval` is a name here. */
export function parseInterval(c: Cursor): Expression | undefined {
  const at = c.at;
  const first = c.ahead(1);
  const signed = c.symbolAt(1, '-', '+') && ['number', 'string'].includes(c.ahead(2).kind);
  if (first.kind !== 'string' && first.kind !== 'number' && !signed) return undefined;
  // `interval - 'text'` is a subtraction.
  const unit = c.ahead(3);
  if (signed && (unit.kind !== 'word' || unitOf(unit.upper) === undefined)) return undefined;
  c.take();
  const parts: { amount: string; unit: string }[] = [];
  for (;;) {
    if (parts.length > 0 && !partAhead(c)) break;
    const negative = c.isSymbol('-');
    c.acceptSymbol('-', '+');
    const amount = c.take();
    if (amount.kind !== 'number' && amount.kind !== 'string') throw c.error('Expected an amount.', amount.at);
    const unitToken = c.token;
    const unit = unitToken.kind === 'word' ? unitOf(unitToken.upper) : undefined;
    if (unit === undefined) {
      // INTERVAL '3 days 2 hours'
      if (amount.kind !== 'string' || parts.length > 0) throw c.unexpected('a unit');
      return literal(c, intervalFromText(amount.text, negative), at);
    }
    c.take();
    if (parts.length === 0 && c.acceptWord('TO')) {
      const toToken = c.take();
      const to = toToken.kind === 'word' ? unitOf(toToken.upper) : undefined;
      if (amount.kind !== 'string' || to === undefined)
        throw c.error('INTERVAL ... TO takes a string and two units.', at);
      return literal(c, intervalFromText(amount.text, negative, unit, to), at);
    }
    parts.push({ amount: withSign(amount.text.trim(), negative), unit });
  }
  return literal(c, intervalFromParts(parts), at);
}

/** `2 hours` after `1 day`; in `INTERVAL 1 DAY - 1` the number is no part of the interval. */
function partAhead(c: Cursor): boolean {
  const n = c.symbolAt(0, '-', '+') ? 1 : 0;
  const unit = c.ahead(n + 1);
  return (
    ['number', 'string'].includes(c.ahead(n).kind) && unit.kind === 'word' && unitOf(unit.upper) !== undefined
  );
}

const withSign = (amount: string, negative: boolean): string => {
  if (!negative) return amount;
  return amount.startsWith('-') ? amount.slice(1) : `-${amount.replace(/^\+/, '')}`;
};

function literal(c: Cursor, value: LiteralValue | undefined, at: Position): Literal {
  if (value === undefined) {
    throw c.error(
      'This is not an interval of years and months, or of days and times.',
      at,
      'Do not mix months with days; write e.g. INTERVAL 1 DAY 2 HOURS.',
    );
  }
  return { kind: 'literal', value, at };
}
