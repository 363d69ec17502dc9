/** The other thread: makes pages, CSV and PDF of reports, one after another, while the gateway goes on. */
import { parentPort } from 'node:worker_threads';
import type { SignedReport } from '../../core/reports/signed-report.js';
import { reportCsv, sectionCsv } from './render-csv.js';
import { reportHtml } from './render-html.js';
import { reportPdf } from './render-pdf.js';

export interface RenderTask {
  readonly signed: SignedReport;
  readonly format: 'html' | 'csv' | 'pdf';
  /** With CSV: this table alone. */
  readonly section?: string | undefined;
}
/** The body, or what went wrong. */
export type RenderAnswer = { readonly body: string | Uint8Array } | { readonly problem: string };

function bodyOf({ signed, format, section }: RenderTask): Promise<string | Uint8Array> | string {
  if (format === 'html') return reportHtml(signed);
  if (format === 'pdf') return reportPdf(signed);
  const alone = signed.report.sections.find(({ id }) => id === section);
  return alone === undefined ? reportCsv(signed) : sectionCsv(signed, alone);
}

parentPort?.on('message', (task: RenderTask) => {
  const answer = (value: RenderAnswer): void => parentPort?.postMessage(value);
  Promise.resolve()
    .then(() => bodyOf(task))
    .then(
      (body) => answer({ body }),
      (error: unknown) => answer({ problem: String(error) }),
    );
});
