/** Alerts over a real log: as an independent count finds them, once each, whoever watches and dies. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { AlertWatch } from '../../src/admin/audit/alert-watch.js';
import { type AlertRule, alertRule } from '../../src/core/audit/alert-rule.js';
import type { AuditEvent } from '../../src/core/audit/event.js';
import { AlertRules } from '../../src/store/alert-rules.js';
import { Checkpointer } from '../../src/store/audit-checkpointer.js';
import { openKeyring } from '../../src/store/audit-keyring.js';
import type { AuditStatus } from '../../src/store/audit-status.js';
import { Database } from '../../src/store/database.js';
import { EvidenceRecorder } from '../../src/store/evidence-recorder.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';
import { within } from '../support/rest-client.js';
import { intentOf, outcomeOf } from './made-log.js';
import { randomFrom } from './random.js';

const TIMEOUT_MS = 60_000;
const SEEN_MS = 15_000;
jest.setTimeout(TIMEOUT_MS);

let postgres: TestPostgres;
let owner: pg.Pool;
let database: Database;
let recorder: EvidenceRecorder;
let checkpointer: Checkpointer;
let rules: AlertRules;
let folder: string;
let statements = 0;
const watches: AlertWatch[] = [];
const problems: unknown[] = [];
let status: AuditStatus = { unsignedSeconds: 0, copies: [] };
let broken: string[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres();
  owner = new pg.Pool({ connectionString: postgres.ownerUrl, max: 1 });
  // It outlives the server.
  owner.on('error', () => undefined);
  folder = mkdtempSync(join(tmpdir(), 'sluice-alerts-'));
  database = new Database({ url: postgres.appUrl, connectionsMax: 2, applicationName: 'spec' });
  rules = new AlertRules(database);
  const actorKey = randomBytes(32);
  recorder = new EvidenceRecorder({ url: postgres.appUrl, timeoutMs: 5_000, queueMax: 10_000, actorKey });
  checkpointer = new Checkpointer({ url: postgres.appUrl, clock: () => new Date() });
  await checkpointer.signWith(openKeyring(folder, await checkpointer.origin(), new Date()));
}, TIMEOUT_MS);
beforeEach(async () => {
  problems.length = 0;
  for (const { name } of await rules.all()) await rules.remove(name, undefined);
});
afterEach(async () => {
  for (const watch of watches.splice(0)) await watch.stop();
});
afterAll(async () => {
  await recorder.close();
  await checkpointer.close();
  await database.close();
  await owner.end();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}, TIMEOUT_MS);

const rule = (more: Partial<AlertRule> & Pick<AlertRule, 'name' | 'when'>): Promise<unknown> =>
  rules.put(alertRule.parse({ window: '10m', severity: 'high', ...more }), 'spec', undefined);

function watch(record = (event: AuditEvent) => recorder.record(event)): AlertWatch {
  const made = new AlertWatch({
    url: postgres.appUrl,
    rules,
    trail: { record: (event) => record({ ...event, at: new Date().toISOString() } as AuditEvent) },
    status: () => status,
    broken: () => broken,
    tagged: (tag) => new Set(tag === 'decoy' ? ['shop.hr.honey', 'shop.crm.customers.trap'] : []),
    clock: () => new Date('2026-03-01T12:00:00Z'),
    onAlert: () => undefined,
    onProblem: (error) => problems.push(error),
    pollMs: 5,
  });
  watches.push(made);
  return made;
}

const denied = (actor: string, at: Date, objects: string[] = []): AuditEvent => {
  statements += 1;
  return {
    kind: 'statement.denied',
    at: at.toISOString(),
    fields: { statementId: `d${statements}`, actor, policyVersion: 1, code: 'ACCESS_DENIED', objects },
  };
};
const actorOf = (n: number): string => String(n).padStart(32, '0');
const told = async (
  name: string,
): Promise<{ actor?: string; subject?: string; window: string; detail: unknown }[]> => {
  await checkpointer.catchUp();
  const { rows } = await owner.query<{ body: string }>(
    `SELECT body FROM audit_event WHERE kind = 'alert.fired' AND body::jsonb ->> 'rule' = $1`,
    [name],
  );
  return rows
    .map(({ body }) => JSON.parse(body))
    .map(({ actor, subject, windowStart, detail }) => ({ actor, subject, window: windowStart, detail }));
};
const settled = async (): Promise<void> => {
  await checkpointer.catchUp();
  const done = async (): Promise<boolean> => {
    const { rows } = await owner.query(
      `SELECT (SELECT cursor FROM audit_alert_cursor) >= (SELECT max(id) FROM audit_search
         WHERE kind <> 'alert.fired') AND NOT EXISTS (SELECT FROM audit_alert WHERE NOT recorded) AS yes`,
    );
    return rows[0].yes;
  };
  expect(await within(SEEN_MS, done)).toBe(true);
};

describe('many denials', () => {
  it('are told as counting finds them, once a window and principal, whoever watches and dies', async () => {
    const [count, windowMs] = [4, 600_000];
    await rule({ name: 'many', when: { kind: 'denials', count } });
    const random = randomFrom(5);
    const start = Date.UTC(2026, 0, 1);
    const happened = Array.from({ length: 400 }, (_, i) => ({
      actor: actorOf(random.below(5)),
      at: new Date(start + i * 20_000 + random.below(20_000)),
    }));
    let deaths = 0;
    // Recorded, and dead before it could be noted.
    const dying = async (event: AuditEvent): Promise<void> => {
      await recorder.record(event);
      deaths += 1;
      if (deaths % 3 === 1) throw new Error('killed');
    };
    watch(dying);
    watch();
    for (let from = 0; from < happened.length; from += 50) {
      for (const { actor, at } of happened.slice(from, from + 50)) await recorder.record(denied(actor, at));
      await checkpointer.catchUp();
      if (from % 150 === 0) {
        await watches.shift()?.stop();
        watch(dying);
      }
    }
    watch();
    await settled();
    const expected = new Set(
      happened.flatMap(({ actor, at }, i) => {
        const before = happened
          .slice(0, i + 1)
          .filter((other) => other.actor === actor && other.at > new Date(at.getTime() - windowMs));
        const bucket = new Date(Math.floor(at.getTime() / windowMs) * windowMs).toISOString();
        return before.length >= count ? [`${actor} ${bucket}`] : [];
      }),
    );
    expect(expected.size).toBeGreaterThan(10);
    const found = (await told('many')).map(({ actor, window }) => `${actor} ${window}`);
    expect(found.toSorted()).toEqual([...expected].toSorted());
    expect(deaths).toBeGreaterThan(0);
  });
});

describe('other rules', () => {
  it('tell of decoys, by tag, table and folder, and not of their neighbours', async () => {
    await rule({ name: 'decoy', when: { kind: 'touched', on: ['tag:decoy', 'shop.old.*'] } });
    watch();
    const at = new Date('2026-02-01T00:00:00Z');
    const column = { ...intentOf('i1', at.toISOString()) } as Extract<
      AuditEvent,
      { kind: 'statement.intent' }
    >;
    for (const event of [
      denied(actorOf(1), at, ['shop.hr.honey']),
      denied(actorOf(2), at, ['shop.hr.honeymoon']),
      denied(actorOf(3), at, ['shop.old.t']),
      denied(actorOf(4), at, ['shop.older.t']),
      { ...column, fields: { ...column.fields, actor: actorOf(5), columns: ['shop.crm.customers.trap'] } },
      { ...column, fields: { ...column.fields, statementId: 'i2', actor: actorOf(6), columns: [] } },
    ])
      await recorder.record(event as AuditEvent);
    await settled();
    expect((await told('decoy')).map(({ actor }) => actor).toSorted()).toEqual([1, 3, 5].map(actorOf));
  });

  it('tell of much that was handed out, at once or little by little', async () => {
    await rule({ name: 'bulk', when: { kind: 'export', rows: 100 }, window: '1h' });
    watch();
    const run = async (user: number, rows: number, at: string): Promise<void> => {
      statements += 1;
      const id = `x${statements}`;
      const intent = intentOf(id, at) as Extract<AuditEvent, { kind: 'statement.intent' }>;
      await recorder.record({ ...intent, fields: { ...intent.fields, actor: actorOf(user) } });
      const outcome = outcomeOf(id, at) as Extract<AuditEvent, { kind: 'statement.outcome' }>;
      await recorder.record({ ...outcome, fields: { ...outcome.fields, rowCount: rows } });
    };
    for (const minute of ['01', '02', '03']) await run(11, 40, `2026-02-02T10:${minute}:00.000Z`);
    await run(12, 99, '2026-02-02T10:05:00.000Z');
    await run(13, 100, '2026-02-02T10:06:00.000Z');
    for (const hour of ['10', '12', '14']) await run(14, 50, `2026-02-02T${hour}:30:00.000Z`);
    await settled();
    expect((await told('bulk')).map(({ actor }) => actor).toSorted()).toEqual([11, 13].map(actorOf));
  });

  it('tell of how the log is, and of events by name', async () => {
    await rule({ name: 'lag', when: { kind: 'lag', seconds: 60 } });
    await rule({ name: 'verify', when: { kind: 'verification' } });
    await rule({ name: 'glass', when: { kind: 'event', event: 'break-glass.opened' } });
    await rule({ name: 'off', when: { kind: 'verification' }, enabled: false });
    status = {
      unsignedSeconds: 1,
      copies: [{ name: 'siem', kind: 'sink', lagSeconds: 61, batchesBehind: 1, diverged: null }],
    };
    broken = ['log'];
    watch();
    await recorder.record({
      kind: 'break-glass.opened',
      at: '2026-02-03T00:00:00.000Z',
      fields: { actor: actorOf(9), grant: 'g', objects: ['shop.hr.*'] },
    });
    await within(SEEN_MS, async () => (await told('verify')).length > 0);
    await settled();
    status = { unsignedSeconds: 0, copies: [] };
    broken = [];
    expect(await told('lag')).toMatchObject([{ subject: 'sink siem', detail: { seconds: 61 } }]);
    expect(await told('verify')).toMatchObject([{ subject: 'log' }]);
    expect(await told('glass')).toMatchObject([{ actor: actorOf(9) }]);
    expect(await told('off')).toEqual([]);
  });

  it('go on beside one that cannot be read', async () => {
    await owner.query(
      `INSERT INTO audit_alert_rule (name, body, updated_by) VALUES ('newer', '{"when": {"kind": "dreams"}}', 'x')`,
    );
    await rule({ name: 'still', when: { kind: 'event', event: 'statement.denied' } });
    watch();
    await recorder.record(denied(actorOf(20), new Date('2026-02-04T00:00:00Z')));
    await settled();
    expect(await told('still')).toHaveLength(1);
    expect(problems.map(String)).toEqual(['Error: the alert rule newer cannot be read']);
  });
});
