import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startTestPostgres, type TestPostgres } from '../../test/support/postgres.js';
import { migrate } from './migrate.js';
import type { RegisteredStatement, StatementPage } from './statement-register.js';
import { openStore, type Store } from './store.js';

const START_TIMEOUT_MS = 60_000;
const SEEN_TIMEOUT_MS = 1_000;
const ANA = { roles: ['analyst'], groups: [], attributes: { countries: ['DE', 'FR'] }, active: true };
let postgres: TestPostgres;
let store: Store;
let other: Store;

const open = (): Promise<Store> =>
  openStore({ url: postgres.appUrl, connectionsMax: 4, evidenceTimeoutMs: 2_000, evidenceQueueMax: 100 });
const issue = async (secret: string, expiresAt: Date | null = null): Promise<string> => {
  const id = randomUUID();
  await store.tokens.create({
    id,
    principal: 'ana',
    secret,
    name: 'spec',
    scopes: ['statements'],
    expiresAt,
  });
  return id;
};
const seen = async (check: () => Promise<boolean>): Promise<boolean> => {
  const deadline = Date.now() + SEEN_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (await check()) return true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return false;
};

beforeAll(async () => {
  postgres = await startTestPostgres();
  store = await open();
  other = await open();
  await store.principals.create('ana', ANA, 'api');
}, START_TIMEOUT_MS);
afterAll(async () => {
  await store.close();
  await other.close();
  await postgres.stop();
});

describe('migrations', () => {
  it('run once, and agree with the entities', async () => {
    expect(await migrate(postgres.ownerUrl, 'sluice_app')).toEqual([]);
    for (const entity of store.dataSource.entityMetadatas) {
      await expect(store.dataSource.getRepository(entity.target).find({ take: 1 })).resolves.toBeDefined();
    }
  });

  it('leave the gateway’s role owning nothing', async () => {
    const owned = await store.database.query(
      `SELECT relname FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)`,
    );
    expect(owned.rows).toEqual([]);
  });
});

describe('principals', () => {
  it('are kept, replaced only on the version that was read, and removed with their tokens', async () => {
    await store.principals.create('bo', ANA, 'api');
    await expect(store.principals.create('bo', ANA, 'api')).rejects.toMatchObject({ code: 'CONFLICT' });
    const read = await store.principals.get('bo');
    expect(read).toMatchObject({ user: 'bo', attributes: { countries: ['DE', 'FR'] }, version: 1 });
    const changed = await store.principals.replace('bo', { ...ANA, roles: ['steward'] }, read.version);
    expect(changed).toMatchObject({ roles: ['steward'], version: 2 });
    await expect(store.principals.replace('bo', ANA, 1)).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
    await expect(store.principals.remove('bo', 1)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
    await store.principals.remove('bo', 2);
    await expect(store.principals.get('bo')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await store.principals.list(undefined, 10)).map((row) => row.user)).toEqual(['ana']);
    expect(await store.principals.list('ana', 10)).toEqual([]);
  });
});

describe('tokens', () => {
  const now = new Date();

  it('are good with their secret only, while they live', async () => {
    const id = await issue('s3cret');
    expect(await store.tokens.authenticate(id, 's3cret', now)).toMatchObject({
      token: { id, principal: 'ana', scopes: ['statements'] },
      roles: ['analyst'],
    });
    expect(await store.tokens.authenticate(id, 'S3cret', now)).toBeUndefined();
    expect(await store.tokens.authenticate(randomUUID(), 's3cret', now)).toBeUndefined();
    expect(await store.tokens.authenticate("'; drop", 's3cret', now)).toBeUndefined();
    const expired = await issue('old', new Date(now.getTime() - 1));
    expect(await store.tokens.authenticate(expired, 'old', now)).toBeUndefined();
  });

  it('keep a hash, never the secret', async () => {
    await issue('very-secret-text');
    const rows = await store.database.query('SELECT * FROM token');
    expect(JSON.stringify(rows.rows)).not.toContain('very-secret-text');
    const hashes = await store.database.query<{ hash: Buffer }>('SELECT hash FROM token');
    const expected = createHash('sha256').update('very-secret-text').digest();
    expect(hashes.rows.some((row) => row.hash.equals(expected))).toBe(true);
  });

  it('are refused by every gateway after revocation, cached or not', async () => {
    const id = await issue('shared');
    expect(await other.tokens.authenticate(id, 'shared', now)).toBeDefined();
    expect(await store.tokens.revoke(id)).toBe(true);
    expect(await store.tokens.authenticate(id, 'shared', now)).toBeUndefined();
    const refused = async (): Promise<boolean> =>
      (await other.tokens.authenticate(id, 'shared', now)) === undefined;
    expect(await seen(refused)).toBe(true);
    expect(await store.tokens.revoke(randomUUID())).toBe(false);
  });

  it('are refused by every gateway when their principal is switched off', async () => {
    const id = await issue('switched');
    expect(await other.tokens.authenticate(id, 'switched', now)).toBeDefined();
    await store.principals.replace('ana', { ...ANA, active: false });
    const refused = async (): Promise<boolean> =>
      (await other.tokens.authenticate(id, 'switched', now)) === undefined;
    expect(await seen(refused)).toBe(true);
    await store.principals.replace('ana', ANA);
    expect(await seen(async () => !(await refused()))).toBe(true);
  });

  it('are listed newest first, page by page', async () => {
    const all = await store.tokens.list('ana', undefined, 100);
    const first = await store.tokens.list(undefined, undefined, 2);
    const rest = await store.tokens.list('ana', first[1]!.id, 100);
    expect([...first, ...rest].map((token) => token.id)).toEqual(all.map((token) => token.id));
  });
});

let moment = Date.now();
/** Each comes later than those before. */
function row(id: string, principal: string, more: Partial<RegisteredStatement> = {}): RegisteredStatement {
  moment += 1;
  const submittedAt = new Date(moment);
  return { id, principal, submittedAt, state: 'queued', finishedAt: null, code: null, header: {}, ...more };
}

describe('statement register', () => {
  it('keeps how a statement ended', async () => {
    const engine = { header: { engine: 'duckdb' } };
    await store.statements.put([row('st1', 'ana', engine)]);
    await store.statements.put([row('st1', 'ana', { ...engine, state: 'running' })]);
    const ended = { state: 'canceled', code: 'STATEMENT_CANCELED', finishedAt: new Date() } as const;
    await store.statements.put([row('st1', 'ana', { ...engine, ...ended })]);
    await store.statements.put([row('st1', 'ana', { ...engine, state: 'succeeded' })]);
    await store.statements.expire(['st1']);
    expect(await store.statements.find('st1')).toMatchObject({ ...engine, ...ended });
    await store.statements.put([row('st2', 'ana', { state: 'succeeded' }), row('st3', 'bo')]);
    await store.statements.expire(['st2', 'st3']);
    const states = await Promise.all(['st2', 'st3'].map((id) => store.statements.find(id)));
    expect(states.map((found) => found?.state)).toEqual(['expired', 'queued']);
    const ids = ({ items }: StatementPage): string[] => items.map((row) => row.id);
    expect(ids(await store.statements.list('ana', undefined, 10))).toEqual(['st2', 'st1']);
    const first = await store.statements.list('ana', undefined, 1);
    expect(ids(first)).toEqual(['st2']);
    await store.statements.remove('st2');
    const rest = await store.statements.list('ana', first.nextCursor ?? '', 1);
    expect([ids(rest), rest.nextCursor]).toEqual([['st1'], null]);
    await expect(store.statements.list('ana', 'st2', 1)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('fails what a dead gateway left, and only that; what had an outcome on record ended so', async () => {
    const dying = await open();
    await dying.statements.put([row('left', 'ana')]);
    for (const state of ['succeeded', 'canceled'] as const) {
      await dying.statements.put([row(state, 'ana')]);
      const code = state === 'canceled' ? { code: 'STATEMENT_CANCELED' } : {};
      const at = new Date().toISOString();
      await dying.recorder.outcome({ statementId: state, at, state, timings: {}, ...code });
    }
    await store.statements.put([row('mine', 'ana')]);
    expect(await other.statements.closeAbandoned()).toBe(0);
    await dying.close();
    expect(await seen(async () => (await other.statements.closeAbandoned()) === 3)).toBe(true);
    expect(await store.statements.find('left')).toMatchObject({ state: 'failed', code: 'INTERNAL' });
    expect(await store.statements.find('mine')).toMatchObject({ state: 'queued' });
    expect(await store.statements.find('succeeded')).toMatchObject({ state: 'expired', code: null });
    expect(await store.statements.find('canceled')).toMatchObject({
      state: 'canceled',
      code: 'STATEMENT_CANCELED',
    });
  });
});

describe('idempotency keys', () => {
  it('are won by one of many claims, and tell another body', async () => {
    const body = createHash('sha256').update('a').digest();
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, i) => store.idempotencyKeys.claim('ana', 'k', body, `s${i}`)),
    );
    expect(claims.filter((claim) => claim.kind === 'new')).toHaveLength(1);
    const winner = `s${claims.findIndex((claim) => claim.kind === 'new')}`;
    for (const claim of claims.filter(({ kind }) => kind !== 'new')) {
      expect(claim).toEqual({ kind: 'same', statementId: winner });
    }
    const another = createHash('sha256').update('b').digest();
    expect(await store.idempotencyKeys.claim('ana', 'k', another, 'x')).toEqual({ kind: 'mismatch' });
    expect(await store.idempotencyKeys.claim('bo', 'k', another, 'x')).toEqual({ kind: 'new' });
    expect(await store.idempotencyKeys.purge(60_000)).toBe(0);
    expect(await store.idempotencyKeys.purge(-1)).toBe(2);
  });
});

describe('object metadata', () => {
  it('is written on the version that was read', async () => {
    const change = { object: 'shop.crm.customers', column: 'Email', tags: ['pii.email'], updatedBy: 'ana' };
    expect(await store.objectMetadata.set({ ...change, version: 0 })).toMatchObject({
      column: 'email',
      version: 1,
    });
    await expect(store.objectMetadata.set({ ...change, version: 0 })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
    await expect(store.objectMetadata.set({ ...change, column: 'x', version: 3 })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
    expect(await store.objectMetadata.set({ ...change, tags: [], version: 1 })).toMatchObject({
      tags: [],
      version: 2,
    });
    expect(
      await store.objectMetadata.set({ object: change.object, tags: [], owner: 'bo', updatedBy: 'x' }),
    ).toMatchObject({
      column: '',
      owner: 'bo',
    });
    expect(await store.objectMetadata.all()).toHaveLength(2);
  });
});

describe('without Postgres', () => {
  it(
    'every repository answers EVIDENCE_UNAVAILABLE, and recovers by itself',
    async () => {
      const id = await issue('later');
      await postgres.halt();
      const unavailable = { code: 'EVIDENCE_UNAVAILABLE' };
      await expect(store.principals.list(undefined, 1)).rejects.toMatchObject(unavailable);
      await expect(store.tokens.authenticate(id, 'later', new Date())).rejects.toMatchObject(unavailable);
      await expect(store.statements.find('st1')).rejects.toMatchObject(unavailable);
      await expect(store.objectMetadata.all()).rejects.toMatchObject(unavailable);
      await postgres.restart();
      expect(await store.tokens.authenticate(id, 'later', new Date())).toBeDefined();
      expect(await store.statements.find('st1')).toBeDefined();
      expect(await store.principals.list(undefined, 1)).toHaveLength(1);
      const admin = new pg.Client({ connectionString: postgres.ownerUrl });
      await admin.connect();
      const back = async (): Promise<boolean> =>
        (await admin.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'sluice-listen'`))
          .rowCount === 2;
      const deadline = Date.now() + 10_000;
      while (!(await back()) && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await back()).toBe(true);
      await admin.end();
    },
    START_TIMEOUT_MS,
  );
});
