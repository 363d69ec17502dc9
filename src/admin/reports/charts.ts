/** Bars as SVG text, drawn on the server: no script, no style element, nothing loaded from anywhere. */
import type { EChartsOption } from 'echarts';
import type { CellTexts } from '../../core/reports/cell-text.js';
import type { ReportSection } from '../../core/reports/report.js';

/** The table beside the chart has the rest. */
const BARS_MAX = 20;
const LABEL_CHARS_MAX = 40;
const WIDTH = 720;
const BAR_HEIGHT = 26;
const FRAME_HEIGHT = 48;
const FONT_PX = 12;

/** Colours of a page that is light or dark, or of paper. */
export interface ChartInk {
  readonly ink: string;
  readonly line: string;
  readonly bar: string;
  readonly font: string;
}

type Charts = typeof import('echarts/core');
let loaded: Promise<Charts> | undefined;

/** Charts take their time to load: only whoever draws one waits for that. */
async function load(): Promise<Charts> {
  const [core, { BarChart }, { GridComponent }, { SVGRenderer }] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ]);
  core.use([BarChart, GridComponent, SVGRenderer]);
  return core;
}

/** Undefined: there is nothing to draw. */
export async function chartSvg(
  section: ReportSection,
  texts: CellTexts,
  ink: ChartInk,
): Promise<string | undefined> {
  const { chart, columns, rows } = section;
  if (chart === undefined || rows.length === 0) return undefined;
  const labels = columns.filter(({ name }) => chart.labels.includes(name));
  const bars = rows.slice(0, BARS_MAX).map((row) => ({
    label: shortened(labels.map((label) => texts.text(label, row)).join(' ')),
    value: Number(row[chart.value] ?? 0),
  }));
  loaded ??= load();
  const drawing = (await loaded).init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: WIDTH,
    height: FRAME_HEIGHT + bars.length * BAR_HEIGHT,
  });
  try {
    drawing.setOption(optionOf(bars, ink));
    return withoutStyles(drawing.renderToSVGString());
  } finally {
    drawing.dispose();
  }
}

function optionOf(
  bars: readonly { readonly label: string; readonly value: number }[],
  { ink, line, bar, font }: ChartInk,
): EChartsOption {
  const axis = {
    axisLabel: { color: ink },
    axisLine: { lineStyle: { color: line } },
    splitLine: { lineStyle: { color: line } },
  };
  return {
    animation: false,
    textStyle: { fontFamily: font, fontSize: FONT_PX },
    grid: { left: 8, right: 64, top: 8, bottom: 24, outerBoundsMode: 'same' },
    xAxis: { type: 'value', minInterval: 1, ...axis },
    // The first row of the table is the first bar.
    yAxis: { type: 'category', inverse: true, data: bars.map(({ label }) => label), ...axis },
    series: [
      {
        type: 'bar',
        silent: true,
        barMaxWidth: BAR_HEIGHT,
        itemStyle: { color: bar },
        label: { show: true, position: 'right', color: ink },
        data: bars.map(({ value }) => value),
      },
    ],
  };
}

/** A page whose policy allows no inline styles shows it all the same. */
const withoutStyles = (svg: string): string =>
  svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (class|pointer-events|ecmeta_\w+)="[^"]*"/g, '')
    .replace(/ style="font-size:(\d+)px;font-family:([^;"]*);"/g, ' font-size="$1" font-family="$2"');

const shortened = (text: string): string =>
  [...text].length <= LABEL_CHARS_MAX ? text : `${[...text].slice(0, LABEL_CHARS_MAX - 1).join('')}…`;
