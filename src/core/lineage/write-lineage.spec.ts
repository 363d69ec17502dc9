import { describe, expect, it } from '@jest/globals';
import { bind, secure } from '../../../test/support/duckdb-plans.js';
import type { Expr, Scan } from '../plan/plan.js';
import { INT, STRING } from '../plan/types.js';
import type { BoundRowChange } from '../plan/write.js';
import { changeQuery } from '../rewrite/row-change.js';
import { statementLineage } from './lineage.js';
import { tableWriteLineage } from './write-lineage.js';

const AT = { line: 1, column: 1 };

describe('the lineage of writes', () => {
  it('puts the columns of the table for those of the query', () => {
    const source = bind('SELECT name, pay FROM people WHERE boss = 1');
    const columns = [
      { name: 'who', type: STRING },
      { name: 'much', type: INT },
    ];
    const write = {
      kind: 'table-write',
      target: { object: 'lake.main.t', at: AT },
      mode: 'create',
      format: 'parquet',
      columns,
      source,
    } as const;
    const found = tableWriteLineage(write, secure(source));
    expect(found.outputs.map(({ name, inputs }) => [name, inputs.map((i) => i.column)])).toEqual([
      ['who', ['name']],
      ['much', ['pay']],
    ]);
    expect(found.dataset.map((i) => i.column)).toEqual(['boss']);
  });

  it('follows each assignment of a MERGE; what joins and chooses steers all of it', () => {
    const target = bind('SELECT * FROM people');
    const source = bind('SELECT * FROM sales');
    const scan = target.leaves[0] as Scan;
    const shifted = 500;
    const other = source.leaves[0] as Scan;
    const sourcePlan: Scan = { ...other, columns: other.columns.map((c) => ({ ...c, id: c.id + shifted })) };
    const output = source.output.map((c) => ({ ...c, id: c.id + shifted }));
    const moved = { plan: sourcePlan, output, leaves: [sourcePlan] };
    const column = (from: Scan, name: string): Expr => {
      const found = from.columns.find((c) => c.source === name);
      if (found === undefined) throw new Error(name);
      return { kind: 'column', id: found.id, type: found.type, nullable: true };
    };
    const change: BoundRowChange = {
      kind: 'row-change',
      target: { object: 'lake.main.people', at: AT },
      scan,
      columns: [],
      source: moved,
      on: column(sourcePlan, 'person'),
      clauses: [
        { when: 'matched', condition: column(scan, 'boss'), action: { kind: 'delete' } },
        {
          when: 'matched',
          action: { kind: 'update', values: [{ column: 'pay', value: column(sourcePlan, 'amount') }] },
        },
      ],
      leaves: [scan, sourcePlan],
    };
    const { query } = changeQuery(change);
    const found = statementLineage(secure(query), query.output);
    expect(
      found.outputs.map(({ name, inputs }) => [name, inputs.map((i) => `${i.table}.${i.column}`)]),
    ).toEqual([['pay', ['lake.main.sales.amount']]]);
    expect(found.dataset.map((i) => i.column)).toEqual(['boss', 'person']);
  });
});
