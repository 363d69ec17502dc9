/** A stream into a table: alone at its log, each version shown once, nothing after what was decided does not hold any more. */
import { describe, expect, it } from '@jest/globals';
import { GovernanceError } from '../../../core/errors.js';
import type { LogState, TableCommit } from '../../table-commits.js';
import type { RecordedPlan } from '../run-plan.js';
import type { PlanWriteDeps } from '../run-plan-write.js';
import { streamable, TableSink } from './table-sink.js';

const TABLE = 'work.ana.t';
const TAGS = [{ column: 'id', tags: ['pii'], from: [] }];

/** A table whose log is at version 4, as Postgres has it; its log can go on, and what holds can change. */
function world({ rows = 'all', format = 'delta', source = '1' } = {}) {
  const now = { log: 4, held: true, policies: 7, locked: false };
  const commits: TableCommit[] = [];
  const restored: number[] = [];
  const told: { readonly checkpoint: string; readonly sources: ReadonlyMap<string, unknown> }[] = [];
  const delta = {
    logVersion: async () => now.log,
    rowsOfVersion: async (_: string, version: number) => version * 10,
    restore: async (_: string, version: number) => {
      restored.push(version);
      now.log += 1;
    },
  };
  const state: LogState = {
    folder: '/w/f',
    version: 3,
    logVersion: 4,
    held: async () => {
      if (!now.held) throw new GovernanceError('EVIDENCE_UNAVAILABLE', 'away');
    },
  };
  const deps = {
    engineFor: () => ({ delta }),
    engine: { streamInto: async (_: unknown, into: (typeof told)[number]) => void told.push(into) },
    tables: {
      whileWritingLog: async (_: string, work: (log: LogState) => Promise<unknown>) => {
        if (now.locked) throw new GovernanceError('WRITE_CONFLICT', 'taken');
        now.locked = true;
        return work(state).finally(() => {
          now.locked = false;
        });
      },
      commit: async (commit: TableCommit) => {
        if (commit.policyVersion !== now.policies) return { kind: 'policy-changed' };
        commits.push(commit);
        return { kind: 'committed', version: 1 };
      },
    },
  } as unknown as PlanWriteDeps;
  const into = { write: { target: { object: TABLE, at: { line: 1, column: 1 } }, format, columns: [] } };
  const existing = { managed: { version: 3 } };
  const tables = new Map([[source, { source: { format: 'delta', folder: '/w/s', logVersion: 2 } }]]);
  const recorded = {
    write: {
      into: { ...into, afterDecision: { rows: { kind: rows } }, tags: TAGS },
      existing,
      scope: { catalog: { tables } },
    },
    governance: { policyVersion: 7 },
    bound: { leaves: new Map([['leaf', { stream: {}, bound: { leaves: [{ table: source }] } }]]) },
  } as unknown as RecordedPlan;
  return {
    now,
    commits,
    restored,
    told,
    existing,
    open: (user = 'ana') => TableSink.open(deps, recorded, user),
  };
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof GovernanceError ? error.code : String(error)),
  );

describe('a stream into a table', () => {
  it('shows each version of the log once, in order, under what was decided', async () => {
    const { now, commits, open } = world();
    const sink = await open();
    expect(await sink.acknowledge()).toBe(0);
    now.log = 6;
    expect(await Promise.all([sink.acknowledge(), sink.acknowledge()])).toEqual([50 + 60, 0]);
    now.log = 7;
    expect(await sink.acknowledge()).toBe(70);
    expect(commits.map(({ logVersion }) => logVersion)).toEqual([5, 6, 7]);
    expect(new Set(commits.map(({ statementId }) => statementId)).size).toBe(3);
    // The folder tells a table that was made again from this one; the policies are those of the start.
    for (const commit of commits)
      expect(commit).toMatchObject({
        mode: 'append',
        logFolder: '/w/f',
        policyVersion: 7,
        tags: TAGS,
        owner: 'ana',
      });
    await sink.release();
  });

  it('is alone at the log until it lets go of it', async () => {
    const { now, open } = world();
    const sink = await open();
    expect(now.locked).toBe(true);
    expect(await codeOf(open())).toBe('WRITE_CONFLICT');
    await sink.release();
    expect(now.locked).toBe(false);
    await (await open()).release();
  });

  it('shows nothing once it may be that it is not alone, or has let go', async () => {
    const { now, commits, open } = world();
    const sink = await open();
    now.log = 5;
    now.held = false;
    expect(await codeOf(sink.acknowledge())).toBe('EVIDENCE_UNAVAILABLE');
    now.held = true;
    await sink.release();
    expect([await sink.acknowledge(), commits]).toEqual([0, []]);
  });

  it('shows nothing under other policies', async () => {
    const { now, commits, open } = world();
    const sink = await open();
    now.log = 6;
    now.policies = 8;
    expect(await codeOf(sink.acknowledge())).toBe('STREAM_STOPPED');
    expect(commits).toEqual([]);
    await sink.release();
  });

  it('begins where Postgres is: what came to the log since is taken back', async () => {
    const { now, commits, restored, open } = world();
    now.log = 6;
    const sink = await open();
    expect(restored).toEqual([4]);
    expect(commits).toEqual([]);
    await sink.release();
  });

  it('does not begin when the table is another one by now, and lets go of its log', async () => {
    const { now, existing, open } = world();
    existing.managed.version = 2;
    expect(await codeOf(open())).toBe('WRITE_CONFLICT');
    expect(now.locked).toBe(false);
  });

  it('goes on from a checkpoint of its owner, its name and what it reads', async () => {
    const named = async (user: string, name: string, source: string): Promise<string> => {
      const { told, open } = world({ source });
      const sink = await open(user);
      await sink.fields(name);
      await sink.release();
      expect([...(told[0]?.sources ?? [])]).toMatchObject([[source, { folder: '/w/s', logVersion: 2 }]]);
      return told[0]?.checkpoint ?? '';
    };
    const mine = await named('ana', 'q', '1');
    expect(mine).toMatch(/^[0-9a-f]{64}$/);
    expect(await named('ana', 'q', '1')).toBe(mine);
    const others = [await named('ben', 'q', '1'), await named('ana', 'r', '1'), await named('ana', 'q', '2')];
    expect(new Set([mine, ...others]).size).toBe(4);
  });

  it('is refused where row rules hold for the writer, or the table is no Delta table', async () => {
    expect(await codeOf(world({ rows: 'some' }).open())).toBe('FEATURE_NOT_ALLOWED');
    expect(await codeOf(world({ format: 'parquet' }).open())).toBe('TABLE_NOT_WRITABLE');
    expect(() => streamable(undefined)).toThrow('into nothing');
  });
});
