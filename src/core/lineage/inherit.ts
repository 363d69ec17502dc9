/**
 * What a written table takes over from where its rows come from: tags travel along direct lineage. And what must not
 * travel: a masked value back to where the true one belongs.
 */
import { type ColumnMeta, findColumn, foldName, type ObjectId, type TableMeta } from '../catalog/catalog.js';
import type { LineageInput, StatementLineage } from './lineage.js';

export type DirectSource = Pick<LineageInput, 'table' | 'column'>;

export interface InheritedColumn {
  readonly column: string;
  /** The table columns that its values come from. */
  readonly from: readonly DirectSource[];
  /** Their tags and those of their tables, in order and once. */
  readonly tags: readonly string[];
}

type Tables = ReadonlyMap<ObjectId, TableMeta>;

/** One per output of the lineage, in order. `lineage` is that of the plan as bound, whose leaves are not masked yet. */
export const inheritedColumns = (
  lineage: StatementLineage,
  names: readonly string[],
  tables: Tables,
): readonly InheritedColumn[] =>
  names.map((column, i) => {
    const inputs = lineage.outputs[i]?.inputs ?? [];
    const from = inputs
      .filter(({ flows }) => flows.some(({ type }) => type === 'DIRECT'))
      .map(({ table, column: source }) => ({ table, column: source }));
    return { column, from, tags: [...new Set(from.flatMap((source) => tagsOf(source, tables)))].sort() };
  });

export function tagsOf({ table, column }: DirectSource, tables: Tables): readonly string[] {
  const meta = tables.get(table);
  return meta === undefined ? [] : columnTags(meta, findColumn(meta, column));
}

export const columnTags = (table: TableMeta, column: ColumnMeta | undefined): readonly string[] => [
  ...(column?.tags ?? []),
  ...table.tags,
];

export interface WriteBack {
  /** Of the target. */
  readonly column: string;
  readonly source: DirectSource;
}

/**
 * The first masked value that would go to its own column, or to a column of a table that is there which does not have
 * its tags: there it would stand among true values, unmarked. A new table has the tags, and no true values.
 */
export function maskedWriteBack(
  columns: readonly InheritedColumn[],
  isMasked: (source: DirectSource) => boolean,
  target: ObjectId,
  existing: TableMeta | undefined,
  tables: Tables,
): WriteBack | undefined {
  for (const { column, from } of columns) {
    const marked = existing && columnTags(existing, findColumn(existing, column)).map(foldName);
    for (const source of from) {
      if (!isMasked(source)) continue;
      const own = source.table === target && foldName(source.column) === foldName(column);
      const unmarked = marked && tagsOf(source, tables).some((tag) => !marked.includes(foldName(tag)));
      if (own || unmarked === true) return { column, source };
    }
  }
  return undefined;
}
