/**
 * A document against the catalogue it will govern: masks fit their columns, row rules are conditions over the
 * tables they name. What may only be wrong (a table that is not there yet, masks that cannot be compared) is
 * a warning.
 */
import { type CatalogSnapshot, findColumn, foldName, type TableMeta } from '../catalog/catalog.js';
import { typeName } from '../plan/types.js';
import { foldScope } from './compile.js';
import { tableScopes } from './decide.js';
import { type PolicyDocument, type Problem, policyInvalid } from './document.js';
import { compareMasks, maskFits, maskOf } from './masks.js';

export interface Warning {
  readonly path: string;
  readonly text: string;
}

/** What is wrong with a row rule over this table, or nothing. */
export type RuleProblem = (where: string, table: TableMeta) => string | undefined;

/** Tables that one rule is tried over: more of the same scope say nothing new. */
const TRIED_TABLES_MAX = 200;

/** Throws POLICY_INVALID with every problem; gives the warnings. */
export function validatePolicy(
  document: PolicyDocument,
  catalog: CatalogSnapshot,
  ruleProblem: RuleProblem,
): readonly Warning[] {
  const tables = [...catalog.tables.values()];
  const problems: Problem[] = [];
  const warnings: Warning[] = [];
  const lists = { grants: document.grants, rows: document.rows, purposes: document.purposes };
  for (const [list, rules] of Object.entries(lists)) {
    rules.forEach((rule, i) => {
      for (const pattern of rule.on) {
        if (matchedTables(pattern, tables).length > 0 || pattern.startsWith('tag:')) continue;
        warnings.push({ path: `${list}.${i}.on`, text: `${pattern} is no table now` });
      }
    });
  }
  document.rows.forEach((row, i) => {
    for (const pattern of row.on) {
      for (const table of matchedTables(pattern, tables).slice(0, TRIED_TABLES_MAX)) {
        const problem = ruleProblem(row.where, table);
        if (problem !== undefined)
          problems.push({ path: `rows.${i}.where`, message: `does not fit ${table.id}: ${problem}` });
      }
    }
  });
  for (const [i, rule] of document.columns.entries()) {
    columnProblems(rule, `columns.${i}`, tables, problems, warnings);
  }
  incomparable(document, warnings);
  if (problems.length > 0) throw policyInvalid(problems);
  return warnings;
}

const matchedTables = (pattern: string, tables: readonly TableMeta[]): readonly TableMeta[] => {
  const scope = foldScope(pattern);
  return tables.filter((table) => tableScopes(table).includes(scope));
};

type ColumnRule = PolicyDocument['columns'][number];

function columnProblems(
  rule: ColumnRule,
  path: string,
  tables: readonly TableMeta[],
  problems: Problem[],
  warnings: Warning[],
): void {
  const mask = rule.mask === undefined ? undefined : maskOf(rule.mask);
  for (const pattern of rule.on) {
    const columns = columnsOf(pattern, tables);
    if (columns.length === 0) warnings.push({ path: `${path}.on`, text: `${pattern} is no column now` });
    for (const { table, column } of columns) {
      if (mask === undefined || maskFits(mask, column.type)) continue;
      problems.push({
        path: `${path}.mask`,
        message: `${mask.kind} does not fit ${table.id}.${foldName(column.name)}, which is ${typeName(column.type)}`,
      });
    }
  }
}

function columnsOf(pattern: string, tables: readonly TableMeta[]) {
  const folded = foldName(pattern);
  if (folded.startsWith('tag:')) {
    return tables.flatMap((table) =>
      table.columns
        .filter((column) => column.tags.some((tag) => `tag:${foldName(tag)}` === folded))
        .map((column) => ({ table, column })),
    );
  }
  const parts = folded.split('.');
  const table = tables.find((t) => t.id === parts.slice(0, 3).join('.'));
  const column = table && findColumn(table, parts[3] ?? '');
  return table && column ? [{ table, column }] : [];
}

/** Two masks of this document on the same pattern that cannot be compared give NULL where both apply. */
function incomparable(document: PolicyDocument, warnings: Warning[]): void {
  const seen = new Map<string, { readonly mask: ReturnType<typeof maskOf>; readonly path: string }[]>();
  document.columns.forEach((rule, i) => {
    if (rule.mask === undefined) return;
    const mask = maskOf(rule.mask);
    for (const pattern of rule.on) {
      const others = seen.get(foldName(pattern)) ?? [];
      for (const other of others) {
        if (compareMasks(mask, other.mask) !== undefined) continue;
        warnings.push({
          path: `columns.${i}.mask`,
          text: `cannot be compared with ${other.path}: where both apply, ${pattern} is NULL`,
        });
      }
      seen.set(foldName(pattern), [...others, { mask, path: `columns.${i}` }]);
    }
  });
}
