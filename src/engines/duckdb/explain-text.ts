/**
 * DuckDB's plan of a statement as an indented tree. Only properties on a list are shown, and no path is:
 * files are where the lake is, which is nobody's business but the operator's.
 */
interface PlanNode {
  readonly name?: unknown;
  readonly children?: unknown;
  readonly extra_info?: unknown;
}

const SHOWN = [
  'Join Type',
  'Conditions',
  'Expression',
  'Filters',
  'Groups',
  'Aggregates',
  'Projections',
  'Order By',
  'Top',
  'Function',
  'Estimated Cardinality',
];
const DEPTH_MAX = 200;
const PATH = /(?:file:)?\/[^\s'",)\]]+/g;

/** `json` as `EXPLAIN (FORMAT json)` gives it; `directories` are cut out wherever they stand. */
export function explainText(json: string, directories: readonly string[]): string {
  const parsed: unknown = JSON.parse(json);
  const lines: string[] = [];
  const clean = (value: string): string => {
    let text = value;
    for (const directory of directories) text = text.replaceAll(directory, '<lake>');
    return text.replace(PATH, '<path>').replace(/\s+/g, ' ').trim();
  };
  const show = (node: PlanNode, depth: number): void => {
    if (depth > DEPTH_MAX) return;
    const indent = '  '.repeat(depth);
    lines.push(`${indent}${clean(String(node.name ?? ''))}`);
    const info = isRecord(node.extra_info) ? node.extra_info : {};
    for (const key of SHOWN) {
      const value = info[key];
      if (value === undefined || value === '') continue;
      lines.push(`${indent}    ${key}: ${clean(Array.isArray(value) ? value.join(', ') : String(value))}`);
    }
    for (const child of Array.isArray(node.children) ? node.children : []) show(child as PlanNode, depth + 1);
  };
  for (const root of Array.isArray(parsed) ? parsed : [parsed]) show(root as PlanNode, 0);
  return lines.join('\n');
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
