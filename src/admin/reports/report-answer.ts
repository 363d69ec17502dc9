/** A report in the form that was asked for, by `format` or by Accept. */
import type { FastifyReply } from 'fastify';
import { canonicalJson } from '../../core/crypto/canonical-json.js';
import { GovernanceError } from '../../core/errors.js';
import type { SignedReport } from '../../core/reports/signed-report.js';
import { preferredTypes } from '../../http/accept.js';
import { PAGE_POLICY } from './render-html.js';
import type { REPORT_FORMATS } from './report-queries.js';
import type { ReportRenderer } from './report-renderer.js';

export type ReportFormat = (typeof REPORT_FORMATS)[number];

const TYPES: Readonly<Record<ReportFormat, string>> = {
  json: 'application/json; charset=utf-8',
  html: 'text/html; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  pdf: 'application/pdf',
};
const BY_TYPE: Readonly<Record<string, ReportFormat>> = {
  'application/json': 'json',
  'application/*': 'json',
  '*/*': 'json',
  'text/html': 'html',
  'text/*': 'html',
  'text/csv': 'csv',
  'application/pdf': 'pdf',
};

export function reportFormat(asked: ReportFormat | undefined, accept: string | undefined): ReportFormat {
  if (asked !== undefined) return asked;
  const format = preferredTypes(accept ?? '*/*')
    .map((type) => BY_TYPE[type])
    .find((known) => known !== undefined);
  if (format !== undefined) return format;
  throw new GovernanceError('NOT_ACCEPTABLE', 'None of the accepted types is served.', {
    remedy: 'Accept application/json, text/html, text/csv or application/pdf, or give ?format=.',
  });
}

export async function sendReport(
  reply: FastifyReply,
  renderer: ReportRenderer,
  signed: SignedReport,
  format: ReportFormat,
  section: string | undefined,
): Promise<void> {
  if (section !== undefined) requireSection(signed, section);
  const body =
    format === 'json' ? `${canonicalJson(signed)}\n` : await renderer.render({ signed, format, section });
  const { kind, madeAt } = signed.report;
  const name = `sluice-${kind}-${madeAt.slice(0, 10)}.${format}`;
  // A page is read in place, everything else is a file.
  const disposition = format === 'html' ? 'inline' : 'attachment';
  if (format === 'html') void reply.header('content-security-policy', PAGE_POLICY);
  void reply
    .header('content-disposition', `${disposition}; filename="${name}"`)
    .header('cache-control', 'no-store')
    .header('vary', 'accept')
    .type(TYPES[format])
    .send(body);
}

function requireSection({ report }: SignedReport, id: string): void {
  if (report.sections.some((section) => section.id === id)) return;
  throw new GovernanceError('BAD_REQUEST', 'section: there is no such table in this report.', {
    remedy: `It has: ${report.sections.map((section) => section.id).join(', ')}.`,
  });
}
