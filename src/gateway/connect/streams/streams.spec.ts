import { describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '../../../core/audit/event.js';
import { GovernanceError } from '../../../core/errors.js';
import type { PlanMessage } from '../../../core/plan/connect/message.js';
import { make } from '../../../proto/message.js';
import type { NamedType } from '../../lineage-teller.js';
import { ClientSession, type EngineSession } from '../connect-session.js';
import type { ConnectSession } from '../engine.js';
import type { PlanEnd } from '../run-plan.js';
import { type StreamFacts, StreamingQuery } from './streaming-query.js';
import { Streams, type StreamsOptions } from './streams.js';
import type { TableSink } from './table-sink.js';

const ID = '6d1e4f30-0000-4000-8000-000000000001';
const RUN_ID = '6d1e4f30-0000-4000-8000-000000000002';

const SCHEMA: readonly NamedType[] = [{ name: '(id + 1)', type: 'int' }];

/** The world of one stream, as it can be changed. */
function world(changes: Partial<StreamsOptions> = {}, facts: Partial<StreamFacts> = {}) {
  const told: string[] = [];
  const now = { version: 1, table: '1', rows: 5, active: true };
  const client = new ClientSession('ana', 's', { catalog: 'shop', schema: 'main' });
  const progress = (): string =>
    JSON.stringify({
      id: ID,
      runId: RUN_ID,
      timestamp: 't',
      batchId: 0,
      sources: [{ description: 'FileStreamSource[file:/lake/x]', numInputRows: 1_000 }],
      sink: { numOutputRows: now.rows },
    });
  const results: Readonly<Record<string, () => object>> = {
    status: () => ({
      statusMessage: 'Getting offsets from FileStreamSource[file:/lake]',
      isActive: now.active,
    }),
    recentProgress: () => ({ recentProgressJson: [progress()] }),
    exception: () => ({}),
    stop: () => ({}),
  };
  const session = {
    async *answers(_: string, { plan }: Readonly<Record<string, unknown>>) {
      const { value } = (plan as { opType: { value: { commandType: { value: PlanMessage } } } }).opType.value
        .commandType;
      const kind = (value.command as { readonly case: string }).case;
      told.push(kind);
      yield {
        responseType: {
          case: 'streamingQueryCommandResult',
          value: { resultType: { case: kind, value: results[kind]?.() } },
        },
      } as unknown as PlanMessage;
    },
  } as unknown as ConnectSession;
  const outcomes: string[] = [];
  const ended = (how: string, schema: readonly NamedType[] | undefined) => {
    outcomes.push(how);
    // Whatever ends it: else lineage knows no names.
    expect(schema).toBe(SCHEMA);
  };
  const streams = new Streams({
    policies: {
      current: () =>
        ({
          version: now.version,
          canBrowse: () => true,
          decide: () => ({}) as never,
          resources: () => ({}) as never,
        }) as never,
      waitForNewer: async () => undefined,
    },
    catalog: () => ({ version: '', tables: new Map([['t', { version: now.table } as never]]) }),
    sameRights: () => true,
    stillValid: async () => true,
    recorder: { record: async () => undefined },
    clock: () => new Date(0),
    keepOpen: () => undefined,
    onProblem: () => undefined,
    enginePlaces: 16,
    watchMs: 1_000_000,
    ...changes,
  });
  const query = new StreamingQuery({
    id: ID,
    runId: RUN_ID,
    caller: { principal: { user: 'ana', roles: [], groups: [], attributes: {}, via: 't' } },
    client,
    shared: { policyVersion: 1 } as EngineSession,
    session,
    asOfStart: new Map([['t', '1']]),
    outcome: {
      succeeded: async ({ schema }: PlanEnd) => void ended('succeeded', schema),
      failed: async (error: unknown, schema?: readonly NamedType[]) =>
        void ended((error as GovernanceError).code, schema),
    },
    schema: SCHEMA,
    plan: make('Relation'),
    shown: { name: 'q', objects: ['t'], sink: 'memory', counts: false },
    appends: true,
    inMemory: true,
    ...facts,
  } as unknown as StreamFacts);
  streams.add(query);
  return { streams, query, now, told, outcomes, client };
}

describe('the watch over a stream', () => {
  it('leaves one alone that is as it was', async () => {
    const { streams, query, outcomes } = world();
    await streams.look(query);
    expect([query.ended, query.error, outcomes]).toEqual([false, undefined, []]);
    await streams.close();
  });

  it.each<readonly [string, Partial<StreamsOptions>, (now: ReturnType<typeof world>['now']) => void, string]>(
    [
      ['its token is revoked', { stillValid: async () => false }, () => undefined, 'STREAM_STOPPED'],
      [
        'policies change',
        {},
        (now) => {
          now.version = 2;
        },
        'STREAM_STOPPED',
      ],
      ['other rights are decided', { sameRights: () => false }, () => undefined, 'STREAM_STOPPED'],
      [
        'a table beside it changes',
        {},
        (now) => {
          now.table = '2';
        },
        'STREAM_STOPPED',
      ],
      [
        'its memory is full',
        {},
        (now) => {
          now.rows = 1_000_001;
        },
        'RESOURCES_EXHAUSTED',
      ],
      [
        'nobody can be asked who it is',
        { stillValid: () => Promise.reject(new Error('away')) },
        () => undefined,
        'ENGINE_UNAVAILABLE',
      ],
      [
        'it cannot be recorded',
        {
          clock: (() => {
            let minutes = 0;
            return () => {
              minutes += 2;
              return new Date(minutes * 60_000);
            };
          })(),
          recorder: { record: () => Promise.reject(new GovernanceError('EVIDENCE_UNAVAILABLE', 'away')) },
        },
        () => undefined,
        'EVIDENCE_UNAVAILABLE',
      ],
    ],
  )('ends it when %s', async (_, options, change, code) => {
    const { streams, query, now, told, outcomes } = world(options);
    change(now);
    await streams.look(query);
    expect([query.ended, query.error?.code, outcomes]).toEqual([true, code, [code]]);
    expect(told).toContain('stop');
    await streams.close();
  });

  it('sees that it has ended, and says so once', async () => {
    const { streams, query, now, outcomes, client } = world();
    const heard: string[] = [];
    streams.listen({
      session: client,
      progressed: () => heard.push('batch'),
      terminated: () => heard.push('end'),
    });
    now.active = false;
    await Promise.all([streams.look(query), streams.look(query)]);
    await streams.look(query);
    expect([query.error, outcomes, heard]).toEqual([undefined, ['succeeded'], ['batch', 'end']]);
    await streams.close();
  });

  it('shows what came to a table and says of which, until all does not hold any more', async () => {
    const steps: string[] = [];
    const table = {
      object: 'work.ana.t',
      acknowledge: async () => {
        steps.push('acknowledged');
        return 3;
      },
      release: async () => void steps.push('released'),
    } as unknown as TableSink;
    const recorded: AuditEvent[] = [];
    const recorder = { record: async (event: AuditEvent) => void recorded.push(event) };
    const clock = () => new Date(steps.length * 60_000);
    const { streams, query, now } = world({ recorder, clock }, { table, inMemory: false });
    await streams.look(query);
    expect(recorded).toMatchObject([{ kind: 'stream.progress', fields: { rows: 3, target: 'work.ana.t' } }]);
    now.version = 2;
    await streams.look(query);
    expect([steps, query.error?.code]).toEqual([['acknowledged', 'released'], 'STREAM_STOPPED']);
    await streams.close();
  });

  it('lets no more than two into tables', async () => {
    const { streams, query } = world(
      {},
      { table: { release: async () => undefined } as unknown as TableSink },
    );
    const giveBack = streams.reserve('ben', true);
    // On its way it counts as if it ran.
    expect(() => streams.reserve('cem', true)).toThrow('2 streams write tables');
    giveBack();
    streams.reserve('ben', true)();
    streams.add(new StreamingQuery({ ...query.facts, runId: ID }));
    expect(() => streams.reserve('ben', true)).toThrow('2 streams write tables');
    streams.reserve('ben')();
    await streams.close();
  });

  it.each([
    [5, 'ana', 'At most 2 streams run at a gateway.'],
    [1, 'ben', 'At most 1 streams run at a gateway.'],
    [100, 'ana', 'At most 20 streams run for one principal.'],
  ])('leaves others half of %d places on the engine', async (enginePlaces, user, refused) => {
    const { streams } = world({ enginePlaces });
    const count = Number(/At most (\d+)/.exec(refused)?.[1]);
    const given = Array.from({ length: count - 1 }, () => streams.reserve(user));
    expect(() => streams.reserve(user)).toThrow(refused);
    given.pop()?.();
    if (count > 1) streams.reserve(user);
    await streams.close();
  });

  it('may be cancelled from outside: it ends as such, and shows nothing more', async () => {
    const steps: string[] = [];
    const table = {
      object: 'work.ana.t',
      acknowledge: async () => void steps.push('acknowledged'),
      release: async () => void steps.push('released'),
    } as unknown as TableSink;
    const outcomes: string[] = [];
    const outcome = {
      succeeded: async () => void outcomes.push('succeeded'),
      failed: async (error: unknown) => void outcomes.push((error as GovernanceError).code),
    };
    const { streams, query, told } = world({}, { table, outcome });
    await streams.cancel(query);
    expect([query.ended, query.error?.code, steps]).toEqual([true, 'STATEMENT_CANCELED', ['released']]);
    expect([told, outcomes]).toEqual([['stop'], ['STATEMENT_CANCELED']]);
    await streams.close();
  });

  it('shows nothing of the server', async () => {
    const { streams, query } = world();
    await streams.look(query);
    const shown = `${query.progress.join()} ${JSON.stringify(await query.status())}`;
    expect(shown).toContain('Getting offsets');
    expect(shown).not.toMatch(/lake|1000|file:/);
    expect(() => streams.find('ben', ID, RUN_ID)).toThrow(GovernanceError);
    expect(() => streams.find('ana', ID, ID)).toThrow(GovernanceError);
    expect(() => streams.find('ana', RUN_ID, RUN_ID)).toThrow(GovernanceError);
    expect(streams.find('ana', ID, RUN_ID)).toBe(query);
    await streams.close();
  });
});
