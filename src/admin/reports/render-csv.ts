/**
 * A report as CSV (RFC 4180). Whole: every record says which part it belongs to, and all are equally wide. One
 * table alone: its columns under their names. What a spreadsheet would take for a formula gets a quote in
 * front.
 */
import { stringify } from 'csv-stringify/sync';
import { aboutLines, CellTexts, proofLines, sectionTexts, visible } from '../../core/reports/cell-text.js';
import type { ReportSection } from '../../core/reports/report.js';
import type { SignedReport } from '../../core/reports/signed-report.js';

const write = (records: readonly (readonly string[])[]): string =>
  stringify(records as string[][], {
    escape_formulas: true,
    record_delimiter: 'windows',
    quoted_empty: false,
  });

export function reportCsv(signed: SignedReport): string {
  const { report } = signed;
  const texts = new CellTexts(signed.personal);
  const records = [
    ...[...aboutLines(report, texts), ...proofLines(signed)].map(([name, value]) => ['about', name, value]),
    ...Object.entries(report.totals).map(([name, value]) => ['total', name, String(value)]),
    ...report.notes.map(({ code, text }) => ['note', code, visible(text)]),
    ...report.sections.flatMap((section) => [
      [`${section.id}:columns`, ...section.columns.map(({ name }) => name)],
      ...sectionTexts(section, texts).map((cells) => [section.id, ...cells]),
      ...(section.omitted === 0 ? [] : [[`${section.id}:omitted`, String(section.omitted)]]),
    ]),
  ];
  const width = Math.max(...records.map(({ length }) => length));
  return write(records.map((record) => [...record, ...Array<string>(width - record.length).fill('')]));
}

/** One table, for machines. */
export function sectionCsv(signed: SignedReport, section: ReportSection): string {
  const texts = new CellTexts(signed.personal);
  return write([section.columns.map(({ name }) => name), ...sectionTexts(section, texts)]);
}
