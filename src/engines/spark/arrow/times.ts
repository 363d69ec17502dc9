/** Dates, times and intervals as text, as API.md has them. */
import type { IntervalType, IntervalUnit } from '../../../core/plan/types.js';

const MICROS_PER_SECOND = 1_000_000;
const SECONDS_PER_DAY = 86_400;
const DAYS_PER_ERA = 146_097;
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_DAYS = 719_468;

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** `2026-01-31`; before year 1 as DuckDB writes it. */
export function dateText(days: number): string {
  const shifted = days + EPOCH_DAYS;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const text = `${pad(year > 0 ? year : 1 - year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  return year > 0 ? text : `${text} (BC)`;
}

/** `2026-01-31T10:00:00.5`, from microseconds since 1970. */
export function timestampText(micros: bigint): string {
  // Split in two before it becomes a double: microseconds of far years have more digits than one holds.
  let seconds = Number(micros / 1_000_000n);
  let fraction = Number(micros % 1_000_000n);
  if (fraction < 0) {
    fraction += MICROS_PER_SECOND;
    seconds -= 1;
  }
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const second = seconds - days * SECONDS_PER_DAY;
  const date = dateText(days);
  const time = `T${pad(Math.floor(second / 3600), 2)}:${pad(Math.floor(second / 60) % 60, 2)}:${pad(second % 60, 2)}`;
  const [day, era = ''] = date.split(' (');
  return `${day}${time}${fractionText(fraction)}${era === '' ? '' : ` (${era}`}`;
}

const fractionText = (micros: number): string =>
  micros === 0 ? '' : `.${pad(micros, 6).replace(/0+$/, '')}`;

const MICROS: Readonly<Partial<Record<IntervalUnit, bigint>>> = {
  day: 86_400_000_000n,
  hour: 3_600_000_000n,
  minute: 60_000_000n,
  second: 1_000_000n,
};
const UNITS: readonly IntervalUnit[] = ['day', 'hour', 'minute', 'second'];

/** As Spark writes it: `INTERVAL '1 02:03:04.5' DAY TO SECOND`; months or microseconds. */
export function intervalText(amount: bigint, type: IntervalType): string {
  const unit = (type.from === type.to ? type.from : `${type.from} to ${type.to}`).toUpperCase();
  const size = amount < 0n ? -amount : amount;
  const body = type.family === 'year-month' ? yearMonth(size, type) : dayTime(size, type);
  return `INTERVAL '${amount < 0n ? '-' : ''}${body}' ${unit}`;
}

function yearMonth(months: bigint, type: IntervalType): string {
  if (type.to === 'year') return String(months / 12n);
  return type.from === 'month' ? String(months) : `${months / 12n}-${months % 12n}`;
}

function dayTime(micros: bigint, type: IntervalType): string {
  const used = UNITS.slice(UNITS.indexOf(type.from), UNITS.indexOf(type.to) + 1);
  let rest = micros;
  return used
    .map((unit, i) => {
      const size = MICROS[unit] ?? 1n;
      const whole = rest / size;
      rest %= size;
      const separator = i === 0 ? '' : used[i - 1] === 'day' ? ' ' : ':';
      const shown = unit === 'day' ? String(whole) : String(whole).padStart(2, '0');
      return `${separator}${shown}${unit === 'second' ? fractionText(Number(rest)) : ''}`;
    })
    .join('');
}
