/**
 * Intervals as Spark writes them: `INTERVAL '1-2' YEAR TO MONTH`, `INTERVAL '1 02:03:04.5' DAY TO SECOND`.
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

const twoDigits = (sql: string): string =>
  `CASE WHEN ${sql} < 10 THEN concat('0', ${sql}) ELSE ${sql}::VARCHAR END`;

/** `.5`, or nothing. */
const fraction = (sql: string): string =>
  `CASE WHEN ${sql} > 0 THEN concat('.', rtrim(lpad(${sql}::VARCHAR, 6, '0'), '0')) ELSE '' END`;
