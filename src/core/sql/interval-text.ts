/**
 * Interval texts and unit lists to one amount: months, or microseconds. Mixed families are not ANSI
 * intervals.
 */
import type { IntervalUnit } from '../plan/types.js';
import type { LiteralValue } from './ast.js';

const MONTHS: Readonly<Record<string, bigint>> = { year: 12n, month: 1n };
const MICROS: Readonly<Record<string, bigint>> = {
  week: 604_800_000_000n,
  day: 86_400_000_000n,
  hour: 3_600_000_000n,
  minute: 60_000_000n,
  second: 1_000_000n,
  millisecond: 1_000n,
  microsecond: 1n,
};
const ORDER: readonly IntervalUnit[] = ['year', 'month', 'day', 'hour', 'minute', 'second'];

const baseUnit = (unit: string): IntervalUnit => {
  if (unit === 'week') return 'day';
  if (unit === 'millisecond' || unit === 'microsecond') return 'second';
  return unit as IntervalUnit;
};

/** `INTERVAL 1 DAY 2 HOURS`, `INTERVAL '1' MONTH`. */
export function intervalFromParts(
  parts: readonly { readonly amount: string; readonly unit: string }[],
  negative = false,
): LiteralValue | undefined {
  const yearMonth = parts.every((part) => part.unit in MONTHS);
  if (!yearMonth && !parts.every((part) => part.unit in MICROS)) return undefined;
  let total = 0n;
  for (const part of parts) {
    const amount = scaled(
      part.amount.trim(),
      (yearMonth ? MONTHS : MICROS)[part.unit] ?? 0n,
      part.unit === 'second',
    );
    if (amount === undefined) return undefined;
    total += amount;
  }
  const units = parts.map((part) => ORDER.indexOf(baseUnit(part.unit)));
  return value(yearMonth, ORDER[Math.min(...units)], ORDER[Math.max(...units)], negative ? -total : total);
}

/** `'1-2' YEAR TO MONTH`, `'1 02:03:04.5' DAY TO SECOND`, and `'3 days 2 hours'` without units. */
export function intervalFromText(
  text: string,
  negative: boolean,
  from?: string,
  to?: string,
): LiteralValue | undefined {
  const trimmed = text.trim();
  if (from === undefined || to === undefined) return fromWords(trimmed, negative);
  const start = ORDER.indexOf(from as IntervalUnit);
  const end = ORDER.indexOf(to as IntervalUnit);
  if (start < 0 || end <= start) return undefined;
  const sign = trimmed.startsWith('-') === negative ? 1n : -1n;
  const body = trimmed.replace(/^[+-]/, '');
  if (to === 'month') {
    const match = /^(\d{1,10})-(\d{1,2})$/.exec(body);
    if (match?.[1] === undefined || match[2] === undefined || Number(match[2]) > 11 || from !== 'year')
      return undefined;
    return value(true, 'year', 'month', sign * (BigInt(match[1]) * 12n + BigInt(match[2])));
  }
  if (start < 2) return undefined;
  const units = ORDER.slice(start, end + 1);
  const separators: Readonly<Record<string, string>> = {
    hour: start === 2 ? ' ' : '',
    minute: ':',
    second: ':',
  };
  const pattern = units
    .map(
      (unit, i) =>
        (i === 0 ? '' : (separators[unit] ?? '')) +
        (unit === 'second' ? '(\\d{1,18}(?:\\.\\d{1,9})?)' : '(\\d{1,18})'),
    )
    .join('');
  const match = new RegExp(`^${pattern}$`).exec(body);
  if (match === null) return undefined;
  let total = 0n;
  for (const [i, unit] of units.entries()) {
    if (i > 0 && Number(match[i + 1]) >= (unit === 'hour' ? 24 : 60)) return undefined;
    const amount = scaled(match[i + 1] ?? '', MICROS[unit] ?? 0n, unit === 'second');
    if (amount === undefined) return undefined;
    total += amount;
  }
  return value(false, from as IntervalUnit, to as IntervalUnit, sign * total);
}

/** `3 days 2 hours`, with or without the word INTERVAL in front. */
function fromWords(text: string, negative: boolean): LiteralValue | undefined {
  const words = text.replace(/^interval\s+/i, '').split(/\s+/);
  if (words.length === 0 || words.length % 2 === 1) return undefined;
  const parts = Array.from({ length: words.length / 2 }, (_, i) => ({
    amount: words[2 * i] ?? '',
    unit: (words[2 * i + 1] ?? '').toLowerCase().replace(/s$/, ''),
  }));
  return intervalFromParts(parts, negative);
}

/** Only seconds may have a fraction, of at most nine digits of which six count. */
function scaled(amount: string, unit: bigint, fractional: boolean): bigint | undefined {
  const match = /^([+-]?)(\d{1,18})(?:\.(\d{1,9}))?$/.exec(amount);
  if (match === null || (match[3] !== undefined && !fractional)) return undefined;
  const micros = BigInt((match[3] ?? '').padEnd(6, '0').slice(0, 6) || '0');
  const total = BigInt(match[2] ?? '0') * unit + micros;
  return match[1] === '-' ? -total : total;
}

function value(
  yearMonth: boolean,
  from: IntervalUnit | undefined,
  to: IntervalUnit | undefined,
  amount: bigint,
): LiteralValue | undefined {
  if (from === undefined || to === undefined) return undefined;
  const bits = yearMonth ? 32 : 64;
  if (BigInt.asIntN(bits, amount) !== amount) return undefined;
  return {
    type: 'interval',
    family: yearMonth ? 'year-month' : 'day-time',
    from,
    to,
    amount: String(amount),
  };
}
