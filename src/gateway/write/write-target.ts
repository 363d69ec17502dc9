/** The table a statement writes to, as the principal may know it, and as it will be. */
import { createHash } from 'node:crypto';
import type { TargetNames } from '../../core/bind/write.js';
import {
  type ColumnMeta,
  findColumn,
  foldName,
  objectId,
  type TableMeta,
  type TableSource,
} from '../../core/catalog/catalog.js';
import type { InheritedColumn } from '../../core/lineage/inherit.js';
import { typeName } from '../../core/plan/types.js';
import type { TargetColumn, WriteTarget } from '../../core/plan/write.js';
import { type BindScope, browsable, lookUp } from '../bind-context.js';

const NOWHERE: TableSource = { format: 'parquet', files: [], partitions: [] };

export const targetNames = (scope: BindScope): TargetNames => ({
  resolve: (parts) => {
    const table = lookUp(scope, parts);
    const known = table && browsable(scope, table);
    if (table === undefined || known === undefined) return undefined;
    const format = table.source.format === 'delta' ? 'delta' : 'parquet';
    return { object: table.id, known: known.columns, all: table.columns, format };
  },
  idOf: (parts) => {
    const padded = [scope.currentCatalog, scope.currentSchema].slice(0, Math.max(0, 3 - parts.length));
    const [catalog = '', schema = '', table = ''] = [...padded, ...parts];
    return objectId(catalog, schema, table);
  },
});

/** The table as the write leaves it: its tags are those that it has, and those that come with the rows. */
export function tableAfter(
  { object }: WriteTarget,
  columns: readonly TargetColumn[],
  inherited: readonly InheritedColumn[],
  existing: TableMeta | undefined,
): TableMeta {
  const [catalog = '', schema = '', table = ''] = object.split('.');
  const coming = new Map(inherited.map(({ column, tags }) => [foldName(column), tags]));
  const after = columns.map(({ name, type }): ColumnMeta => {
    const before = existing && findColumn(existing, name);
    const tags = [...new Set([...(before?.tags ?? []), ...(coming.get(foldName(name)) ?? [])])];
    return { name, type, nullable: true, tags };
  });
  const shape = after.map(({ name, type, tags }) => `${name} ${typeName(type)} ${tags.join()}`);
  const hash = createHash('sha256').update(JSON.stringify(shape)).digest('hex');
  return {
    id: object,
    catalog,
    schema,
    table,
    columns: after,
    tags: existing?.tags ?? [],
    source: existing?.source ?? NOWHERE,
    // A decision on it is remembered under this name: another set of columns and tags is another table.
    version: `after ${existing?.version ?? ''} ${hash}`,
    ...(existing?.owner === undefined ? {} : { owner: existing.owner }),
  };
}
