/**
 * Seeded randomness as SQL: every value is a hash of (row, seed, what it is for), so any part of the sample
 * can be made alone and again.
 */
import type { Locale } from './people.js';

const DIGITS_PER_HASH = 18;

export interface Dice {
  /** Uniform in 0..n-1. */
  below(purpose: string, n: number | string): string;
  /** Uniform in [0, 1). */
  unit(purpose: string): string;
  /** True in so many of 1,000 rows. */
  chance(purpose: string, perMille: number): string;
  /** One of a list given as SQL. */
  pick(purpose: string, list: string): string;
  /** So many decimal digits as text. */
  digits(purpose: string, count: number): string;
  letter(purpose: string): string;
}

/** `row` is the SQL of the row's number. */
export function dice(seed: number, row: string): Dice {
  const hash = (purpose: string) => `hash(${row}, ${seed}, ${text(purpose)})`;
  return {
    below: (purpose, n) => `(${hash(purpose)} % (${n}))::BIGINT`,
    unit: (purpose) => `((${hash(purpose)} % 1000000) / 1e6)`,
    chance: (purpose, perMille) => `(${hash(purpose)} % 1000 < ${perMille})`,
    pick: (purpose, list) => `${list}[1 + (${hash(purpose)} % len(${list}))::BIGINT]`,
    digits: (purpose, count) => {
      const parts: string[] = [];
      for (let left = count; left > 0; left -= DIGITS_PER_HASH) {
        const width = Math.min(left, DIGITS_PER_HASH);
        parts.push(`lpad((${hash(`${purpose}${left}`)} % 1${'0'.repeat(width)})::VARCHAR, ${width}, '0')`);
      }
      return parts.length === 1 ? parts[0]! : `concat(${parts.join(', ')})`;
    },
    letter: (purpose) => `chr((65 + ${hash(purpose)} % 26)::INTEGER)`,
  };
}

export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
export const textList = (values: readonly string[]): string => `[${values.map(text).join(', ')}]`;

/** Fills `#` with digits and `@` with capital letters. */
export function fill(random: Dice, purpose: string, pattern: string): string {
  const parts = pattern.match(/#+|@|[^#@]+/g) ?? [];
  const filled = parts.map((part, at) => {
    if (part.startsWith('#')) return random.digits(`${purpose}${at}`, part.length);
    return part === '@' ? random.letter(`${purpose}${at}`) : text(part);
  });
  return `concat(${filled.join(', ')})`;
}

/** An IBAN whose check digits are right (ISO 7064 mod 97-10); `bban` is SQL of the digits. */
export function ibanOf(locale: Locale, bban: string): string {
  if (locale.iban === undefined) return 'NULL';
  const asDigits = (letters: string) => [...letters].map((c) => c.charCodeAt(0) - 55).join('');
  const { letters } = locale.iban;
  const rearranged = `concat(${text(asDigits(letters))}, ${bban}, ${text(`${asDigits(locale.country)}00`)})`;
  const check = `lpad((98 - ${rearranged}::HUGEINT % 97)::VARCHAR, 2, '0')`;
  return `concat(${text(locale.country)}, ${check}, ${text(letters)}, ${bban})`;
}
