/** Where the tags of columns have gone with their values, and where they are missing. */
import { foldName, type ObjectId, type TableMeta } from '../catalog/catalog.js';

export interface TagFlow {
  readonly tag: string;
  readonly from: { readonly object: ObjectId; readonly column: string };
  readonly to: { readonly object: ObjectId; readonly column: string };
  /** Steps at least. */
  readonly depth: number;
  /** `masked`: every way there masks the value, so whether it needs the tag is for a person to say. */
  readonly state: 'present' | 'missing' | 'masked';
}

export interface ReachedBy {
  readonly object: string;
  /** Null: every column. */
  readonly column: string | null;
  readonly depth: number;
  readonly strength: 'direct' | 'masked' | 'indirect';
}

/** Tags of a column: its own, and those of its table. */
export function tagsOf(table: TableMeta, column: string): readonly string[] {
  const own = table.columns.find(({ name }) => foldName(name) === foldName(column))?.tags ?? [];
  return [...new Set([...own, ...table.tags])].sort();
}

/** `reached`: from this column of this table. What only steers a column does not give it a tag. */
export function tagFlows(
  from: { readonly table: TableMeta; readonly column: string },
  reached: readonly ReachedBy[],
  tables: ReadonlyMap<ObjectId, TableMeta>,
): readonly TagFlow[] {
  const tags = tagsOf(from.table, from.column);
  return reached.flatMap(({ object, column, depth, strength }) => {
    const table = tables.get(object);
    if (table === undefined || column === null || strength === 'indirect') return [];
    const there = tagsOf(table, column);
    return tags.map((tag) => ({
      tag,
      from: { object: from.table.id, column: from.column },
      to: { object, column },
      depth,
      state: there.includes(tag)
        ? ('present' as const)
        : strength === 'direct'
          ? ('missing' as const)
          : ('masked' as const),
    }));
  });
}
