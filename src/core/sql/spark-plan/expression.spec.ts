/** Masks as Spark computes them; what it cannot without a secret is refused. */
import { describe, expect, it } from '@jest/globals';
import { GovernanceError } from '../../errors.js';
import type { ScanColumn } from '../../plan/plan.js';
import { STRING } from '../../plan/types.js';
import { callOf, columnOf, textOf } from '../../rewrite/expressions.js';
import { functionTable } from '../functions/table.js';
import { SparkExpressionPrinter } from './expression.js';

const column: ScanColumn = { id: 7, name: 'email', source: 'email', type: STRING, nullable: true };
const printer = new SparkExpressionPrinter(
  () => 'SELECT 1',
  (id) => `c${id}`,
);

describe('masks on Spark', () => {
  it('are all there but the keyed hash, whose key would stand in the plan', () => {
    const masks = functionTable.all().filter(({ internal }) => internal === true);
    const missing = masks.filter(({ spark }) => spark === undefined).map(({ name }) => name);
    expect(missing).toEqual(['sluice_hash']);
    expect(printer.print(callOf('sluice_mask_email', [columnOf(column)]))).toContain('c7');
  });

  it('refuse the keyed hash with a code and a way out', () => {
    const hash = callOf('sluice_hash', [columnOf(column), textOf('crm')]);
    let thrown: unknown;
    try {
      printer.print(hash);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(GovernanceError);
    const { code, details } = thrown as GovernanceError;
    expect(code).toBe('MASK_NEEDS_DUCKDB');
    expect(details.remedy).toMatch(/engine "duckdb"/);
  });
});
