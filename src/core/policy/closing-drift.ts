/**
 * Changes of a table that its policies cannot be held to any more: a column that a rule names is gone (perhaps its values
 * are in another one now, without the mask), or is of another type. Until somebody has looked, nobody reads the table.
 */
import { foldName, type TableMeta } from '../catalog/catalog.js';
import type { ColumnDrift } from '../catalog/drift.js';
import type { CompiledPolicies } from './compile.js';
import { tableScopes } from './table-scopes.js';

export function closingDrift(policies: CompiledPolicies, table: TableMeta): readonly ColumnDrift[] {
  return (table.drift ?? []).filter(
    (drift) =>
      (drift.change === 'removed' || drift.change === 'retyped') &&
      (hasColumnRule(policies, table, drift) || isInRowRule(policies, table, drift)),
  );
}

/** Whoever it is for, and whether in force now or not. */
function hasColumnRule(
  policies: CompiledPolicies,
  { id }: TableMeta,
  { column, tags }: ColumnDrift,
): boolean {
  const scopes = [`${id}.${foldName(column)}`, ...tags.map((tag) => `tag:${foldName(tag)}`)];
  return scopes.some((scope) => policies.columns.has(scope));
}

/** By the name alone: where it stands for something else, the table is closed once too often. */
function isInRowRule(policies: CompiledPolicies, table: TableMeta, { column, tags }: ColumnDrift): boolean {
  const scopes = [...tableScopes(table).all, ...tags.map((tag) => `tag:${foldName(tag)}`)];
  return scopes.some((scope) =>
    (policies.rows.get(scope)?.all ?? []).some(({ where }) => names(foldName(where), foldName(column))),
  );
}

const wordsOf = (text: string): readonly string[] => text.match(/[\p{L}\p{N}_]+/gu) ?? [];

function names(where: string, column: string): boolean {
  return wordsOf(column)[0] === column ? wordsOf(where).includes(column) : where.includes(column);
}
