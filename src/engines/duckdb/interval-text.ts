/**
 * Intervals as Spark writes them, and back: `INTERVAL '1-2' YEAR TO MONTH`, `INTERVAL '1 02:03:04.5' DAY TO SECOND`.
 */
import type { IntervalType, IntervalUnit } from '../../core/plan/types.js';

const MICROSECONDS: Readonly<Partial<Record<IntervalUnit, string>>> = {
  day: '86400000000',
  hour: '3600000000',
  minute: '60000000',
  second: '1000000',
};
const UNITS: readonly IntervalUnit[] = ['day', 'hour', 'minute', 'second'];

export function intervalText(sql: string, type: IntervalType): string {
  const unit =
    type.from === type.to
      ? type.from.toUpperCase()
      : `${type.from.toUpperCase()} TO ${type.to.toUpperCase()}`;
  const [amount, digits] = type.family === 'year-month' ? yearMonth(sql, type) : dayTime(sql, type);
  const sign = `CASE WHEN ${amount} < 0 THEN '-' ELSE '' END`;
  return `CASE WHEN ${sql} IS NOT NULL THEN concat('INTERVAL ''', ${sign}, ${digits}, ''' ${unit}') END`;
}

type Parts = readonly [amount: string, digits: string];

function yearMonth(sql: string, type: IntervalType): Parts {
  const months = `(date_part('year', ${sql}) * 12 + date_part('month', ${sql}))`;
  const years = `(abs(${months}) // 12)`;
  if (type.to === 'year') return [months, years];
  if (type.from === 'month') return [months, `abs(${months})`];
  return [months, `concat(${years}, '-', abs(${months}) % 12)`];
}

function dayTime(sql: string, type: IntervalType): Parts {
  const part = (unit: string) => `date_part('${unit}', ${sql})`;
  const total = `(${part('day')} * ${MICROSECONDS.day} + ${part('hour')} * ${MICROSECONDS.hour}
    + ${part('minute')} * ${MICROSECONDS.minute} + ${part('microsecond')})`;
  const used = UNITS.slice(UNITS.indexOf(type.from), UNITS.indexOf(type.to) + 1);
  const digits = used.map((unit, i) => {
    const above = i === 0 ? undefined : MICROSECONDS[used[i - 1] as IntervalUnit];
    const rest = above === undefined ? `abs(${total})` : `(abs(${total}) % ${above})`;
    const whole = `(${rest} // ${MICROSECONDS[unit]})`;
    const shown = unit === 'day' ? `${whole}::VARCHAR` : twoDigits(whole);
    const before = i === 0 ? '' : used[i - 1] === 'day' ? ' ' : ':';
    return `'${before}', ${shown}${unit === 'second' ? `, ${fraction(`(${rest} % 1000000)`)}` : ''}`;
  });
  return [total, `concat(${digits.join(', ')})`];
}

/** Months of such a text, as SQL. */
export function intervalMonths(text: string, type: IntervalType): string {
  const parts = partsOf(text, '-');
  if (type.from === type.to) {
    return signed(text, `CAST(${parts}[1] AS BIGINT) * ${type.to === 'year' ? 12 : 1}`);
  }
  return signed(text, `CAST(${parts}[1] AS BIGINT) * 12 + CAST(${parts}[2] AS BIGINT)`);
}

/** Microseconds of such a text, as SQL. */
export function intervalMicroseconds(text: string, type: IntervalType): string {
  const used = UNITS.slice(UNITS.indexOf(type.from), UNITS.indexOf(type.to) + 1);
  const parts = partsOf(text, '[ :]');
  const amounts = used.map((unit, i) =>
    unit === 'second'
      ? `CAST(CAST(${parts}[${i + 1}] AS DECIMAL(38, 6)) * 1000000 AS HUGEINT)`
      : `CAST(${parts}[${i + 1}] AS HUGEINT) * ${MICROSECONDS[unit]}`,
  );
  return signed(text, amounts.join(' + '));
}

/** What stands between the quotes, without its sign. */
const partsOf = (text: string, separator: string): string =>
  `string_split_regex(regexp_extract(${text}, '''-?(.*)''', 1), '${separator}')`;

const signed = (text: string, amount: string): string =>
  `(${amount}) * CASE WHEN contains(${text}, '''-') THEN -1 ELSE 1 END`;

const twoDigits = (sql: string): string =>
  `CASE WHEN ${sql} < 10 THEN concat('0', ${sql}) ELSE ${sql}::VARCHAR END`;

/** `.5`, or nothing. */
const fraction = (sql: string): string =>
  `CASE WHEN ${sql} > 0 THEN concat('.', rtrim(lpad(${sql}::VARCHAR, 6, '0'), '0')) ELSE '' END`;
