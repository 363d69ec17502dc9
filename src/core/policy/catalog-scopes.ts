/** Which tables and columns a pattern of a document means, in the catalogue as it is. */
import { type CatalogSnapshot, type ColumnMeta, foldName, type TableMeta } from '../catalog/catalog.js';
import { append } from './compile.js';
import { tableScopes } from './table-scopes.js';

export interface ColumnOfTable {
  readonly table: TableMeta;
  readonly column: ColumnMeta;
  readonly scopes: readonly string[];
  /** Only because its table has the tag. */
  readonly inherited: boolean;
}

export interface CatalogScopes {
  /** Tables by folded scope; a tag's tables include those that only have a column with it. */
  readonly tables: ReadonlyMap<string, readonly TableMeta[]>;
  /** Columns by folded scope: the column itself, or a tag. */
  readonly columns: ReadonlyMap<string, readonly ColumnOfTable[]>;
}

/** A snapshot never changes, and policies are saved more often than tables come and go. */
const known = new WeakMap<CatalogSnapshot, CatalogScopes>();

export function catalogScopes(catalog: CatalogSnapshot): CatalogScopes {
  const found = known.get(catalog);
  if (found !== undefined) return found;
  const tables = new Map<string, TableMeta[]>();
  const columns = new Map<string, ColumnOfTable[]>();
  for (const table of catalog.tables.values()) {
    const scopes = tableScopes(table);
    for (const scope of scopes.all) append(tables, scope, table);
    for (const [i, column] of table.columns.entries()) {
      for (const scope of scopes.columns[i] ?? []) {
        const inherited =
          scope.startsWith('tag:') && !column.tags.some((tag) => scope === `tag:${foldName(tag)}`);
        append(columns, scope, { table, column, scopes: scopes.columns[i] ?? [], inherited });
      }
    }
  }
  const scopes = { tables, columns };
  known.set(catalog, scopes);
  return scopes;
}
