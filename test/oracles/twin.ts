/**
 * Other data that looks the same to the probe: hidden rows are replaced, dropped or added, masked values are
 * exchanged for others with the same mask, closed tables and hidden columns are filled anew.
 */
import { masked } from './mask-values.js';
import { keeps, maskOf, may, type OraclePolicy, readByRules } from './policy-model.js';
import type { Random } from './random.js';
import { type Data, type OracleTable, type Row, TABLES } from './tables.js';

const TRIES_MAX = 12;
const ADDED_ROWS_MAX = 8;

export function twinData(random: Random, data: Data, policy: OraclePolicy): Data {
  // What rules read stays, or other rows would become visible.
  const fixed = readByRules(policy);
  return Object.fromEntries(
    TABLES.map((table) => {
      const rows = data[table.name] ?? [];
      if (fixed.has(table.name)) return [table.name, rows];
      if (!may('browse', table.name, policy) || !may('read', table.name, policy)) {
        return [table.name, Array.from({ length: random.int(0, 40) }, (_, i) => table.row(random, i))];
      }
      const twins = rows.flatMap((row) => twinRow(random, row, table, data, policy));
      return [table.name, [...twins, ...hiddenRows(random, ADDED_ROWS_MAX, table, data, policy)]];
    }),
  );
}

function hiddenRows(
  random: Random,
  count: number,
  table: OracleTable,
  data: Data,
  policy: OraclePolicy,
): readonly Row[] {
  const tried = Array.from({ length: random.int(0, count) }, () => table.row(random, random.int(0, 2_000)));
  return tried.filter((row) => !keeps(row, table.name, data, policy));
}

function twinRow(
  random: Random,
  row: Row,
  table: OracleTable,
  data: Data,
  policy: OraclePolicy,
): readonly Row[] {
  if (!keeps(row, table.name, data, policy)) return hiddenRows(random, 2, table, data, policy);
  let twin = row;
  for (const column of Object.keys(table.columns)) {
    const mask = maskOf(table.name, column, policy);
    if (mask === 'clear') continue;
    const shown = JSON.stringify(masked(row[column] ?? null, mask));
    for (let i = 0; i < TRIES_MAX; i += 1) {
      const value = table.row(random, random.int(0, 60))[column] ?? null;
      const changed = { ...twin, [column]: value };
      if (JSON.stringify(masked(value, mask)) !== shown) continue;
      if (!keeps(changed, table.name, data, policy)) continue;
      twin = changed;
      break;
    }
  }
  return [twin];
}

/** The same rows, as visible as before, with other values in these `table.column`s. */
export function refilled(
  random: Random,
  data: Data,
  policy: OraclePolicy,
  columns: ReadonlySet<string>,
): Data {
  const fixed = readByRules(policy);
  return Object.fromEntries(
    TABLES.map((table) => {
      const own = Object.keys(table.columns).filter((column) => columns.has(`${table.name}.${column}`));
      const rows = data[table.name] ?? [];
      if (fixed.has(table.name)) return [table.name, rows];
      return [
        table.name,
        rows.map((row, i) => own.reduce((r, c) => refill(random, r, c, i, table, data, policy), row)),
      ];
    }),
  );
}

function refill(
  random: Random,
  row: Row,
  column: string,
  index: number,
  table: OracleTable,
  data: Data,
  policy: OraclePolicy,
): Row {
  const value = table.row(random, index + random.int(0, 50))[column] ?? null;
  const changed = { ...row, [column]: value };
  return keeps(changed, table.name, data, policy) === keeps(row, table.name, data, policy) ? changed : row;
}
