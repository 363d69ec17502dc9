/**
 * Is lineage sound? The values of one column are drawn anew. Whatever changes in a result must have been declared:
 * for that output column, or for the result as a whole.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { foldName } from '../../src/core/catalog/catalog.js';
import { type StatementLineage, statementLineage } from '../../src/core/lineage/lineage.js';
import { compilePolicies } from '../../src/core/policy/compile.js';
import { parsePolicy } from '../../src/core/policy/document.js';
import { DecidingPolicies } from '../../src/core/policy/memo.js';
import { type DuckDbEngine, openDuckDbEngine } from '../../src/engines/duckdb/duckdb-engine.js';
import { turnsOf } from '../support/turns.js';
import { type Answer, governed, run, seen, type World } from './ask.js';
import { type Lakes, lakes } from './governed-lake.js';
import { type MakePolicies, makeGround } from './oracle-run.js';
import { Random } from './random.js';
import { randomQuery } from './random-query.js';
import { type Data, type OracleTable, TABLES } from './tables.js';

const LAKES = process.env.SLUICE_LONG ? 200 : 8;
const QUERIES_PER_LAKE = 40;
const SEED = Number(process.env.SLUICE_ORACLE_SEED ?? 20261125);
const TIMEOUT_MS = 60 * 60_000;

const policies: MakePolicies = (documents) =>
  new DecidingPolicies(
    compilePolicies(
      documents.map((document) => ({ document: parsePolicy(document), version: 1 })),
      1,
    ),
  );

let engine: DuckDbEngine;
let ground: Lakes;

beforeAll(async () => {
  ground = lakes();
  engine = await openDuckDbEngine({
    directories: [ground.root],
    runDirectory: join(ground.root, 'run'),
    spillBytesMax: 1_000_000_000,
    threads: 2,
    runningMax: 2,
    turns: turnsOf(2),
  });
});
afterAll(async () => {
  await engine.close();
  ground.dispose();
});

/** The same rows but for one column, whose values are drawn anew. */
function redrawn(random: Random, data: Data, { table, name }: Column): Data {
  const rows = data[table.name] ?? [];
  const drawn = rows.map((row) => ({
    ...row,
    [name]: table.row(random, random.int(0, 99))[name] ?? null,
  }));
  return { ...data, [table.name]: drawn };
}

const names = (inputs: StatementLineage['dataset'], table: string, column: string): boolean =>
  inputs.some((input) => input.table === `lake.main.${table}` && foldName(input.column) === column);

/** Values of each output column, in no order. */
const byColumn = (answer: Answer, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify(answer.rows.map((row) => JSON.stringify((JSON.parse(row) as unknown[])[i])).sort()),
  );

interface Column {
  readonly table: OracleTable;
  readonly name: string;
}
const COLUMNS: readonly Column[] = TABLES.flatMap((table) =>
  Object.keys(table.columns).map((name) => ({ table, name })),
);

interface Compared {
  readonly column: string;
  /** Changed and not declared. */
  readonly missed: readonly string[];
  readonly changed: number;
}

/** Columns to try: one that some output declares, one that none does; neither steers the whole result. */
function tried(random: Random, lineage: StatementLineage): readonly Column[] {
  const free = COLUMNS.filter(({ table, name }) => !names(lineage.dataset, table.name, name));
  const declares = ({ table, name }: Column) =>
    lineage.outputs.some((output) => names(output.inputs, table.name, name));
  return [free.filter(declares), free.filter((column) => !declares(column))].flatMap((columns) =>
    columns.length === 0 ? [] : [random.pick(columns)],
  );
}

async function compare(
  world: World,
  sql: string,
  random: Random,
  redraw: (column: Column) => Promise<World>,
): Promise<readonly Compared[]> {
  const asked = await seen(() => {
    const statement = governed(world, sql);
    return { statement, lineage: statementLineage(statement.statement.plan, statement.bound.output) };
  });
  if ('error' in asked) return [];
  const { lineage, statement } = asked;
  const before = await seen(() => run(engine, statement));
  if ('error' in before) return [];
  const found: Compared[] = [];
  for (const column of tried(random, lineage)) {
    const other = await redraw(column);
    const after = await seen(() => run(engine, governed(other, sql)));
    if ('error' in after) continue;
    const { table, name } = column;
    const [was, is] = [before, after].map((answer) => byColumn(answer, lineage.outputs.length));
    const changed = lineage.outputs.filter((_, i) => was?.[i] !== is?.[i]);
    const missed = changed.filter((output) => !names(output.inputs, table.name, name));
    found.push({
      column: `${table.name}.${name}`,
      missed: missed.map((output) => output.name),
      changed: changed.length,
    });
  }
  return found;
}

describe('lineage over random statements and policies', () => {
  it(
    `declares whatever changes when a column changes (${LAKES * QUERIES_PER_LAKE} statements)`,
    async () => {
      let compared = 0;
      let changed = 0;
      for (let i = 0; i < LAKES; i += 1) {
        const random = new Random(SEED + i);
        const lake = await makeGround(SEED + i, ground, policies);
        const others = new Map<string, World>();
        const redraw = async (column: Column): Promise<World> => {
          const key = `${column.table.name}.${column.name}`;
          const known = others.get(key);
          if (known !== undefined) return known;
          const catalog = await ground.make(redrawn(random, lake.data, column));
          const made = { catalog, policies: lake.governed.policies };
          others.set(key, made);
          return made;
        };
        for (let q = 0; q < QUERIES_PER_LAKE; q += 1) {
          const sql = randomQuery(new Random(SEED + i * 1_000 + q), lake.closed);
          for (const verdict of await compare(lake.governed, sql, random, redraw)) {
            compared += 1;
            changed += verdict.changed;
            expect({ sql, ...verdict }).toMatchObject({ missed: [] });
          }
        }
        lake.drop();
        for (const { catalog } of others.values()) ground.drop(catalog);
      }
      // Else nothing was tried.
      expect(compared).toBeGreaterThan(LAKES * QUERIES_PER_LAKE);
      expect(changed).toBeGreaterThan(LAKES * 2);
    },
    TIMEOUT_MS,
  );
});
