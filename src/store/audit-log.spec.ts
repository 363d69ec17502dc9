/** The log in Postgres: several writers and checkpointers at once, crashes between them, and hands in the tables. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { codesOf, verifyBytes } from '../../test/audit/verify-lines.js';
import { startTestPostgres, type TestPostgres } from '../../test/support/postgres.js';
import { parseEventId } from '../core/audit/event.js';
import { type KnownCheckpoint, knownCheckpoints } from '../core/audit/known-checkpoint.js';
import { Checkpointer } from './audit-checkpointer.js';
import { AuditErasure } from './audit-erasure.js';
import { exportLog } from './audit-export.js';
import { type LogKeys, openKeyring, rotateKeyring } from './audit-keyring.js';
import { AuditReader } from './audit-reader.js';
import { AuditTreeBroken } from './audit-tree.js';
import { Database } from './database.js';
import { EvidenceRecorder } from './evidence-recorder.js';
import { PolicyTrail } from './policy-trail.js';

const TIMEOUT_MS = 60_000;
let postgres: TestPostgres;
let owner: pg.Pool;
let database: Database;
let folder: string;
let keys: LogKeys;
let recorders: EvidenceRecorder[];
let checkpointers: Checkpointer[];
const clock = (): Date => new Date();

beforeAll(async () => {
  postgres = await startTestPostgres();
  owner = new pg.Pool({ connectionString: postgres.ownerUrl, max: 2 });
  owner.on('error', () => undefined);
  database = new Database({ url: postgres.appUrl, connectionsMax: 4, applicationName: 'spec' });
  folder = mkdtempSync(join(tmpdir(), 'sluice-audit-keys-'));
}, TIMEOUT_MS);
beforeEach(async () => {
  const actorKey = randomBytes(32);
  recorders = [0, 1].map(
    () => new EvidenceRecorder({ url: postgres.appUrl, timeoutMs: 5_000, queueMax: 10_000, actorKey }),
  );
  checkpointers = [0, 1].map(() => new Checkpointer({ url: postgres.appUrl, clock }));
  keys = openKeyring(folder, await checkpointers[0]!.origin(), clock());
  for (const checkpointer of checkpointers) await checkpointer.signWith(keys);
});
afterEach(async () => {
  for (const recorder of recorders) await recorder.close();
  for (const checkpointer of checkpointers) await checkpointer.close();
});
afterAll(async () => {
  await database.close();
  await owner.end();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

const happen = (recorder: EvidenceRecorder, n: number): Promise<void> =>
  recorder.record({
    kind: 'login.failed',
    at: clock().toISOString(),
    fields: { method: 'token', count: n },
    personal: { address: `10.0.0.${n}` },
  });
const exported = async (personal = true): Promise<Buffer> => {
  let text = '';
  for await (const piece of exportLog({ url: postgres.appUrl, signer: keys.signer, personal, at: clock() }))
    text += piece;
  return Buffer.from(text);
};
const lastKnown = async (): Promise<readonly KnownCheckpoint[]> =>
  knownCheckpoints((await new AuditReader(database).lastCheckpoint())!.note);
const postgresIsThere = async (): Promise<void> => {
  const until = Date.now() + TIMEOUT_MS / 2;
  while (Date.now() < until)
    try {
      await owner.query('SELECT 1');
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
};
const TABLES = [
  'audit_event',
  'audit_private',
  'audit_batch',
  'audit_leaf',
  'audit_node',
  'audit_checkpoint',
  // In an order in which they can be emptied.
  'audit_key_end',
  'audit_key',
];
/** As somebody who owns the tables, and switches the triggers off. */
const tamper = async (...statements: string[]): Promise<void> => {
  const client = await owner.connect();
  try {
    await client.query('BEGIN');
    for (const table of TABLES) await client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    for (const statement of statements) await client.query(statement);
    for (const table of TABLES) await client.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
};

/** A whole log before, and again afterwards. */
const whileTampered = async (statements: readonly string[], work: () => Promise<void>): Promise<void> => {
  expect(verifyBytes(await exported()).verdict).toBe('UNANCHORED');
  await tamper(...TABLES.map((table) => `CREATE TABLE kept_${table} AS TABLE ${table}`), ...statements);
  await work();
  await tamper(
    ...TABLES.map((table) => `DELETE FROM ${table}`),
    ...TABLES.toReversed().map((table) => `INSERT INTO ${table} SELECT * FROM kept_${table}`),
    ...TABLES.map((table) => `DROP TABLE kept_${table}`),
  );
};

describe('the log', () => {
  it('is one and whole, however many write and sign at once', async () => {
    const before = (await new AuditReader(database).lastCheckpoint())?.size ?? 0;
    let writing = true;
    const signing = checkpointers.map(async (checkpointer) => {
      while (writing) await checkpointer.catchUp();
    });
    await Promise.all(
      recorders.flatMap((recorder) => Array.from({ length: 1_000 }, (_, n) => happen(recorder, n % 200))),
    );
    writing = false;
    await Promise.all(signing);
    await checkpointers[0]!.catchUp();
    const verified = verifyBytes(await exported());
    expect(verified).toMatchObject({ verdict: 'UNANCHORED', findings: [] });
    expect(verified.events).toBeGreaterThanOrEqual(2_000);
    expect(verified.checkpoints).toBeGreaterThan(1);
    expect(verified.batches).toBeGreaterThan(before);
    const indexed = await owner.query('SELECT count(*)::int AS n FROM audit_search');
    expect(indexed.rows[0].n).toBe(verified.events);
  });

  it(
    'stays whole over kill -9 of Postgres in the midst of it',
    async () => {
      let acknowledged = 0;
      let running = true;
      const work = recorders.map(async (recorder) => {
        while (running)
          await happen(recorder, 1).then(
            () => (acknowledged += 1),
            () => new Promise((resolve) => setTimeout(resolve, 20)),
          );
      });
      const signing = (async () => {
        while (running) await checkpointers[0]!.catchUp().catch(() => undefined);
      })();
      for (let crash = 0; crash < 2; crash += 1) {
        await new Promise((resolve) => setTimeout(resolve, 300));
        await postgres.crashAndRestart();
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
      running = false;
      await Promise.all([...work, signing]);
      await postgresIsThere();
      await checkpointers[1]!.catchUp();
      const verified = verifyBytes(await exported());
      expect(verified).toMatchObject({ verdict: 'UNANCHORED', findings: [] });
      expect(verified.events).toBeGreaterThanOrEqual(2_000 + acknowledged);
    },
    TIMEOUT_MS,
  );
});

describe('hands in the tables', () => {
  it.each([
    ['an event is changed', `UPDATE audit_event SET body = replace(body, '"count":1', '"count":9')`],
    ['an event is gone', `DELETE FROM audit_event WHERE seq = 0`],
    ['a personal part is changed', `UPDATE audit_private SET body = replace(body, '10.', '11.')`],
    ['a personal part is gone', `DELETE FROM audit_private WHERE seq = 1`],
    ['a batch is gone', `DELETE FROM audit_batch WHERE batch = 1`],
    ['a batch is out of the tree', `DELETE FROM audit_leaf WHERE position = 2`],
    [
      'a checkpoint is gone',
      `DELETE FROM audit_checkpoint WHERE size = (SELECT min(size) FROM audit_checkpoint)`,
    ],
    ['keys are exchanged', `UPDATE audit_key SET jwk = replace(jwk, '"x":"', '"x":"A')`],
  ])('are seen when %s', async (_, statement) => {
    await whileTampered([statement], async () => {
      expect(['INVALID', 'INCOMPLETE']).toContain(verifyBytes(await exported()).verdict);
    });
  });

  it('that roll the log back are seen against a kept checkpoint', async () => {
    const known = await lastKnown();
    const rollBack = [
      `DELETE FROM audit_checkpoint WHERE size > ${known[0]!.head.size - 2}`,
      `DELETE FROM audit_leaf WHERE position >= (SELECT max(size) FROM audit_checkpoint)`,
    ];
    await whileTampered(rollBack, async () => {
      expect(codesOf(verifyBytes(await exported(), { known }))).toContain('ROLLED_BACK');
    });
  });

  it('that change the tree stop the signing: no second history', async () => {
    await tamper(`UPDATE audit_node SET hash = translate(hash, 'AB', 'BA')`);
    await happen(recorders[0]!, 4);
    // By its kind, which is what the alert on verification looks at.
    await expect(checkpointers[0]!.catchUp()).rejects.toThrow(AuditTreeBroken);
    await tamper(`UPDATE audit_node SET hash = translate(hash, 'AB', 'BA')`);
  });
});

describe('beside the log', () => {
  it('every change of policy becomes one event, also with two gateways and after a crash', async () => {
    const change = (version: number): Promise<unknown> =>
      owner.query(
        `WITH v AS (UPDATE policy_version SET version = $1)
         INSERT INTO policy_history (policy_version, name, version, change, source, body, changed_by)
         SELECT $1, 'p' || n, 1, 'created', 'file', '{"a":1}', 'file' FROM generate_series(1, 3) n`,
        [version],
      );
    const trails = recorders.map((recorder) => new PolicyTrail(database, recorder));
    const now = Number((await owner.query('SELECT version FROM policy_version')).rows[0].version);
    await change(now + 1);
    await Promise.all(trails.map((trail) => trail.follow()));
    // One that stops after its first event: the next goes on where it stopped.
    await change(now + 2);
    let left = 1;
    const dying = new PolicyTrail(database, {
      record: (event) => {
        if (left === 0) return Promise.reject(new Error('killed'));
        left -= 1;
        return recorders[0]!.record(event);
      },
    });
    await expect(dying.follow()).rejects.toThrow('killed');
    await Promise.all(trails.map((trail) => trail.follow()));
    const found = await owner.query<{ name: string }>(
      `SELECT (body::jsonb ->> 'policyVersion') || (body::jsonb ->> 'name') AS name FROM audit_event
        WHERE kind = 'policy.changed' ORDER BY 1`,
    );
    const expected = [now + 1, now + 2].flatMap((version) => ['p1', 'p2', 'p3'].map((p) => `${version}${p}`));
    expect(found.rows.map(({ name }) => name)).toEqual(expected);
  });

  it('an erasure is in the tree before anything is gone', async () => {
    await happen(recorders[0]!, 77);
    const { rows } = await owner.query<{ shard: string; seq: string }>(
      `SELECT shard, seq FROM audit_private WHERE body LIKE '%10.0.0.77"%' LIMIT 1`,
    );
    const place = parseEventId(`${rows[0]!.shard}.${rows[0]!.seq}`)!;
    const dying = new AuditErasure(database, recorders[0]!, {
      catchUp: () => Promise.reject(new Error('killed')),
    });
    await expect(dying.erase([place], 'request 7', clock())).rejects.toThrow('killed');
    const kept = await owner.query('SELECT FROM audit_private WHERE shard = $1 AND seq = $2', [
      place.shard,
      place.seq,
    ]);
    expect(kept.rowCount).toBe(1);
  });
});

describe('a key', () => {
  it('can be followed by another, and is worth nothing after its end', async () => {
    rotateKeyring(folder, clock());
    const rotated = openKeyring(folder, keys.signer.origin, clock());
    expect(rotated.retired).toEqual([keys.signer.kid]);
    expect(await checkpointers[0]!.signWith(rotated)).toBe(true);
    expect(await checkpointers[0]!.signWith(rotated)).toBe(false);
    const known = await lastKnown();
    await happen(recorders[0]!, 2);
    await checkpointers[0]!.catchUp();
    expect(verifyBytes(await exported(), { known }).verdict).toBe('WITNESSED');
    // The other gateway has the old key still: what it signs now does not count.
    await happen(recorders[1]!, 3);
    await checkpointers[1]!.catchUp();
    expect(codesOf(verifyBytes(await exported()))).toContain('KEY_NOT_IN_FORCE');
  });
});
