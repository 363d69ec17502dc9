import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CatalogSnapshot, TableMeta } from '../core/catalog/catalog.js';
import { type DataType, INT, STRING } from '../core/plan/types.js';
import { ruleProblems } from './rule-problems.js';

const table = (name: string, columns: Readonly<Record<string, DataType>>): TableMeta => ({
  id: `shop.crm.${name}`,
  catalog: 'shop',
  schema: 'crm',
  table: name,
  columns: Object.entries(columns).map(([column, type]) => ({
    name: column,
    type,
    nullable: true,
    tags: [],
  })),
  tags: [],
  source: { format: 'parquet', files: [], partitions: [] },
  version: '1',
});
const CUSTOMERS = table('customers', { id: INT, country: STRING, level: INT });
const ORDERS = table('orders', { customer_id: INT });
const PAY = table('pay', { customer_id: INT });
const CATALOG: CatalogSnapshot = {
  version: '1',
  tables: new Map([CUSTOMERS, ORDERS, PAY].map((one) => [one.id, one])),
};
const AUTHOR = {
  attributes: new Set(['countries', 'level', 'sees_all']),
  readsRaw: ({ id }: TableMeta) => id !== PAY.id,
};
const problem = ruleProblems(CATALOG, AUTHOR);

describe('a row rule', () => {
  it.each([
    "country = 'DE'",
    'COUNTRY IN (:principal.countries)',
    'country = :principal.user',
    'level <= :principal.level',
    ':principal.sees_all OR level > 3',
    'id IN (SELECT customer_id FROM orders)',
    'EXISTS (SELECT 1 FROM shop.crm.orders o WHERE o.customer_id = id)',
    'true',
  ])('%s is right over the table', (where) => {
    expect(problem(where, CUSTOMERS)).toBeUndefined();
  });

  it.each([
    ['id', /boolean/i],
    ['id >', /./],
    ['nope = 1', /nope/],
    ['region IN (:principal.countries)', /region/],
    ['country = :principal.team', /no principal has the attribute/],
    ['country = :team', /./],
    ['country = ?', /positional/],
    ['count(*) > 1', /./],
    ['id IN (SELECT id FROM secrets)', /./],
    ['id IN (SELECT customer_id FROM pay)', /you do not read shop\.crm\.pay in clear/],
    ['id IN (SELECT id FROM `shop.crm.orders`)', /./],
    ["reflect('java.lang.System', 'exit') = 1", /reflect/],
    ['id = 1; DROP TABLE x', /./],
  ])('%s is wrong, and it says why', (where, why) => {
    expect(problem(where, CUSTOMERS)).toMatch(why);
  });

  it('without a table is read only', () => {
    expect(problem('anything = 1', undefined)).toBeUndefined();
    expect(problem('(anything', undefined)).toBeDefined();
  });

  it('is a problem or none, whatever it is', () => {
    const pieces = fc.constantFrom(
      'id',
      '(',
      ')',
      'AND',
      'NOT',
      '=',
      "'x'",
      ':principal.level',
      'SELECT',
      'IN',
      '1',
      '.',
      '`',
      '"',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((some) => some.join(' ')),
        ),
        (where) => {
          expect(typeof problem(where, CUSTOMERS)).toMatch(/string|undefined/);
        },
      ),
      { numRuns: 300 },
    );
  });
});
