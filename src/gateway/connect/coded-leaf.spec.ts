/** SQL that calls functions of the session: what is printed for which server, and what lineage says of it. */
import { describe, expect, it } from '@jest/globals';
import { bind, secure } from '../../../test/support/duckdb-plans.js';
import { type OutputLineage, statementLineage } from '../../core/lineage/lineage.js';
import { STRING } from '../../core/plan/types.js';
import { withSessionFunctions } from '../../core/sql/functions/session-table.js';
import { printSpark } from '../../core/sql/spark-plan/print.js';
import type { SecuredStatement } from '../../engines/engine.js';
import { codedLeaf, hasCode } from './coded-leaf.js';

const FUNCTIONS = withSessionFunctions([
  { name: 'Seen', type: STRING, kind: 'scalar' },
  { name: 'gathered', type: STRING, kind: 'aggregate' },
]);

async function cut(sql: string) {
  const bound = bind(sql, FUNCTIONS);
  const asked: SecuredStatement[] = [];
  const print = async (statement: SecuredStatement): Promise<string> => {
    asked.push(statement);
    return printSpark(statement.plan, {
      source: (table) => table,
      column: (_, name) => name,
      output: statement.output,
      fenced: statement.spool,
    });
  };
  const catalog = { tables: new Map() } as never;
  const query = { plan: secure(bound), output: bound.output };
  const leaf = await codedLeaf(query, { catalog, spool: false }, FUNCTIONS, print);
  return { leaf, asked, lineage: statementLineage(leaf.lineage, bound.output) };
}

const columnsOf = ({ inputs }: Pick<OutputLineage, 'inputs'>): readonly string[] =>
  inputs.map(({ table, column }) => `${table}.${column}`).sort();

describe('SQL with functions of the session', () => {
  it('is told from SQL without', () => {
    expect(hasCode(secure(bind('SELECT upper(name) FROM people', FUNCTIONS)))).toBe(false);
    expect(hasCode(secure(bind('SELECT seen(name) FROM people', FUNCTIONS)))).toBe(true);
    expect(hasCode(secure(bind('SELECT gathered(name) FROM people', FUNCTIONS)))).toBe(true);
  });

  it('names its parts, and no table, where the code is', async () => {
    const { leaf, asked } = await cut(
      'SELECT SEEN(p.name), gathered(s.shop) FROM people p JOIN sales s ON p.id = s.person WHERE p.pay > 1 GROUP BY 1',
    );
    expect(leaf.sql).toMatch(/sluice_part1/);
    expect(leaf.sql).toMatch(/\bseen\(/);
    expect(leaf.sql).not.toMatch(/lake|people|sales/);
    expect(leaf.calls).toEqual(['seen', 'gathered']);
    expect(leaf.parts.map(({ sql }) => sql).join()).not.toMatch(/(?:seen|gathered)\(/);
    expect(asked.map(({ plan }) => hasCode(plan))).toEqual(leaf.parts.map(() => false));
    expect(leaf.parts.map(({ columnNames }) => columnNames)).toEqual([['p1', 'p2']]);
  });

  it('lets no other function in', () => {
    expect(() => bind('SELECT unknown(name) FROM people', FUNCTIONS)).toThrow(/not in the function table/);
    expect(FUNCTIONS.lookup('upper')?.summary).not.toMatch(/session/);
    expect(
      withSessionFunctions([{ name: 'UPPER', type: STRING, kind: 'aggregate' }]).lookup('upper')?.kind,
    ).toBe('scalar');
  });

  it('comes from all that it was given: one call could keep what another was given', async () => {
    const { lineage } = await cut(
      'SELECT seen(name) AS a, seen(shop) AS b, id FROM people, sales WHERE pay > 1',
    );
    const given = ['lake.main.people.id', 'lake.main.people.name', 'lake.main.sales.shop'];
    for (const output of lineage.outputs) expect(columnsOf(output)).toEqual(given);
    expect(columnsOf({ inputs: lineage.dataset })).toEqual([
      'lake.main.people.id',
      'lake.main.people.name',
      'lake.main.people.pay',
      'lake.main.sales.shop',
    ]);
  });
});
