/** Which plans give the same answer again: those that hold nothing of the moment, and nothing that is free to differ. */
import { describe, expect, it } from '@jest/globals';
import { bind, secure } from '../../../test/support/duckdb-plans.js';
import { isRepeatable } from './repeatable.js';

const NOW = '2026-01-31 12:00:00.000000';
const asks = (sql: string, now = NOW): boolean => isRepeatable(secure(bind(sql), {}), now);

describe('isRepeatable', () => {
  it.each([
    'SELECT * FROM people',
    'SELECT count(*), max(born), sum(pay) FROM people GROUP BY boss ORDER BY 1',
    'SELECT current_user(), current_date(), id FROM people',
    'SELECT name, row_number() OVER (ORDER BY id) FROM people',
    "SELECT name FROM people WHERE born > '2020-01-31' LIMIT 3",
    'WITH t AS (SELECT id FROM people) SELECT * FROM t UNION SELECT id FROM range(3)',
    'SELECT name FROM people WHERE id IN (SELECT person FROM sales)',
  ])('is true: %s', (sql) => {
    expect(asks(sql)).toBe(true);
  });

  it.each([
    'SELECT current_timestamp(), id FROM people',
    'SELECT id FROM people WHERE born < now()',
    'SELECT id FROM people WHERE id IN (SELECT person FROM sales WHERE now() IS NOT NULL)',
    'SELECT collect_list(name) FROM people',
    'SELECT first(name) FROM people',
    'SELECT id FROM people WHERE EXISTS (SELECT first(person) FROM sales)',
  ])('is false: %s', (sql) => {
    expect(asks(sql)).toBe(false);
  });

  it('is true of a moment that the caller wrote', () => {
    const sql = "SELECT id FROM people WHERE born < TIMESTAMP '2026-01-30 12:00:00Z'";
    expect(asks(sql)).toBe(true);
  });

  it('is false of a plan that is not secured', () => {
    expect(isRepeatable(bind('SELECT id FROM people').plan, NOW)).toBe(false);
  });
});
