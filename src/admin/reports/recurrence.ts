/** When a schedule is due: every day, week or month at an hour, in UTC. */
import { Cron } from 'croner';
import type { Recurrence } from '../../store/report-schedules.js';

const cron = ({ every, hour, weekday, day }: Recurrence): Cron => {
  const days = every === 'month' ? `${day ?? 1} * *` : every === 'week' ? `* * ${weekday ?? 1}` : '* * *';
  return new Cron(`0 0 ${hour} ${days}`, { timezone: 'UTC' });
};

/** The first time after `at`. */
export function nextDue(recurrence: Recurrence, at: Date): Date {
  const next = cron(recurrence).nextRun(at);
  if (next === null) throw new Error('a schedule that is never due');
  return next;
}

/** The last time at or before `at`. */
export const lastDue = (recurrence: Recurrence, at: Date): Date =>
  dueBefore(recurrence, new Date(at.getTime() + 1));

/** The last time before `at`: where the period that ends at `at` begins. */
export function dueBefore(recurrence: Recurrence, at: Date): Date {
  const [before] = cron(recurrence).previousRuns(1, at);
  if (before === undefined) throw new Error('a schedule that was never due');
  return before;
}
