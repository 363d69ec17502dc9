/** Which events about statements a filter asks for, and what an intent says of columns. */
import { isWithin, type LogEvent, type ReportFilter, recordsOf, textOf, textsOf } from './report.js';

/** Outcomes go with their intents: a statement belongs to the time at which it was decided. */
export function isAsked(filter: ReportFilter, { at, record }: LogEvent): boolean {
  const { actor, object, column, purpose } = filter;
  return (
    isWithin(filter, at) &&
    (actor === undefined || record.actor === actor) &&
    (purpose === undefined || record.purpose === purpose) &&
    (object === undefined || textsOf(record.objects).includes(object)) &&
    (column === undefined || textsOf(record.columns).includes(column))
  );
}

/** A column that a statement read, and how it was shown. */
export interface ColumnSeen {
  readonly object: string;
  readonly column: string;
  /** Kind of the mask, or `clear`. */
  readonly shown: string;
  /** Of the mask; empty when clear. */
  readonly rule: string;
}

/** What a statement saw that the filter asks for; an object of which it read no column by name has one entry. */
export function seenBy(filter: ReportFilter, event: LogEvent): readonly ColumnSeen[] {
  const columns = columnsSeen(filter, event);
  const named = new Set(columns.map(({ object }) => object));
  const others = filter.column === undefined ? textsOf(event.record.objects) : [];
  return [
    ...columns,
    ...others
      .filter((object) => !named.has(object) && (filter.object === undefined || object === filter.object))
      .map((object) => ({ object, column: '', shown: 'none', rule: '' })),
  ];
}

function columnsSeen(filter: ReportFilter, { record }: LogEvent): readonly ColumnSeen[] {
  const objects = textsOf(record.objects);
  const masks = new Map(
    recordsOf(record.masks).map((mask) => [
      `${textOf(mask.object)}.${textOf(mask.column).toLowerCase()}`,
      mask,
    ]),
  );
  return textsOf(record.columns)
    .filter((whole) => filter.column === undefined || whole === filter.column)
    .map((whole) => {
      const object = objectOf(whole, objects);
      const mask = masks.get(whole.toLowerCase());
      return {
        object,
        column: whole.slice(object.length + 1),
        shown: mask === undefined ? 'clear' : textOf(mask.mask),
        rule: mask === undefined ? '' : textOf(mask.rule),
      };
    })
    .filter(({ object }) => filter.object === undefined || object === filter.object);
}

/** Names may hold dots: the object is one of those that the statement names. */
const objectOf = (whole: string, objects: readonly string[]): string =>
  objects
    .filter((object) => whole.startsWith(`${object}.`))
    .reduce((longest, object) => (object.length > longest.length ? object : longest), '') ||
  whole.slice(0, Math.max(0, whole.lastIndexOf('.')));

/** Row rules that stood on an object. */
export const rowRulesOf = ({ record }: LogEvent, object: string): readonly string[] =>
  recordsOf(record.filters)
    .filter((filter) => filter.object === object)
    .flatMap((filter) => textsOf(filter.rules));
