import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestPostgres, type TestPostgres } from '../../test/support/postgres.js';
import type { Flow } from '../core/lineage/flow.js';
import { IDENTITY } from '../core/lineage/flow.js';
import type { LineageRun } from '../core/lineage/open-lineage.js';
import { LineageGraphStore } from './lineage-graph.js';
import { LineageWriter } from './lineage-writer.js';
import { openStore, type Store } from './store.js';

const START_TIMEOUT_MS = 60_000;
const AT = '2026-01-02T03:04:05.000Z';
let postgres: TestPostgres;
let store: Store;

beforeAll(async () => {
  postgres = await startTestPostgres();
  store = await openStore({
    url: postgres.appUrl,
    connectionsMax: 4,
    evidenceTimeoutMs: 2_000,
    evidenceQueueMax: 100,
  });
}, START_TIMEOUT_MS);
afterAll(async () => {
  await store.close();
  await postgres.stop();
});

const FILTER: Flow = { type: 'INDIRECT', subtype: 'FILTER', masking: false, policy: true };
const input = (table: string, column: string, flow: Flow = IDENTITY) => ({ table, column, flows: [flow] });

function run(job: string, outputs: Record<string, readonly (readonly [string, string])[]>): LineageRun {
  return {
    statementId: '00000000-0000-4000-8000-000000000000',
    namespace: 'test',
    jobHash: job.padEnd(64, '0'),
    shape: `SELECT ${job}`,
    planHash: '',
    engine: 'duckdb',
    policyVersion: 1,
    decisionId: 'd',
    purpose: null,
    objects: [],
    filteredTables: [],
    maskedColumns: [],
    schema: [],
    named: true,
    lineage: {
      outputs: Object.entries(outputs).map(([name, inputs]) => ({
        name,
        inputs: inputs.map(([table, column]) => input(table, column)),
      })),
      dataset: [input('s.a.t', 'Country', FILTER)],
      truncated: false,
      approximate: false,
    },
  };
}
const result = (job: string): string => `result.${job.padEnd(64, '0').slice(0, 32)}`;

describe('the lineage graph', () => {
  it('goes down from a column, up from a result, and names the job once', async () => {
    const runs = [run('one', { Out: [['s.a.t', 'Name']], other: [['s.a.u', 'x']] })];
    await store.lineage.add([...runs, ...runs].map((r) => ({ run: r, at: AT })));
    await store.lineage.add(runs.map((r) => ({ run: r, at: AT })));
    const down = await store.lineage.reach('downstream', 's.a.t', 'NAME', 3);
    expect(down.edges).toMatchObject([
      { source: 's.a.t', sourceColumn: 'name', target: result('one'), targetColumn: 'out' },
    ]);
    expect(down.jobs).toMatchObject([{ runs: 3, shape: 'SELECT one', lastSeen: AT }]);
    const up = await store.lineage.reach('upstream', result('one'), 'other', 3);
    expect(up.edges.map((edge) => `${edge.source}.${edge.sourceColumn} ${edge.subtype}`)).toEqual([
      's.a.t.country FILTER',
      's.a.u.x IDENTITY',
    ]);
  });

  it('goes as deep as it is asked to, through cycles too', async () => {
    const hop = (from: string, to: string) => run(to.slice(7).replace(/0+$/, ''), { c: [[from, 'c']] });
    const chain = ['start.a.b', result('h1'), result('h2'), result('h3')];
    const runs = chain.slice(1).map((to, i) => hop(chain[i] ?? '', to));
    await store.lineage.add(runs.map((r) => ({ run: r, at: AT })));
    const targets = async (depth: number) =>
      new Set((await store.lineage.reach('downstream', 'start.a.b', 'c', depth)).edges.map((e) => e.target));
    expect(await targets(1)).toEqual(new Set([result('h1')]));
    expect(await targets(3)).toEqual(new Set(chain.slice(1)));
    await store.lineage.add([{ run: run('h1', { c: [[result('h3'), 'c']] }), at: AT }]);
    expect((await store.lineage.reach('downstream', result('h1'), 'c', 20)).edges).toHaveLength(3);
  });

  it('comes to each column once, by the shortest way, and says by how sure a one', async () => {
    const write = (job: string, target: string, outputs: Parameters<typeof run>[1]): LineageRun => ({
      ...run(job, outputs),
      target: { object: target, change: 'CREATE' },
    });
    const masked: LineageRun = write('m', 'w.a.masked', {});
    const flows: Flow[] = [{ type: 'DIRECT', subtype: 'TRANSFORMATION', masking: true, policy: true }];
    const inputs = [{ table: 'w.a.raw', column: 'mail', flows }];
    const runs = [
      write('c1', 'w.a.copy', { mail: [['w.a.raw', 'mail']] }),
      write('c2', 'w.a.far', { mail: [['w.a.copy', 'mail']] }),
      { ...masked, lineage: { ...masked.lineage, outputs: [{ name: 'mail', inputs }] } },
      write('c3', 'w.a.far', { other: [['w.a.masked', 'mail']], mail: [['w.a.masked', 'mail']] }),
    ];
    await store.lineage.add(runs.map((r) => ({ run: r, at: AT })));
    const { columns, truncated } = await store.lineage.columns('downstream', 'w.a.raw', 'mail', 5);
    expect(truncated).toBe(false);
    expect(columns.map((c) => `${c.depth} ${c.object}.${c.column} ${c.strength}`).sort()).toEqual([
      '1 w.a.copy.mail direct',
      '1 w.a.masked.mail masked',
      '2 w.a.far.mail direct',
      '2 w.a.far.other masked',
    ]);
    const near = await store.lineage.columns('downstream', 'w.a.raw', 'mail', 1);
    expect(near.columns).toHaveLength(2);
    const up = await store.lineage.columns('upstream', 'w.a.far', 'other', 5);
    expect(up.columns.map((c) => c.object)).toContain('w.a.raw');
  });

  it('keeps names of any length, and finds them', async () => {
    const name = Array.from({ length: 3_000 }, (_, i) =>
      String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000)),
    ).join('');
    const long = run('long', { [name]: [[`s.a.${name}`, name]] });
    await store.lineage.add([{ run: long, at: AT }]);
    const { edges } = await store.lineage.reach('downstream', `s.a.${name}`, name, 1);
    expect(edges).toHaveLength(1);
    expect(Buffer.byteLength(edges[0]?.targetColumn ?? '')).toBeLessThanOrEqual(200);
  });

  it('replaces the edges of a job that changed', async () => {
    await store.lineage.add([{ run: run('two', { c: [['s.a.old', 'c']] }), at: AT }]);
    await store.lineage.add([{ run: run('two', { c: [['s.a.new', 'c']] }), at: AT }]);
    expect((await store.lineage.reach('downstream', 's.a.old', undefined, 1)).edges).toEqual([]);
    expect((await store.lineage.reach('downstream', 's.a.new', undefined, 1)).edges).toHaveLength(1);
  });

  it('keeps edges with names when a later run could not name its columns, and takes names when they come', async () => {
    const named = run('names', { Mail: [['s.n.t', 'mail']] });
    const made = run('names', { _c0: [['s.n.t', 'mail']] });
    const unnamed: LineageRun = { ...made, named: false, lineage: { ...made.lineage, approximate: true } };
    const columns = async () =>
      (await store.lineage.reach('downstream', 's.n.t', 'mail', 1)).edges.map((edge) => edge.targetColumn);
    const add = (...runs: readonly LineageRun[]) => store.lineage.add(runs.map((r) => ({ run: r, at: AT })));
    await add(unnamed);
    expect(await columns()).toEqual(['_c0']);
    await add(named, unnamed);
    expect(await columns()).toEqual(['mail']);
    await add(unnamed);
    expect(await columns()).toEqual(['mail']);
    const { jobs } = await store.lineage.reach('downstream', 's.n.t', 'mail', 1);
    expect(jobs).toMatchObject([{ runs: 4, approximate: false }]);
  });
});

describe('LineageWriter', () => {
  it('writes what completed, keeps what could not be written and tries again', async () => {
    const problems: unknown[] = [];
    const graph = new LineageGraphStore(store.database);
    let broken = true;
    const writer = new LineageWriter({
      graph: {
        add: (runs) => (broken ? Promise.reject(new Error('away')) : graph.add(runs)),
      },
      onProblem: (error) => problems.push(error),
    });
    writer.told(run('three', { c: [['s.w.t', 'c']] }), 'START', AT);
    writer.told(run('four', { c: [['s.w.t', 'c']] }), 'COMPLETE', AT);
    await writer.flush();
    expect(problems).toHaveLength(1);
    broken = false;
    await writer.stop();
    const { edges } = await store.lineage.reach('downstream', 's.w.t', 'c', 1);
    expect(edges.map((edge) => edge.target)).toEqual([result('four')]);
  });

  it('lets no run that cannot be written hold up the others', async () => {
    const problems: unknown[] = [];
    const written: string[] = [];
    const writer = new LineageWriter({
      graph: {
        add: async (runs) => {
          if (runs.some(({ run: { shape } }) => shape === 'SELECT bad')) throw new Error('never');
          written.push(...runs.map(({ run: { shape } }) => shape));
        },
      },
      onProblem: (error) => problems.push(error),
    });
    for (const job of ['good', 'bad', 'better']) writer.told(run(job, {}), 'COMPLETE', AT);
    for (let i = 0; i < 10; i += 1) await writer.flush();
    await writer.stop();
    expect(written).toEqual(['SELECT good', 'SELECT better']);
    expect(problems.length).toBeLessThan(10);
  });
});
