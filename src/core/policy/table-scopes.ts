/** The scopes whose rules speak of a table and of its columns: names from the top down, and tags. */
import { type ColumnMeta, foldName, type TableMeta } from '../catalog/catalog.js';

export interface TableScopes {
  /** Catalog, schema, table, and the table's own tags: what may widen. */
  readonly own: readonly string[];
  /** Those and the tags of its columns: what narrows follows a tag wherever it is (docs/adr/0006). */
  readonly all: readonly string[];
  /** For each column: the column itself first, its tags, and those of its table. */
  readonly columns: readonly (readonly string[])[];
}

/** A table's description never changes: a changed table is another object. */
const known = new WeakMap<TableMeta, TableScopes>();

export function tableScopes(table: TableMeta): TableScopes {
  const found = known.get(table);
  if (found !== undefined) return found;
  const { id, tags, columns } = table;
  const [catalog, schema] = [foldName(table.catalog), foldName(table.schema)];
  const own = [catalog, `${catalog}.${schema}`, id, ...tags.map(tagScope)];
  const scopes = {
    own,
    all: [...new Set([...own, ...columns.flatMap((column) => column.tags.map(tagScope))])],
    columns: columns.map((column) => columnScopes(table, column)),
  };
  known.set(table, scopes);
  return scopes;
}

function columnScopes(table: TableMeta, column: ColumnMeta): readonly string[] {
  return [`${table.id}.${foldName(column.name)}`, ...new Set([...column.tags, ...table.tags].map(tagScope))];
}

const tagScope = (tag: string): string => `tag:${foldName(tag)}`;
