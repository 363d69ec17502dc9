/** Personal parts at rest: unreadable without their key, gone after their time, and every proof holds throughout. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { SEALING_KEY_BYTES, type SealingKey } from '../../src/core/crypto/sealed-text.js';
import { Checkpointer } from '../../src/store/audit-checkpointer.js';
import { AuditErasure } from '../../src/store/audit-erasure.js';
import { exportLog } from '../../src/store/audit-export.js';
import { type LogKeys, openKeyring } from '../../src/store/audit-keyring.js';
import { AuditReader } from '../../src/store/audit-reader.js';
import { AuditRetention } from '../../src/store/audit-retention.js';
import { Database } from '../../src/store/database.js';
import { EvidenceRecorder } from '../../src/store/evidence-recorder.js';
import { PrivateParts } from '../../src/store/private-parts.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';
import { within } from '../support/rest-client.js';
import { emptied, tamper } from './tampered-tables.js';
import { codesOf, verifyBytes } from './verify-lines.js';

const TIMEOUT_MS = 60_000;
const SEEN_MS = 15_000;
const DAY_MS = 86_400_000;
jest.setTimeout(TIMEOUT_MS);

let postgres: TestPostgres;
let owner: pg.Pool;
let database: Database;
let keys: LogKeys;
let folder: string;
let happened = 0;

beforeAll(async () => {
  postgres = await startTestPostgres();
  owner = new pg.Pool({ connectionString: postgres.ownerUrl, max: 2 });
  owner.on('error', () => undefined);
  database = new Database({ url: postgres.appUrl, connectionsMax: 4, applicationName: 'spec' });
  folder = mkdtempSync(join(tmpdir(), 'sluice-keeping-'));
}, TIMEOUT_MS);
beforeEach(async () => {
  await tamper(owner, ...emptied, 'UPDATE audit_retention SET cursor = -1');
  await at(0, async (checkpointer) => {
    keys = openKeyring(folder, await checkpointer.origin(), new Date());
    await checkpointer.signWith(keys);
  });
});
afterAll(async () => {
  await database.close();
  await owner.end();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}, TIMEOUT_MS);

/** With a clock that goes `days` wrong. */
async function at<T>(days: number, work: (checkpointer: Checkpointer) => Promise<T>): Promise<T> {
  const clock = (): Date => new Date(Date.now() + days * DAY_MS);
  const checkpointer = new Checkpointer({ url: postgres.appUrl, clock });
  try {
    if (keys !== undefined) await checkpointer.signWith(keys);
    return await work(checkpointer);
  } finally {
    await checkpointer.close();
  }
}

const recorderOf = (...ring: SealingKey[]): EvidenceRecorder =>
  new EvidenceRecorder({
    url: postgres.appUrl,
    timeoutMs: 5_000,
    queueMax: 10_000,
    actorKey: randomBytes(32),
    parts: new PrivateParts(ring),
  });

async function happen(count: number, days = 0, ...ring: SealingKey[]): Promise<void> {
  const recorder = recorderOf(...ring);
  const time = new Date(Date.now() + days * DAY_MS).toISOString();
  for (let i = 0; i < count; i += 1) {
    happened += 1;
    await recorder.record({
      kind: 'login.failed',
      at: time,
      fields: { method: 'token', count: 1 },
      personal: { address: `host-of-ana-${happened}` },
    });
  }
  await recorder.close();
  await at(days, (checkpointer) => checkpointer.catchUp());
}

async function exported(...ring: SealingKey[]): Promise<Buffer> {
  let text = '';
  const parts = new PrivateParts(ring);
  const options = { url: postgres.appUrl, signer: keys.signer, personal: true, parts, at: new Date() };
  for await (const piece of exportLog(options)) text += piece;
  return Buffer.from(text);
}
const found = (...ring: SealingKey[]) =>
  new AuditReader(database, new PrivateParts(ring)).search({}, undefined, 500);
const newKey = (kid: string): SealingKey => ({ kid, key: randomBytes(SEALING_KEY_BYTES) });
const left = async (): Promise<number> =>
  Number((await owner.query('SELECT count(*)::int AS n FROM audit_private')).rows[0].n);

describe('personal parts under a key', () => {
  it('are nowhere in the tables, and are there for whoever has the key', async () => {
    const key = newKey('one');
    await happen(3, 0, key);
    const stored = await owner.query<{ salt: string; body: string; kid: string }>(
      'SELECT * FROM audit_private',
    );
    expect(JSON.stringify(stored.rows)).not.toContain('ana');
    expect(stored.rows.map(({ salt, kid }) => [salt, kid])).toEqual(Array(3).fill(['', 'one']));
    expect((await found(key)).map(({ personal }) => personal)).toEqual(
      Array(3).fill(expect.stringContaining('host-of-ana')),
    );
    const log = await exported(key);
    expect(verifyBytes(log)).toMatchObject({ verdict: 'UNANCHORED', findings: [] });
    expect(log.toString()).toContain('host-of-ana');
  });

  it('can be rotated; a key that is missing has a name and is no damage', async () => {
    const [first, second] = [newKey('first'), newKey('second')];
    await happen(2);
    await happen(2, 0, first);
    await happen(2, 0, first, second);
    const whole = verifyBytes(await exported(first, second));
    expect(whole).toMatchObject({ verdict: 'UNANCHORED', findings: [] });
    const lost = verifyBytes(await exported(second));
    expect([lost.verdict, codesOf(lost)]).toEqual(['INCOMPLETE', ['PERSONAL_SEALED']]);
    expect(lost.counts.get('PERSONAL_SEALED')).toBe(2);
    expect((await found(second)).map(({ isSealed }) => isSealed)).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
    // Of the same name, and not the same.
    const wrong = verifyBytes(await exported(newKey('first'), second));
    expect(wrong.verdict).toBe('INCOMPLETE');
  });

  it('that were exchanged in the tables are found', async () => {
    const key = newKey('one');
    await happen(2, 0, key);
    await tamper(
      owner,
      `UPDATE audit_private p SET body = q.body FROM audit_private q WHERE (p.shard, p.seq) <> (q.shard, q.seq)`,
    );
    expect(codesOf(verifyBytes(await exported(key)))).toEqual(['COMMITMENT_MISMATCH']);
  });
});

describe('personal parts that had their time', () => {
  const erasureOf = (recorder: EvidenceRecorder, checkpointer: Checkpointer) =>
    new AuditErasure(database, recorder, checkpointer);
  async function retain(work: () => Promise<void>, dies = false, days = 395): Promise<void> {
    const recorder = recorderOf();
    await at(0, async (checkpointer) => {
      const erasure = dies
        ? erasureOf(recorder, { catchUp: () => Promise.reject(new Error('killed')) } as never)
        : erasureOf(recorder, checkpointer);
      const jobs = [0, 1].map(
        () =>
          new AuditRetention({
            url: postgres.appUrl,
            erasure,
            days,
            clock: () => new Date(),
            onProblem: () => undefined,
            pauseMs: 20,
          }),
      );
      try {
        await work();
      } finally {
        for (const job of jobs) await job.stop();
      }
    });
    await recorder.close();
  }

  it('are erased, on record, in pieces, also after a crash; what is younger stays', async () => {
    await happen(700, -500);
    await happen(5, -394);
    await retain(async () => {
      await within(SEEN_MS, async () => {
        const { rows } = await owner.query(`SELECT FROM audit_event WHERE kind = 'audit.erased'`);
        return rows.length > 0;
      });
    }, true);
    expect(await left()).toBe(705);
    await retain(async () => void (await within(SEEN_MS, async () => (await left()) === 5)));
    expect(await left()).toBe(5);
    const log = await exported();
    const { verdict, findings } = verifyBytes(log);
    expect([verdict, findings.filter(({ code }) => code !== 'CLOCK_JUMP' && code !== 'SILENCE')]).toEqual([
      'UNANCHORED',
      [],
    ]);
    expect(log.toString()).toContain('kept for 395 days');
  });

  it('are judged by the log: a clock that was wrong for a while erases nothing that is young', async () => {
    await happen(3, -1);
    await happen(3, -2_000);
    await happen(3, 3_000);
    await happen(3);
    await retain(() => new Promise((resolve) => setTimeout(resolve, 500)));
    expect(await left()).toBe(12);
  });
});
