/**
 * How the columns of a table differ from those that its policies were written for: the ones that were there first, or
 * that an administrator has accepted since.
 */
import { foldName } from './catalog.js';

export interface ShapeColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

export type DriftChange = 'added' | 'removed' | 'retyped' | 'nullability' | 'disagrees';

export interface ColumnDrift {
  readonly column: string;
  readonly change: DriftChange;
  readonly before: string | null;
  /** Of files that disagree: all of their types. */
  readonly after: string | null;
  /** Also of a column that is gone: rules may be on its tags. */
  readonly tags: readonly string[];
}

export function driftBetween(
  accepted: readonly ShapeColumn[],
  now: readonly ShapeColumn[],
  tagsOf: (column: string) => readonly string[],
): readonly ColumnDrift[] {
  const byName = (columns: readonly ShapeColumn[]) =>
    new Map(columns.map((column) => [foldName(column.name), column]));
  const [before, after] = [byName(accepted), byName(now)];
  const drift = (
    column: string,
    change: DriftChange,
    was: string | null,
    is: string | null,
  ): ColumnDrift => ({
    column,
    change,
    before: was,
    after: is,
    tags: tagsOf(column),
  });
  const nullability = ({ nullable }: ShapeColumn): string => (nullable ? 'nullable' : 'not null');
  const gone = accepted.flatMap(({ name, type }) =>
    after.has(foldName(name)) ? [] : [drift(name, 'removed', type, null)],
  );
  const others = now.flatMap((column) => {
    const was = before.get(foldName(column.name));
    if (was === undefined) return [drift(column.name, 'added', null, column.type)];
    if (was.type !== column.type) return [drift(column.name, 'retyped', was.type, column.type)];
    if (was.nullable === column.nullable) return [];
    return [drift(column.name, 'nullability', nullability(was), nullability(column))];
  });
  return [...gone, ...others];
}
