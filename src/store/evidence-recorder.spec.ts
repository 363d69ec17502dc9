import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startTestPostgres, type TestPostgres } from '../../test/support/postgres.js';
import type { IntentRecord } from '../gateway/recorder.js';
import { EvidenceRecorder } from './evidence-recorder.js';

const START_TIMEOUT_MS = 60_000;
const RECOVERY_MAX_MS = 20_000;
let postgres: TestPostgres;
let owner: pg.Pool;
let recorders: EvidenceRecorder[] = [];
let version = 0;

const recorder = (timeoutMs = 2_000): EvidenceRecorder => {
  const made = new EvidenceRecorder({
    url: postgres.appUrl,
    timeoutMs,
    queueMax: 1_000,
    actorKey: randomBytes(32),
  });
  recorders.push(made);
  return made;
};
const intentOf = (statementId: string, literals: string[] = []): IntentRecord => ({
  statementId,
  at: '2026-01-31T00:00:00.000Z',
  decisionId: 'd',
  policyVersion: version,
  shape: 'SELECT ?',
  boundPlanHash: '00',
  planHash: '01',
  leaves: 1,
  columns: [],
  objects: ['shop.crm.customers'],
  governance: {
    policyVersion: version,
    decisionId: 'd',
    objects: [],
    filteredTables: [],
    maskedColumns: [],
    purpose: null,
    notices: [],
  },
  engine: 'duckdb',
  personal: { user: 'ana', via: 'token:1', literals },
});
const eventsOf = async (statementId: string): Promise<string[]> => {
  const found = await owner.query<{ kind: string }>(
    'SELECT kind FROM audit_event WHERE statement_id = $1 ORDER BY shard, seq',
    [statementId],
  );
  return found.rows.map((row) => row.kind.replace('statement.', '')).sort();
};
const makeToken = async (): Promise<string> => {
  const id = randomUUID();
  await owner.query(
    `INSERT INTO principal ("user", managed_by) VALUES ('ana', 'api') ON CONFLICT DO NOTHING`,
  );
  await owner.query(`INSERT INTO token (id, principal, hash, name) VALUES ($1, 'ana', $2, 'spec')`, [
    id,
    randomBytes(32),
  ]);
  return id;
};

beforeAll(async () => {
  postgres = await startTestPostgres();
  owner = new pg.Pool({ connectionString: postgres.ownerUrl, max: 4 });
  owner.on('error', () => undefined);
  version = Number((await owner.query('SELECT version FROM policy_version')).rows[0].version);
}, START_TIMEOUT_MS);
afterEach(async () => {
  for (const made of recorders) await made.close();
  recorders = [];
});
afterAll(async () => {
  await owner.end();
  await postgres.stop();
});

describe('EvidenceRecorder', () => {
  it('records intent, outcome and refusal, the personal part apart', async () => {
    const record = recorder();
    expect(await record.intent(intentOf('s1', ['DE', 'a\0b']), { policyVersion: version })).toBe('recorded');
    await record.outcome({
      statementId: 's1',
      at: 'now',
      state: 'succeeded',
      rowCount: 3,
      timings: { run: 1.5 },
    });
    await record.denied({
      statementId: 's2',
      at: 'now',
      policyVersion: version,
      code: 'ACCESS_DENIED',
      objects: [],
      personal: { user: 'a\0na', via: 'token:1', userAgent: 'curl', literals: ['SELECT secret'] },
    });
    expect(await eventsOf('s1')).toEqual(['intent', 'outcome']);
    expect(await eventsOf('s2')).toEqual(['denied']);
    const headers = await owner.query('SELECT string_agg(body, chr(10)) AS text FROM audit_event');
    expect(headers.rows[0].text).not.toMatch(/ana|curl|secret|"DE"/);
    const personal = await owner.query<{ body: string }>(
      `SELECT body FROM audit_private ORDER BY body COLLATE "C"`,
    );
    expect(personal.rows.map(({ body }) => JSON.parse(body))).toEqual([
      { literals: ['DE', 'a\ufffdb'], user: 'ana', via: 'token:1' },
      { literals: ['SELECT secret'], user: 'a\ufffdna', userAgent: 'curl', via: 'token:1' },
    ]);
  });

  it('judges each intent of a batch by itself', async () => {
    const record = recorder();
    const [live, revoked, expired] = [await makeToken(), await makeToken(), await makeToken()];
    await owner.query('UPDATE token SET revoked_at = now() WHERE id = $1', [revoked]);
    await owner.query(`UPDATE token SET expires_at = now() - interval '1s' WHERE id = $1`, [expired]);
    const asked = [
      ['b0', { policyVersion: version }],
      ['b1', { policyVersion: version, tokenId: live }],
      ['b2', { policyVersion: version, tokenId: revoked }],
      ['b3', { policyVersion: version + 1 }],
      ['b4', { policyVersion: version, tokenId: expired }],
      ['b5', { policyVersion: version, tokenId: 'not-a-token' }],
      ['b6', { policyVersion: version, tokenId: live.toUpperCase() }],
    ] as const;
    const verdicts = await Promise.all(asked.map(([id, versions]) => record.intent(intentOf(id), versions)));
    expect(verdicts).toEqual([
      'recorded',
      'recorded',
      'token-revoked',
      'policy-changed',
      'token-revoked',
      'token-revoked',
      'recorded',
    ]);
    for (const [i, [id]] of asked.entries()) {
      expect(await eventsOf(id)).toEqual(verdicts[i] === 'recorded' ? ['intent'] : []);
    }
  });

  it('refuses the tokens of an inactive principal', async () => {
    const record = recorder();
    const tokenId = await makeToken();
    await owner.query(`UPDATE principal SET active = false WHERE "user" = 'ana'`);
    expect(await record.intent(intentOf('p1'), { policyVersion: version, tokenId })).toBe('token-revoked');
    await owner.query(`UPDATE principal SET active = true WHERE "user" = 'ana'`);
  });

  it('waits for a revocation under way and obeys it', async () => {
    const record = recorder();
    const tokenId = await makeToken();
    const revoking = await owner.connect();
    await revoking.query('BEGIN');
    await revoking.query('UPDATE token SET revoked_at = now() WHERE id = $1', [tokenId]);
    const verdict = record.intent(intentOf('r1'), { policyVersion: version, tokenId });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await revoking.query('COMMIT');
    revoking.release();
    expect(await verdict).toBe('token-revoked');
    expect(await eventsOf('r1')).toEqual([]);
  });

  it('cannot change or remove evidence, not even as the owner', async () => {
    const app = new pg.Client({ connectionString: postgres.appUrl });
    await app.connect();
    for (const change of [
      'UPDATE audit_event SET body = 1',
      'DELETE FROM audit_event',
      'TRUNCATE audit_event',
      'UPDATE audit_private SET body = 1',
      'DELETE FROM audit_batch',
      'UPDATE audit_checkpoint SET note = 1',
      'DELETE FROM audit_node',
      'UPDATE audit_leaf SET position = 1',
    ]) {
      await expect(app.query(change)).rejects.toThrow(/permission denied/);
      await expect(owner.query(change)).rejects.toThrow(/append-only/);
    }
    await expect(app.query('ALTER TABLE audit_event DISABLE TRIGGER ALL')).rejects.toThrow(/must be owner/);
    await app.end();
  });

  it(
    'loses no acknowledged intent over kill -9 of Postgres, answers 503 meanwhile, and comes back by itself',
    async () => {
      const record = recorder();
      const acknowledged: string[] = [];
      let stopped = false;
      const submit = async (worker: number): Promise<void> => {
        for (let i = 0; !stopped; i += 1) {
          const id = `k${worker}-${i}`;
          const verdict = await record.intent(intentOf(id), { policyVersion: version }).catch((error) => {
            expect(error).toMatchObject({ code: 'EVIDENCE_UNAVAILABLE' });
            return undefined;
          });
          if (verdict === 'recorded') acknowledged.push(id);
          else await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      const workers = [0, 1, 2, 3].map(submit);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await postgres.crashAndRestart();
      const before = acknowledged.length;
      const deadline = Date.now() + RECOVERY_MAX_MS;
      while (acknowledged.length === before && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 20));
      stopped = true;
      await Promise.all(workers);
      expect(acknowledged.length).toBeGreaterThan(before);
      const found = await owner.query<{ id: string }>(
        `SELECT DISTINCT statement_id AS id FROM audit_event WHERE statement_id LIKE 'k%'`,
      );
      const kept = new Set(found.rows.map((row) => row.id));
      expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
    },
    START_TIMEOUT_MS,
  );

  it(
    'says EVIDENCE_UNAVAILABLE within its limit while Postgres is away',
    async () => {
      const record = recorder(1_000);
      await postgres.halt();
      const started = performance.now();
      await expect(record.intent(intentOf('a1'), { policyVersion: version })).rejects.toMatchObject({
        code: 'EVIDENCE_UNAVAILABLE',
      });
      expect(performance.now() - started).toBeLessThan(1_500);
      await postgres.restart();
      expect(await record.intent(intentOf('a2'), { policyVersion: version })).toBe('recorded');
    },
    START_TIMEOUT_MS,
  );
});
