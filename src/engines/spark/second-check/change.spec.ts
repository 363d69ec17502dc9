/** The judge of changes of rows: what Spark 4.2 says of them, and every way in which that must not be different. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GovernanceError } from '../../../core/errors.js';
import { changeCheck } from './change.js';

const FOLDER = '/warehouse/w1';
const OTHER = '/warehouse/w2';
const LOG = `Delta[version=0, file:${FOLDER}]`;
const TABLE = `SubqueryAlias spark_catalog.delta.\`file://${FOLDER}\``;
const BELOW = `
   +- SubqueryAlias target
      +- ${TABLE}
         +- Relation [id#312,country#313,total#314] parquet`;

const UPDATE = `UpdateCommand ${LOG}, [id#312, upper(country#313), total#314], ((id#312 > 1) AND country#313 IN (DE,FR))${BELOW}`;
const DELETE = `DeleteCommand org.apache.spark.sql.delta.DeltaLog@68b76028, ((id#312 = 2) AND (length(country#313) > 1))${BELOW}`;
const MERGE =
  `MergeIntoCommand SubqueryAlias source, SubqueryAlias target, ${LOG}, (id#338 = c1#332), ` +
  '[Update [actions: [`id` = id#338, `country` = CASE WHEN (length(c2#333) > 1) THEN c2#333 ELSE cast(raise_error(' +
  'USER_RAISED_EXCEPTION, map(errorMessage, x), NullType) as string) END]]], [Insert [actions: [`id` = c1#332]]], ' +
  'StructType(StructField(id,IntegerType,true),StructField(total,DecimalType(2,1),true)), false';
const CHANGES = { UPDATE, DELETE, MERGE } as const;

const explained = (plan: string): string =>
  `== Parsed Logical Plan ==\n'UpdateTable\n\n== Analyzed Logical Plan ==\nnum_affected_rows: bigint\n${plan}\n\n\n== Optimized Logical Plan ==\n${plan}\n`;

/** What the judge says; undefined when it lets the change pass. */
function verdict(plan: string, folder = FOLDER): string | undefined {
  try {
    changeCheck(explained(plan), folder);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(GovernanceError);
    expect((error as GovernanceError).code).toBe('SECOND_CHECK');
    return String(((error as Error).cause as Error).message);
  }
}

const word = fc.stringMatching(/^[A-Z][a-z]{2,9}$/);

describe.each(Object.entries(CHANGES))('%s', (kind, plan) => {
  it('passes for the table that was meant', () => {
    expect(verdict(plan)).toBeUndefined();
  });

  it('is refused for any other table', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\/[a-z0-9/]{1,20}$/), (folder) => {
        fc.pre(folder !== FOLDER);
        expect(verdict(plan, folder)).toMatch(/another table/);
        expect(verdict(plan.replaceAll(FOLDER, folder))).toMatch(/another table/);
      }),
    );
    // Neither what it begins nor what it ends with is the table.
    for (const folder of [`${FOLDER}2`, `/x${FOLDER}`, '/warehouse', `${FOLDER}/x`])
      expect(verdict(plan.replaceAll(FOLDER, folder))).toMatch(/another table/);
  });

  it('is refused for another table, whatever values say of the one that was meant', () => {
    const elsewhere = plan.replaceAll(FOLDER, OTHER);
    for (const value of [
      `${LOG}, x`,
      `, file:${FOLDER}]`,
      TABLE,
      `${LOG} spark_catalog.delta.\`file://${FOLDER}\``,
    ]) {
      const said = elsewhere.replace(/\(id#3\d\d (?:>|=)/, `(country#313 = ${value}) AND $&`);
      expect(said).toContain(value);
      expect(verdict(said)).toMatch(/another table/);
    }
  });

  it('passes whatever values say of another table', () => {
    for (const value of [`Delta[version=1, file:${OTHER}]`, 'Delta[version=']) {
      expect(verdict(plan.replace(/\(id#3\d\d (?:>|=)/, `(country#313 = ${value}) AND $&`))).toBeUndefined();
    }
  });

  it('is the command that it is, no other', () => {
    const [command = ''] = plan.split(' ');
    fc.assert(
      fc.property(word, (name) => {
        expect(verdict(plan.replace(command, name))).toMatch(/a command of kind/);
        expect(verdict(plan.replace(command, `${name}Command`))).toMatch(/a command of kind/);
      }),
    );
    expect(verdict(`Project [id#312]\n+- ${plan.replaceAll('\n', '\n   ')}`)).toMatch(/of kind Project/);
  });

  it('calls listed functions only, wherever they stand', () => {
    const listed = kind === 'UPDATE' ? 'upper(' : 'length(';
    for (const name of [
      'reflect',
      'java_method',
      'input_file_name',
      'current_user',
      'spark_catalog.default.upper',
    ])
      expect(verdict(plan.replace(listed, `${name}(`))).toMatch(/a function outside the list/);
    fc.assert(
      fc.property(fc.stringMatching(/^zz[a-z_]{1,12}$/), (name) => {
        expect(verdict(plan.replace(listed, `${name}(`))).toContain(name);
      }),
    );
  });

  it('reads nothing beside its table', () => {
    const nodes = [
      'Join Inner',
      'Project [1 AS x#9]',
      'Filter true',
      'LogicalRDD [x#9]',
      'View (`x`.`y`, [id#1])',
    ];
    for (const node of nodes) {
      const below = plan.includes('\n')
        ? plan.replace('SubqueryAlias target', node)
        : `${plan}\n   +- ${node}`;
      expect(verdict(below)).toMatch(/a node of kind/);
      // As a subquery of the condition.
      expect(verdict(plan.replace(/\n|$/, `\n   :  +- ${node}\n`).replace(/\n$/, ''))).toBeDefined();
    }
  });

  it('is a plan of the form that is known', () => {
    const cuts = [plan.slice(0, 0), ` ${plan}`, `${plan}\n${plan}`, plan.replace(' ', '\n')];
    for (const cut of cuts) expect(verdict(cut)).toBeDefined();
    expect(() => changeCheck(plan, FOLDER)).toThrow(GovernanceError);
  });
});

it('a table of the tree is the one that is changed', () => {
  expect(verdict(UPDATE.replace(TABLE, TABLE.replace(FOLDER, OTHER)))).toMatch(/another table/);
  expect(verdict(UPDATE.replace(LOG, LOG.replace(FOLDER, OTHER)))).toMatch(/another table/);
  expect(verdict(DELETE.replace(`      +- ${TABLE}\n   `, ''))).toMatch(/another table/);
});
