/** Counting by groups, in memory that ends somewhere: what finds no room any more is counted as such. */
import {
  type Cell,
  type ReportChart,
  type ReportColumn,
  type ReportRow,
  type ReportSection,
  SECTION_ROWS_MAX,
} from './report.js';

export type Group = Readonly<Record<string, Cell>>;

/** Rows that share a group share one `T`. */
export class Tally<T> {
  private readonly groups = new Map<string, { readonly group: Group; readonly value: T }>();
  omitted = 0;

  constructor(
    private readonly start: () => T,
    private readonly groupsMax = SECTION_ROWS_MAX,
  ) {}

  /** What this group has so far; undefined: there is no room for another group. */
  of(group: Group): T | undefined {
    const key = JSON.stringify(Object.values(group));
    const known = this.groups.get(key);
    if (known !== undefined) return known.value;
    if (this.groups.size >= this.groupsMax) {
      this.omitted += 1;
      return undefined;
    }
    const value = this.start();
    this.groups.set(key, { group, value });
    return value;
  }

  get size(): number {
    return this.groups.size;
  }

  rows(cells: (value: T) => ReportRow): ReportRow[] {
    return [...this.groups.values()].map(({ group, value }) => ({ ...group, ...cells(value) }));
  }
}

/** Largest first by these columns, then by all others as they stand: the same events give the same order. */
export function sortRows(rows: readonly ReportRow[], ...largest: readonly string[]): ReportRow[] {
  const keyed = rows.map((row) => ({ row, key: JSON.stringify(Object.values(row)) }));
  keyed.sort((a, b) => {
    for (const name of largest) {
      const [x, y] = [a.row[name] ?? '', b.row[name] ?? ''];
      if (x !== y) return x > y ? -1 : 1;
    }
    return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
  });
  return keyed.map(({ row }) => row);
}

export function section(
  id: string,
  title: string,
  columns: readonly ReportColumn[],
  rows: readonly ReportRow[],
  more: { readonly omitted?: number; readonly chart?: ReportChart } = {},
): ReportSection {
  const shown = rows.slice(0, SECTION_ROWS_MAX);
  const { omitted = 0, chart } = more;
  return {
    id,
    title,
    columns,
    rows: shown,
    omitted: omitted + rows.length - shown.length,
    ...(chart === undefined ? {} : { chart }),
  };
}
