/** What a secured leaf reads, from the catalogue snapshot of its statement. */
import { type CatalogSnapshot, findColumn, type ObjectId } from '../../core/catalog/catalog.js';
import { readCall } from '../../core/sql/duckdb/read-source.js';

/** For the printer's `source`: the FROM item of a table's raw columns. */
export const sourceOf =
  (catalog: CatalogSnapshot) =>
  (table: ObjectId, columns: readonly string[]): string => {
    const meta = catalog.tables.get(table);
    if (meta === undefined) throw new Error('a leaf names a table that its snapshot does not have');
    const unknown = columns.filter((name) => findColumn(meta, name) === undefined);
    if (unknown.length > 0) throw new Error('a leaf names a column that its table does not have');
    return readCall(meta.source, meta.columns);
  };
