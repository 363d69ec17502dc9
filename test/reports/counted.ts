/** Rows of a report in the words of the independent count. */
import { expect } from '@jest/globals';
import type { Report, ReportRow } from '../../src/core/reports/report.js';
import type { countAccess } from './independent-count.mjs';

export const rowsOf = (report: Report, id: string): readonly ReportRow[] => {
  const section = report.sections.find((one) => one.id === id);
  if (section === undefined) throw new Error(`no section ${id}`);
  return section.rows;
};

const USAGE = ['statements', 'succeeded', 'otherwise', 'unanswered', 'rows', 'first', 'last'];

/** `{ key: usage }` of a table of usages; the key is what stands in these columns. */
export const usagesOf = (report: Report, id: string, keys: readonly string[]) =>
  Object.fromEntries(
    rowsOf(report, id).map((row) => [
      JSON.stringify(keys.map((name) => row[name])),
      Object.fromEntries(USAGE.map((name) => [name, row[name]])),
    ]),
  );

/** `{ key: number }` of a table with one number. */
export const countsOf = (report: Report, id: string, keys: readonly string[], value: string) =>
  Object.fromEntries(
    rowsOf(report, id).map((row) => [JSON.stringify(keys.map((name) => row[name])), row[value]]),
  );

const SEEN = ['person', 'object', 'column', 'shown', 'rule', 'rowRules', 'purpose'];
export const COLUMN = ['object', 'column', 'shown'];

/** Totals that a report names as the count does; times are not totals. */
export function expectTotals(report: Report, counted: Readonly<Record<string, unknown>>): void {
  const { first: _, last: __, ...numbers } = counted;
  expect(report.totals).toMatchObject(numbers);
}

/** Every table of an access report. */
export function expectAccess(report: Report, counted: ReturnType<typeof countAccess>): void {
  expectTotals(report, counted.totals);
  expect(usagesOf(report, 'seen', SEEN)).toEqual(counted.seen);
  expect(usagesOf(report, 'persons', ['person'])).toEqual(counted.persons);
  expect(usagesOf(report, 'columns', COLUMN)).toEqual(counted.columns);
  expect(usagesOf(report, 'objects', ['object'])).toEqual(counted.objects);
  expect(usagesOf(report, 'days', ['day'])).toEqual(counted.days);
}
