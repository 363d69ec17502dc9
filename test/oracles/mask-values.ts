/** API.md, "Masks", over one value: what the physical copy holds. Shares nothing with the product. */
import { createHash } from 'node:crypto';
import type { Value } from './tables.js';

export type OracleMask =
  | 'clear'
  | 'hide'
  | 'null'
  | 'redact'
  | 'email'
  | 'year'
  | 'month'
  | 'day'
  | { readonly constant: string | number | boolean }
  | { readonly showFirst: number }
  | { readonly showLast: number }
  | { readonly hash: { readonly domain: string } }
  | { readonly round: number }
  | { readonly bucket: readonly number[] };

/** The keys that the oracle's engine gets; any fixed text per domain does. */
export const maskKey = (domain: string): string => `key-of-${domain}`;

/** NULL stays NULL. */
export function masked(value: Value, mask: OracleMask | undefined): Value {
  if (mask === undefined || mask === 'clear' || value === null) return value;
  if (mask === 'null' || mask === 'hide') return null;
  const text = String(value);
  if (typeof mask === 'string') return named(text, mask);
  const characters = [...text];
  const short = (n: number): boolean => characters.length <= n;
  if ('constant' in mask) return mask.constant;
  if ('hash' in mask) return hashed(text, maskKey(mask.hash.domain));
  if ('showFirst' in mask) {
    const n = mask.showFirst;
    return characters.map((c, i) => (!short(n) && i < n ? c : 'x')).join('');
  }
  if ('showLast' in mask) {
    const n = mask.showLast;
    return characters.map((c, i) => (!short(n) && i >= characters.length - n ? c : 'x')).join('');
  }
  if ('round' in mask) return numeric(value, roundHalfUp(Number(value) / mask.round) * mask.round);
  return numeric(value, lowerBound(Number(value), mask.bucket));
}

function named(text: string, mask: 'redact' | 'email' | 'year' | 'month' | 'day'): string {
  const midnight = text.length > 10 ? ' 00:00:00' : '';
  switch (mask) {
    case 'redact':
      return [...text].map(redacted).join('');
    case 'email': {
      const at = text.indexOf('@');
      const proper = at > 0 && text.indexOf('@', at + 1) < 0 && at < text.length - 1;
      return proper ? `${[...text][0]}***${text.slice(at)}` : '***';
    }
    case 'year':
      return `${text.slice(0, 4)}-01-01${midnight}`;
    case 'month':
      return `${text.slice(0, 7)}-01${midnight}`;
    case 'day':
      return `${text.slice(0, 10)}${midnight}`;
  }
}

const redacted = (c: string): string => {
  if (/\p{Nd}/u.test(c)) return '0';
  if (/\p{Lu}/u.test(c)) return 'X';
  return /\p{L}/u.test(c) ? 'x' : c;
};
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hashed = (text: string, key: string): string => sha256(key + sha256(key + text)).slice(0, 32);
const roundHalfUp = (x: number): number => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
/** Below the first bound there is no bucket: NULL. */
const lowerBound = (x: number, bounds: readonly number[]): number | null =>
  bounds.filter((bound) => bound <= x).at(-1) ?? null;
const numeric = (value: Value, result: number | null): Value => {
  if (result === null) return null;
  return typeof value === 'string' ? result.toFixed(2) : result;
};

const RANKS: Readonly<Record<string, number>> = { hide: 4, null: 3, constant: 2, clear: 0 };
const CALENDAR = ['day', 'month', 'year'];
const kindOf = (mask: OracleMask): string => (typeof mask === 'string' ? mask : (Object.keys(mask)[0] ?? ''));
const rank = (mask: OracleMask): number => RANKS[kindOf(mask)] ?? 1;

/** DESIGN section 6: is `a` at least as strict as `b`? */
function covers(a: OracleMask, b: OracleMask): boolean {
  if (rank(a) !== rank(b)) return rank(a) > rank(b);
  if (JSON.stringify(a) === JSON.stringify(b)) return true;
  const [calendarA, calendarB] = [CALENDAR.indexOf(kindOf(a)), CALENDAR.indexOf(kindOf(b))];
  if (calendarA >= 0 && calendarB >= 0) return calendarA > calendarB;
  for (const kind of ['showFirst', 'showLast'] as const) {
    const [x, y] = [shown(a, kind), shown(b, kind)];
    if (x !== undefined && y !== undefined) return x < y;
  }
  return false;
}

const shown = (mask: OracleMask, kind: 'showFirst' | 'showLast'): number | undefined =>
  typeof mask === 'object' && kind in mask ? (mask as Record<string, number>)[kind] : undefined;

/** The strictest of several; NULL where two cannot be compared and nothing stands above them. */
export const strictestOf = (masks: readonly OracleMask[]): OracleMask =>
  masks.find((mask) => masks.every((other) => covers(mask, other))) ??
  (masks.length === 0 ? 'clear' : 'null');
