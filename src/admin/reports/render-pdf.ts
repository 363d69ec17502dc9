/** A report as PDF, made without a browser, with fonts of its own; nothing is read from anywhere else. */
import { createRequire } from 'node:module';
import type { Content, TableCell, TDocumentDefinitions } from 'pdfmake/interfaces.js';
import { aboutLines, CellTexts, proofLines, sectionTexts } from '../../core/reports/cell-text.js';
import type { ReportSection } from '../../core/reports/report.js';
import type { SignedReport } from '../../core/reports/signed-report.js';
import { chartSvg } from './charts.js';
import { words } from './render-html.js';

/** Rows of one table on paper; CSV and JSON have all. */
const ROWS_SHOWN_MAX = 400;
const CELL_CHARS_MAX = 400;
/** Landscape A4 within its margins. */
const CHART_POINTS = 520;

const INK = { ink: '#000000', line: '#999999', bar: '#3b6fb6', font: 'Roboto' };

export async function reportPdf(signed: SignedReport): Promise<Buffer> {
  const { report } = signed;
  const texts = new CellTexts(signed.personal);
  const about = [...aboutLines(report, texts), ...proofLines(signed)];
  const content: Content[] = [
    { text: printable(report.title), style: 'title' },
    ...about.map(([name, value]) => line(name, value)),
    { text: 'Totals', style: 'heading' },
    ...Object.entries(report.totals).map(([name, value]) => line(words(name), String(value))),
    ...report.notes.map(({ text }) => ({ text: printable(text), style: 'note' })),
  ];
  for (const section of report.sections) content.push(...(await sectionContent(section, texts)));
  return create({
    info: { title: printable(report.title), creator: 'Sluice' },
    pageSize: 'A4',
    pageOrientation: 'landscape',
    pageMargins: [36, 36, 36, 44],
    defaultStyle: { font: 'Roboto', fontSize: 7.5 },
    styles: {
      title: { fontSize: 16, bold: true, margin: [0, 0, 0, 8] },
      heading: { fontSize: 11, bold: true, margin: [0, 12, 0, 4] },
      note: { italics: true, margin: [0, 3, 0, 0] },
    },
    footer: (page, pages) => ({
      text: `${printable(report.title)}, ${report.madeAt}, checkpoint ${report.log.size}: page ${page} of ${pages}`,
      alignment: 'center',
      fontSize: 7,
      margin: [0, 12, 0, 0],
    }),
    content,
  });
}

const line = (name: string, value: string): Content => ({
  text: [
    { text: `${printable(name)}: `, bold: true },
    { text: printable(value), wordBreak: 'break-all' } as Content,
  ],
});

async function sectionContent(section: ReportSection, texts: CellTexts): Promise<Content[]> {
  const { title, columns, rows, omitted, chart } = section;
  const svg = await chartSvg(section, texts, INK);
  const shown = sectionTexts({ ...section, rows: rows.slice(0, ROWS_SHOWN_MAX) }, texts);
  const beyond = rows.length - shown.length + omitted;
  const head: TableCell[] = columns.map(({ title: name }) => ({ text: name, bold: true }));
  const body = shown.map((cells) =>
    cells.map((text, i): TableCell => {
      const alignment = columns[i]?.kind === 'number' ? 'right' : 'left';
      return {
        text: printable(text.slice(0, CELL_CHARS_MAX)),
        alignment,
        wordBreak: 'break-all',
      } as TableCell;
    }),
  );
  return [
    {
      unbreakable: true,
      stack: [
        { text: title, style: 'heading' },
        ...(svg === undefined
          ? []
          : [
              { text: chart?.title ?? '', italics: true },
              { svg, width: CHART_POINTS },
            ]),
      ],
    },
    {
      table: {
        headerRows: 1,
        widths: columns.map(({ kind }) => (kind === 'number' ? 'auto' : '*')),
        body: [head, ...body],
      },
      layout: 'lightHorizontalLines',
    },
    {
      text: `${rows.length} rows${beyond === 0 ? '' : `, ${beyond} more in CSV and JSON`}`,
      margin: [0, 2, 0, 0],
    },
  ];
}

/** Letters that the font has none for are named: a report says what it cannot show. */
const printable = (text: string): string =>
  text.replace(OUTSIDE, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);
const OUTSIDE =
  /[^\u0020-\u024f\u0370-\u03ff\u0400-\u04ff\u1e00-\u1eff\u2010-\u2027\u2030-\u203a\u20ac\u2122]/gu;

const font = (name: string): string =>
  createRequire(import.meta.url).resolve(`pdfmake/fonts/Roboto/Roboto-${name}.ttf`);
let fontsSet = false;

async function create(definition: TDocumentDefinitions): Promise<Buffer> {
  const { default: pdfmake } = await import('pdfmake');
  if (!fontsSet) {
    const roboto = { normal: font('Regular'), bold: font('Medium'), italics: font('Italic') };
    const files = new Set<string>(Object.values(roboto));
    pdfmake.setFonts({ Roboto: roboto });
    pdfmake.setUrlAccessPolicy(() => false);
    pdfmake.setLocalAccessPolicy((path: string) => files.has(path));
    fontsSet = true;
  }
  return pdfmake.createPdf(definition).getBuffer();
}
