/**
 * The tables of TPC-DS as its queries know them: a column's prefix says whose it is, its name of what kind. Enough to bind
 * every text; the columns that no query asks for are not here.
 */
import type { ColumnMeta } from '../src/core/catalog/catalog.js';
import { BIGINT, DATE, type DataType, decimal, INT, STRING } from '../src/core/plan/types.js';
import type { SqlText } from '../test/support/spark-sql-tests.js';

const TABLES: Readonly<Record<string, string>> = {
  c: 'customer',
  ca: 'customer_address',
  cc: 'call_center',
  cd: 'customer_demographics',
  cp: 'catalog_page',
  cr: 'catalog_returns',
  cs: 'catalog_sales',
  d: 'date_dim',
  hd: 'household_demographics',
  i: 'item',
  ib: 'income_band',
  inv: 'inventory',
  p: 'promotion',
  r: 'reason',
  s: 'store',
  sm: 'ship_mode',
  sr: 'store_returns',
  ss: 'store_sales',
  t: 'time_dim',
  w: 'warehouse',
  web: 'web_site',
  wp: 'web_page',
  wr: 'web_returns',
  ws: 'web_sales',
};

const words = (text: string): string => text.trim().split(/\s+/).join('|');
const MONEY = words(
  'amt amount cost price paid profit tax loss fee cash charge credit percentage offset ship wholesale inc',
);
const COUNTS =
  words(`year moy qoy dom dow hour minute seq quantity count size bound manager_id brand_id class_id
  category_id manufact_id employees space on_hand month day`);
const KINDS: readonly (readonly [RegExp, DataType])[] = [
  [/_sk$|_number$/, BIGINT],
  [/^d_date$|_rec_(start|end)_date$/, DATE],
  [new RegExp(`_(${MONEY})`), decimal(7, 2)],
  [new RegExp(`_(${COUNTS})$|_birth_`), INT],
];

/** `tables.get('item')`; columns in no order that means anything. */
export function tpcdsTables(texts: readonly SqlText[]): ReadonlyMap<string, readonly ColumnMeta[]> {
  const columns = new Map<string, Set<string>>(Object.values(TABLES).map((table) => [table, new Set()]));
  for (const { sql } of texts) {
    for (const [name] of sql.toLowerCase().matchAll(/\b[a-z]{1,3}_[a-z0-9_]+\b/g)) {
      columns.get(TABLES[name.split('_', 1)[0] ?? ''] ?? '')?.add(name);
    }
  }
  return new Map([...columns].map(([table, names]) => [table, [...names].sort().map(columnOf)]));
}

const columnOf = (name: string): ColumnMeta => ({
  name,
  type: KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? STRING,
  nullable: true,
  tags: [],
});
