/**
 * What lineage costs: following the columns of each text of TPC-DS, and asking what a change of one column reaches in a graph
 * of 100,000 edges.
 */
import pg from 'pg';
import { bindQuery } from '../src/core/bind/bind.js';
import { statementLineage } from '../src/core/lineage/lineage.js';
import type { BoundQuery } from '../src/core/plan/plan.js';
import { functionTable } from '../src/core/sql/functions/table.js';
import { parseStatement } from '../src/core/sql/parse.js';
import { openStore, type Store } from '../src/store/store.js';
import { startTestPostgres } from '../test/support/postgres.js';
import { sparkSqlTests } from '../test/support/spark-sql-tests.js';
import type { Figure } from './figure.js';
import { median, requireCount } from './measure.js';
import { tpcdsTables } from './tpcds-tables.js';

const RUNS = 15;
const TEXTS = 103;
/** One rounds a double, which is refused: engines do not agree on its digits. */
const REFUSED = ['tpcds/q78.sql'];
const EXTRACTION_AIM_MS = 2;
const IMPACT_AIM_MS = 200;

/** Layers of tables, each column made of a few of the layer below. */
const LAYERS = 11;
const TABLES = 50;
const COLUMNS = 20;
const PARENTS = 10;
const EDGES = (LAYERS - 1) * TABLES * COLUMNS * PARENTS;
const DEPTH = 20;
const QUERIES = 9;

export async function lineageBench(): Promise<readonly Figure[]> {
  return [...extraction(), await impact()];
}

/** Nothing, with one line said, where the texts cannot be fetched. */
function extraction(): readonly Figure[] {
  const tests = sparkSqlTests();
  if (tests === undefined) return [];
  requireCount('texts of TPC-DS', tests.tpcds.length, TEXTS);
  const tables = tpcdsTables(tests.tpcds);
  const asked = tests.tpcds.filter(({ file }) => !REFUSED.includes(file));
  requireCount('texts of TPC-DS that are asked', asked.length, TEXTS - REFUSED.length);
  const times = asked.map(({ sql, file }) => {
    const bound = bind(sql, tables);
    const { outputs } = statementLineage(bound.plan, bound.output);
    requireCount(`columns of ${file} with a lineage`, outputs.length, bound.output.length);
    return Math.min(...Array.from({ length: RUNS }, () => extractionMs(bound)));
  });
  return [
    {
      name: 'lineage of TPC-DS, median',
      value: median(times),
      unit: 'ms',
      aim: EXTRACTION_AIM_MS,
      detail: `slowest ${Math.max(...times).toFixed(2)} ms`,
    },
  ];
}

function extractionMs(bound: BoundQuery): number {
  const start = performance.now();
  statementLineage(bound.plan, bound.output);
  return performance.now() - start;
}

function bind(sql: string, tables: ReturnType<typeof tpcdsTables>): BoundQuery {
  const statement = parseStatement(sql, { parameters: 'none' });
  if (statement.kind !== 'query-statement') throw new Error('a text of TPC-DS is no query');
  return bindQuery(statement.query, {
    functions: functionTable,
    resolveTable: (parts) => {
      const name = parts.at(-1)?.toLowerCase() ?? '';
      const columns = tables.get(name);
      return columns === undefined ? undefined : { id: `lake.tpcds.${name}`, columns };
    },
    parameters: { named: new Map(), positional: [] },
    currentUser: 'ana',
    currentCatalog: 'lake',
    currentSchema: 'tpcds',
    now: { timestamp: '2026-01-31 12:00:00.000000' },
  });
}

async function impact(): Promise<Figure> {
  const postgres = await startTestPostgres();
  const store = await openStore({
    url: postgres.appUrl,
    connectionsMax: 4,
    evidenceTimeoutMs: 10_000,
    evidenceQueueMax: 100,
  });
  try {
    await fill(store, postgres.ownerUrl);
    const times: number[] = [];
    for (let i = 0; i < QUERIES; i += 1) {
      const start = performance.now();
      const { columns } = await store.lineage.columns('downstream', 'lake.l0.t0', `c${i}`, DEPTH);
      times.push(performance.now() - start);
      // Wide enough to reach everything above the third layer.
      if (columns.length < (LAYERS - 4) * TABLES * COLUMNS) throw new Error(`only ${columns.length} reached`);
    }
    return {
      name: `impact over ${EDGES.toLocaleString('en')} edges`,
      value: median(times),
      unit: 'ms',
      aim: IMPACT_AIM_MS,
      detail: `slowest ${Math.max(...times).toFixed(0)} ms`,
    };
  } finally {
    await store.close();
    await postgres.stop();
  }
}

/** Straight into the tables: a hundred thousand statements would make the same rows. */
async function fill({ database }: Store, ownerUrl: string): Promise<void> {
  await database.query(
    `INSERT INTO lineage_job (job, target, shape, runs, first_seen, last_seen)
     SELECT format('statement.%s.%s', l, t), format('lake.l%s.t%s', l, t), 'SELECT', 1, now(), now()
       FROM generate_series(1, $1::int - 1) l, generate_series(0, $2::int - 1) t`,
    [LAYERS, TABLES],
  );
  const { rowCount } = await database.query(
    `INSERT INTO lineage_edge (job, target, target_column, source, source_column, type, subtype, masking, policy)
     SELECT format('statement.%s.%s', l, t), format('lake.l%s.t%s', l, t), 'c' || c,
            format('lake.l%s.t%s', l - 1, (t * 7 + c * 3 + p * 11) % $2::int), 'c' || (c + p * p) % $3::int,
            CASE p % 3 WHEN 0 THEN 'INDIRECT' ELSE 'DIRECT' END,
            CASE p % 3 WHEN 0 THEN 'CONDITIONAL' ELSE 'TRANSFORMATION' END, p % 4 = 1, false
       FROM generate_series(1, $1::int - 1) l, generate_series(0, $2::int - 1) t,
            generate_series(0, $3::int - 1) c, generate_series(0, $4::int - 1) p`,
    [LAYERS, TABLES, COLUMNS, PARENTS],
  );
  requireCount('edges', rowCount ?? 0, EDGES);
  // As autovacuum does it; the role of the gateway may not.
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query('VACUUM ANALYZE lineage_edge');
  await owner.end();
}
