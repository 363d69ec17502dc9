/** The second judge of Spark's plans: what it lets through, and a list of what must not pass. */
import { describe, expect, it } from '@jest/globals';
import { GovernanceError } from '../../src/core/errors.js';
import { type Expected, secondCheck } from '../../src/engines/spark/second-check.js';

const VIEW = 'lake_0f.t1';
const OTHER = 'lake_0f.t2';

const EXPECTED: Expected = {
  fenced: true,
  leaves: [
    { leaf: 1, view: VIEW, named: false, streamed: false, filtered: true, columns: ['c1', 'c2'], count: 1 },
    { leaf: 2, view: OTHER, named: false, streamed: false, filtered: false, columns: ['c3'], count: 1 },
  ],
};

const FENCE = `Filter (SPARK_PARTITION_ID() >= 0)
            +- SubqueryAlias fence1
               +- Project [c11#1L, c12#3]`;
const RULE = 'Filter (c12#3 IN (DE,FR) AND isnotnull(c11#1L))';
/** Two leaves, joined, the second in a subquery as well. */
const PLAN = `Project [c1#21L, c2#22]
+- Filter c1#21L IN (list#40 [])
   :  +- Project [c3#31L]
   :     +- SubqueryAlias s3
   :        +- Project [c13#9L AS c3#31L]
   :           +- SubqueryAlias raw2
   :              +- Project [cast(id#5L as bigint) AS c13#9L]
   :                 +- SubqueryAlias ${OTHER}
   :                    +- View (\`lake_0f\`.\`t2\`, [id#5L])
   :                       +- Relation [id#5L] parquet
   +- SubqueryAlias s1
      +- Project [c11#1L AS c1#21L, concat(left(c12#3, 1), xxx) AS c2#22]
         +- ${FENCE}
                  +- ${RULE}
                     +- SubqueryAlias raw1
                        +- Project [cast(id#6L as bigint) AS c11#1L, cast(name#7 as string) AS c12#3]
                           +- SubqueryAlias ${VIEW}
                              +- View (\`lake_0f\`.\`t1\`, [id#6L, name#7])
                                 +- Relation [id#6L,name#7] parquet`;

const explained = (plan: string): string =>
  `== Parsed Logical Plan ==\n'Project ['c1]\n\n== Analyzed Logical Plan ==\nc1: bigint, c2: string\n${plan}\n\n== Optimized Logical Plan ==\nProject\n`;

/** What the judge says; undefined when it lets the plan pass. */
function verdict(plan: string, expected = EXPECTED): string | undefined {
  try {
    secondCheck(explained(plan), expected);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(GovernanceError);
    expect((error as GovernanceError).code).toBe('SECOND_CHECK');
    return String(((error as Error).cause as Error).message);
  }
}

const ATTACKS: readonly (readonly [name: string, plan: string, says: RegExp])[] = [
  ['a row rule that is gone', PLAN.replace(RULE, 'SubqueryAlias s9'), /SPARK/],
  ['a fence that is gone', PLAN.replace('SPARK_PARTITION_ID() >= 0', 'true'), /other columns/],
  [
    'a fence beside the rule',
    PLAN.replace(RULE, RULE.replace('))', ') AND (SPARK_PARTITION_ID() >= 0))')),
    /SPARK/,
  ],
  [
    'a fence beside an OR',
    PLAN.replace('SPARK_PARTITION_ID() >= 0', '(SPARK_PARTITION_ID() >= 0) OR true'),
    /SPARK/,
  ],
  ['a fence over columns made anew', PLAN.replace('[c11#1L, c12#3]', '[upper(c12#3) AS c12#3]'), /fence/],
  [
    'a fence that a name claims',
    PLAN.replace('Filter (SPARK_PARTITION_ID() >= 0)', 'Filter true'),
    /other columns/,
  ],
  ['another view', PLAN.replaceAll('t1', 't9'), /not its table/],
  ['the view of another leaf', PLAN.replaceAll(VIEW, OTHER).replace('`t1`', '`t2`'), /not its table/],
  ['a view under a false name', PLAN.replace('`t1`', '`t9`'), /not its table/],
  ['a raw column shown', PLAN.replace(', concat(left(c12#3, 1), xxx) AS c2#22', ', c12#3'), /other columns/],
  ['one column more', PLAN.replace('AS c1#21L, ', 'AS c1#21L, c12#3 AS c9#50, '), /other columns/],
  ['a relation without a leaf', PLAN.replace('SubqueryAlias raw1', 'SubqueryAlias s7'), /SPARK/],
  ['a leaf of another statement', PLAN.replace('SubqueryAlias raw1', 'SubqueryAlias raw7'), /none of the/],
  ['files beside the leaves', PLAN.replace('Project [c3#31L]\n', 'Relation [x#1] csv\n'), /kind Relation/],
  ['code', PLAN.replace('concat(', 'reflect('), /function outside the list: reflect/],
  ['code in a row rule', PLAN.replace('isnotnull(', 'java_method('), /java_method/],
  ['the file of a row', PLAN.replace('left(c12#3, 1)', 'input_file_name()'), /input_file_name/],
  ['the partition of a row', PLAN.replace('left(c12#3, 1)', 'SPARK_PARTITION_ID()'), /SPARK_PARTITION_ID/],
  ['a session function', PLAN.replace('concat(', 'spark_catalog.default.concat('), /spark_catalog/],
  [
    'a kind of node that is unknown',
    PLAN.replace('Project [c1#21L, c2#22]', 'MapInPandas [c1#1]'),
    /MapInPandas/,
  ],
  ['a command', 'CreateViewCommand `x`, SELECT 1', /CreateViewCommand/],
  ['a line end in a text', PLAN.replace('xxx', 'x\n+- OneRowRelation'), /leaf|plan|node/],
  ['a line of no form', PLAN.replace('xxx', 'x\nx'), /no node/],
  ['an odd indent', PLAN.replace('   +- SubqueryAlias s1', '    +- SubqueryAlias s1'), /no node|indented/],
  ['two roots', `${PLAN}\nOneRowRelation`, /two roots/],
  ['a leaf that is missing', 'OneRowRelation', /missing/],
  ['nothing', '', /no node|empty/],
];

describe('the second judge', () => {
  it('lets a secured plan pass', () => {
    expect(verdict(PLAN)).toBeUndefined();
  });

  it('lets a leaf pass as a stream exactly where it is one', () => {
    const streamed = PLAN.replace(
      'Relation [id#6L,name#7] parquet',
      'StreamingRelation FileSource[/x], [id#6L]',
    );
    const marked = streamed.replace(/^([ :+-]*)(Project|Filter|SubqueryAlias)/gm, '$1~$2');
    const leaves = EXPECTED.leaves.map((leaf) => ({ ...leaf, streamed: leaf.leaf === 1 }));
    expect(marked).toContain('~Project');
    for (const plan of [streamed, marked]) {
      expect(verdict(plan, { ...EXPECTED, leaves })).toBeUndefined();
      expect(verdict(plan)).toMatch(/not its table/);
    }
    expect(verdict(PLAN, { ...EXPECTED, leaves })).toMatch(/not its table/);
    expect(verdict(PLAN.replace('~', '~~').replace('Project', '~~Project'))).toMatch(/no node/);
  });

  it('lets values, ranges and tables of the statement pass', () => {
    const plan =
      'WithCTE\n:- CTERelationDef 0, false\n:  +- Range (0, 10, step=1)\n+- CTERelationRef 0, true, [id#1L]';
    expect(verdict(plan, { fenced: false, leaves: [] })).toBeUndefined();
  });

  it.each(ATTACKS)('refuses %s', (_, plan, says) => {
    expect(plan).not.toBe(PLAN);
    expect(verdict(plan)).toMatch(says);
  });

  it('refuses what is no explanation', () => {
    expect(() => secondCheck('Project', EXPECTED)).toThrow('second judge');
  });
});
