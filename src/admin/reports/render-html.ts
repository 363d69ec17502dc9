/** A report as one HTML page: no script, nothing loaded, light or dark, a table beside every chart, printable. */
import { createHash } from 'node:crypto';
import { aboutLines, CellTexts, proofLines } from '../../core/reports/cell-text.js';
import type { Report, ReportSection } from '../../core/reports/report.js';
import type { SignedReport } from '../../core/reports/signed-report.js';
import { chartSvg } from './charts.js';

/** Rows of one table on a page; CSV and JSON have all. */
const ROWS_SHOWN_MAX = 2_000;

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --line: #c9ced6; --quiet: #57606a; --bar: #3b6fb6 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ed; --paper: #14171b; --line: #3c434d; --quiet: #a0a8b3; --bar: #7aa7e6 }
}
* { box-sizing: border-box }
body { margin: 2rem auto; max-width: 75rem; padding: 0 1.5rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 1.7rem; margin: 0 0 .25rem } h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.2rem; margin: 1rem 0 }
dt { color: var(--quiet) } dd { margin: 0; overflow-wrap: anywhere }
.totals { display: flex; flex-wrap: wrap; gap: 1rem 2rem; padding: 0; list-style: none }
.totals b { display: block; font-size: 1.4rem; font-variant-numeric: tabular-nums }
.scroll { overflow-x: auto } .scroll:focus-visible { outline: 2px solid var(--bar) }
table { border-collapse: collapse; width: 100%; font-size: .87rem }
caption { text-align: left; color: var(--quiet); padding-bottom: .3rem }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere }
th { white-space: nowrap } .number { text-align: right; font-variant-numeric: tabular-nums }
figure { margin: 1rem 0 } figure svg { max-width: 100%; height: auto } figcaption { color: var(--quiet) }
.note { border-left: 3px solid var(--bar); padding: .1rem 0 .1rem .8rem; margin: .5rem 0 }
@media print {
  :root { --ink: #000000; --paper: #ffffff; --line: #999999; --quiet: #333333; --bar: #555555 }
  body { margin: 0; max-width: none; font-size: 10pt } .scroll { overflow: visible }
  thead { display: table-header-group } tr, figure { break-inside: avoid } h2 { break-after: avoid }
}
`;

/** Sent with the page, and in it for when it is opened from a disk. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256')
  .update(STYLE)
  .digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const INK = { ink: 'var(--ink)', line: 'var(--line)', bar: 'var(--bar)', font: 'sans-serif' };

export async function reportHtml(signed: SignedReport): Promise<string> {
  const { report } = signed;
  const texts = new CellTexts(signed.personal);
  const sections = await Promise.all(report.sections.map((section) => sectionHtml(section, texts)));
  // `frame-ancestors` has no meaning in a page.
  const policy = PAGE_POLICY.replace(/; frame-ancestors .*/, '');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(report.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(report.title)}</h1>
${aboutHtml(signed, texts)}
</header>
<main>
${totalsHtml(report)}
${report.notes.map(({ code, text }) => `<p class="note" data-note="${escaped(code)}">${escaped(text)}</p>`).join('\n')}
${sections.join('\n')}
</main>
</body>
</html>
`;
}

function aboutHtml(signed: SignedReport, texts: CellTexts): string {
  const lines = [...aboutLines(signed.report, texts), ...proofLines(signed)];
  return `<dl>\n${lines.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('\n')}\n</dl>`;
}

const totalsHtml = ({ totals }: Report): string =>
  `<ul class="totals">${Object.entries(totals)
    .map(([name, value]) => `<li data-total="${escaped(name)}"><b>${value}</b> ${escaped(words(name))}</li>`)
    .join('')}</ul>`;

async function sectionHtml(section: ReportSection, texts: CellTexts): Promise<string> {
  const { id, title, columns, rows, omitted, chart } = section;
  const svg = await chartSvg(section, texts, INK);
  const figure =
    svg === undefined
      ? ''
      : `<figure role="img" aria-label="${escaped(`${chart?.title}; the table below has its numbers`)}">${svg.replace('<svg ', '<svg aria-hidden="true" ')}<figcaption>${escaped(chart?.title ?? '')}</figcaption></figure>`;
  const shown = rows.slice(0, ROWS_SHOWN_MAX);
  const beyond = rows.length - shown.length + omitted;
  const head = columns.map(
    ({ title: name, kind }) => `<th scope="col"${aligned(kind)}>${escaped(name)}</th>`,
  );
  const body = shown.map(
    (row) =>
      `<tr>${columns.map((one) => `<td${aligned(one.kind)}>${escaped(texts.text(one, row))}</td>`).join('')}</tr>`,
  );
  const caption = `${rows.length} rows${beyond === 0 ? '' : `, ${beyond} more not shown here`}`;
  return `<section id="${escaped(id)}">
<h2>${escaped(title)}</h2>
${figure}
<div class="scroll" tabindex="0" role="region" aria-label="${escaped(title)}"><table>
<caption>${caption}</caption>
<thead><tr>${head.join('')}</tr></thead>
<tbody>
${body.join('\n')}
</tbody></table></div>
</section>`;
}

const aligned = (kind: string): string => (kind === 'number' ? ' class="number"' : '');

/** `readInClear` for people. */
export const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
