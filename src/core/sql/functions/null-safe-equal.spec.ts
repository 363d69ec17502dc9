import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EngineLake } from '../../../../test/support/engine-lake.js';

let lake: EngineLake;
beforeAll(async () => {
  lake = await EngineLake.open({
    'empty.parquet': 'SELECT NULL::VARCHAR AS a, i AS n FROM range(5) t(i)',
    'filled.parquet': "SELECT CASE WHEN i > 2 THEN 'x' END AS a, i AS n FROM range(5) t(i)",
  });
});
afterAll(() => lake.close());

const count = async (table: string, where: string) =>
  (await lake.rows(`SELECT count(*) FROM ${table} WHERE ${where}`)).rows[0]?.[0];

describe('<=>', () => {
  it('is right over a column that is all NULL, inside OR too', async () => {
    expect(await count('empty', "a >= 'z' OR NOT (a <=> 'x')")).toBe(5);
    expect(await count('empty', "a >= 'z' OR NOT ('x' <=> a)")).toBe(5);
    expect(await count('empty', "a >= 'z' OR NOT (a <=> concat('x', ''))")).toBe(5);
    expect(await count('empty', "a = 'z' OR a <=> NULL")).toBe(5);
    expect(await count('filled', "a >= 'z' OR NOT (a <=> 'x')")).toBe(3);
    expect(await count('filled', "a <=> 'x'")).toBe(2);
  });

  it('still joins by hash between columns', async () => {
    const sql = 'SELECT count(*) FROM filled f JOIN empty e ON f.a <=> e.a';
    expect((await lake.rows(sql)).rows).toEqual([[15]]);
    const prepared = await lake.engine.prepare(lake.statement(sql));
    expect(await lake.engine.explain(prepared)).toMatch(/hash.?join/i);
  });
});
