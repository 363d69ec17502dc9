/**
 * What a report is: tables of numbers over the audit log as one signed checkpoint has it. People appear as
 * the pseudonyms of the log, so a report can be kept, signed and handed on; names are added apart from it,
 * for those who may see them, as long as the log still has them.
 */
import { createHash } from 'node:crypto';
import { canonicalJson, type JsonRecord } from '../crypto/canonical-json.js';

export const REPORT_KINDS = [
  'access',
  'denied',
  'breach',
  'policy-changes',
  'entitlements',
  'ropa',
  'keys',
  'retention',
  'dsr',
  'ccpa-metrics',
] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

/** Rows of one table; what is beyond is counted and said. */
export const SECTION_ROWS_MAX = 10_000;

export interface ReportFilter {
  /** A pseudonym. */
  readonly actor?: string;
  readonly object?: string;
  /** `object.column`. */
  readonly column?: string;
  readonly purpose?: string;
  /** ISO 8601, UTC; `to` is not included. */
  readonly from?: string;
  readonly to?: string;
}
export type FilterName = keyof ReportFilter;

/**
 * `person`: a pseudonym. `user` and `justification`: the id of the event whose personal part says it.
 * `list`: several texts.
 */
export type ColumnKind = 'text' | 'list' | 'number' | 'time' | 'person' | 'user' | 'justification';

export interface ReportColumn {
  readonly name: string;
  readonly title: string;
  readonly kind: ColumnKind;
}

export type Cell = string | number | null | readonly string[];
export type ReportRow = { readonly [column: string]: Cell };

/** Bars of the first rows of a table: columns that name them, and one that they measure. */
export interface ReportChart {
  readonly title: string;
  readonly labels: readonly string[];
  readonly value: string;
}

export interface ReportSection {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly ReportRow[];
  /** What fell into rows beyond SECTION_ROWS_MAX. */
  readonly omitted: number;
  readonly chart?: ReportChart;
}

export interface ReportNote {
  readonly code: string;
  readonly text: string;
}

export interface EventPoint {
  readonly eventId: string;
  readonly at: string;
}

/** What of the log was read, and which checkpoint stands for it. */
export interface LogRange {
  readonly origin: string;
  /** Of the checkpoint: batches in the log, and the root over them in base64. */
  readonly size: number;
  readonly root: string;
  readonly checkpointAt: string;
  /** All events below the checkpoint: each was read and hashed. */
  readonly eventsInLog: number;
  /** Those within the times of the filter, in the order of the log. */
  readonly events: number;
  readonly first: EventPoint | null;
  readonly last: EventPoint | null;
}

export interface ReportBody {
  readonly totals: Readonly<Record<string, number>>;
  readonly sections: readonly ReportSection[];
  readonly notes: readonly ReportNote[];
}

export interface Report extends ReportBody {
  readonly kind: ReportKind;
  readonly title: string;
  readonly madeAt: string;
  readonly filter: ReportFilter;
  readonly log: LogRange;
}

/** An event as reports read it. */
export interface LogEvent {
  readonly id: string;
  readonly kind: string;
  readonly at: string;
  readonly record: Readonly<Record<string, unknown>>;
}

/** Takes the events of the log one after another and ends in tables. Its memory is bounded by its tables. */
export interface ReportMaker {
  take(event: LogEvent): void;
  finish(): ReportBody;
}

/** Reports are plain JSON, whatever their types say. */
export const asJson = (report: Report): JsonRecord => report as unknown as JsonRecord;

/** SHA-256 (hex) of the canonical JSON. */
export const digestOf = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex');

export const column = (name: string, title: string, kind: ColumnKind = 'text'): ReportColumn => ({
  name,
  title,
  kind,
});
export const note = (code: string, text: string): ReportNote => ({ code, text });

/** Is the moment within the times of the filter? Times of the log are ISO 8601 in UTC, so texts compare. */
export const isWithin = ({ from, to }: ReportFilter, at: string): boolean =>
  (from === undefined || at >= from) && (to === undefined || at < to);

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
export const countOf = (value: unknown): number =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : 0;
/** The records in a list. */
export const recordsOf = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
