/** A report in the form that was asked for, by `format` or by Accept. */
import type { FastifyReply } from 'fastify';
import { canonicalJson } from '../../core/crypto/canonical-json.js';
import { GovernanceError } from '../../core/errors.js';
import type { SignedReport } from '../../core/reports/signed-report.js';
import { preferredTypes } from '../../http/accept.js';
import { reportCsv, sectionCsv } from './render-csv.js';
import { PAGE_POLICY, reportHtml } from './render-html.js';
import { reportPdf } from './render-pdf.js';
import type { REPORT_FORMATS } from './report-queries.js';

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
  signed: SignedReport,
  format: ReportFormat,
  sectionId: string | undefined,
): Promise<void> {
  const body = await bodyOf(signed, format, sectionId);
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

async function bodyOf(
  signed: SignedReport,
  format: ReportFormat,
  sectionId: string | undefined,
): Promise<string | Buffer> {
  switch (format) {
    case 'json':
      return `${canonicalJson(signed)}\n`;
    case 'html':
      return reportHtml(signed);
    case 'pdf':
      return reportPdf(signed);
    case 'csv':
      return sectionId === undefined ? reportCsv(signed) : sectionCsv(signed, sectionOf(signed, sectionId));
  }
}

function sectionOf({ report }: SignedReport, id: string) {
  const found = report.sections.find((section) => section.id === id);
  if (found !== undefined) return found;
  throw new GovernanceError('BAD_REQUEST', 'section: there is no such table in this report.', {
    remedy: `It has: ${report.sections.map((section) => section.id).join(', ')}.`,
  });
}
