/** Who gets in: bearer tokens of two gateways over one database, and JWTs of an issuer that is not us. */
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { exportJWK, exportSPKI, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose';
import pg from 'pg';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';
import { type Answer, type Rest, startRest } from '../support/rest-client.js';

const START_TIMEOUT_MS = 120_000;
jest.setTimeout(60_000);
const ISSUER = 'https://issuer.example';
const AUDIENCE = 'sluice';
let postgres: TestPostgres;
let rest: Rest;
let other: Rest;
let issuer: Server;
let keys: GenerateKeyPairResult;

beforeAll(async () => {
  keys = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  issuer = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  const { port } = issuer.address() as { port: number };
  postgres = await startTestPostgres();
  const env = {
    SLUICE_DATABASE_URL: postgres.appUrl,
    SLUICE_DATABASE_OWNER_URL: postgres.ownerUrl,
    SLUICE_JWKS_URL: `http://127.0.0.1:${port}/jwks`,
    SLUICE_JWT_ISSUER: ISSUER,
    SLUICE_JWT_AUDIENCE: AUDIENCE,
  };
  rest = await startRest(env);
  other = await startRest(env);
}, START_TIMEOUT_MS);
afterAll(async () => {
  await Promise.all([rest?.gateway.stop(), other?.gateway.stop()]);
  await postgres?.stop();
  issuer?.close();
}, START_TIMEOUT_MS);

const refused = (answer: Answer): void => {
  expect([answer.status, answer.json.code]).toEqual([401, 'UNAUTHENTICATED']);
  expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
};
const me = (token: string | undefined, where = rest): Promise<Answer> =>
  where.ask(token, 'GET', '/v1/principals/me');
const issue = async (body: object, user = 'admin'): Promise<{ id: string; token: string }> => {
  const answer = await rest.ask(user, 'POST', '/v1/tokens', { name: 'spec', ...body });
  expect(answer.status).toBe(201);
  return answer.json;
};

describe('without credentials', () => {
  it('only health and the description of the API answer', async () => {
    for (const path of ['/openapi.json', '/docs'])
      expect((await rest.ask(undefined, 'GET', path)).status).toBe(200);
    for (const path of ['/health/live', '/health/ready'])
      expect((await fetch(`${rest.gateway.adminUrl}${path}`)).status).toBe(200);
    const { paths } = (await rest.ask(undefined, 'GET', '/openapi.json')).json;
    for (const [path, methods] of Object.entries(paths as Record<string, object>)) {
      for (const method of Object.keys(methods)) {
        const body = method === 'post' || method === 'put' ? {} : undefined;
        refused(await rest.ask(undefined, method.toUpperCase(), path.replace(/\{\w+\}/g, 'x'), body));
      }
    }
  });

  it.each(['', 'nonsense', `slu_${'0'.repeat(36)}_${'a'.repeat(43)}`, 'a.b.c', 'x'.repeat(9_000), '💥'])(
    'that are good nobody gets in (%#)',
    async (token) =>
      refused(
        await rest.ask(undefined, 'GET', '/v1/principals/me', undefined, {
          authorization: `Bearer ${encodeURIComponent(token)}`,
        }),
      ),
  );

  it('of another kind nobody gets in', async () => {
    const { admin } = rest.gateway.tokens;
    for (const authorization of [`Basic ${admin}`, `bearer${admin}`, `${admin}`, `Bearer  ${admin} x`])
      refused(await rest.ask(undefined, 'GET', '/v1/principals/me', undefined, { authorization }));
  });
});

describe('tokens', () => {
  it('are shown once, kept as hashes, and forged by nobody', async () => {
    const { id, token } = await issue({});
    expect((await me(token)).json).toMatchObject({ user: 'admin', roles: ['admin'] });
    const [start, secret = ''] = [
      token.slice(0, token.lastIndexOf('_')),
      token.slice(token.lastIndexOf('_') + 1),
    ];
    const turned = (secret[0] === 'A' ? 'B' : 'A') + secret.slice(1);
    refused(await me(`${start}_${turned}`));
    const database = new pg.Client(postgres.ownerUrl);
    await database.connect();
    const stored = await database.query('SELECT row_to_json(t)::text AS row FROM token t WHERE id = $1', [
      id,
    ]);
    await database.end();
    expect(stored.rows[0].row).not.toContain(secret);
    const listed = await rest.ask('admin', 'GET', '/v1/tokens');
    expect(listed.text).toContain(id);
    expect(listed.text).not.toContain(secret);
  });

  it('are for what their scopes say', async () => {
    const { token } = await issue({ scopes: ['statements'] });
    expect((await rest.run(token, 'SELECT 1')).status).toBe(200);
    for (const [method, path, body] of [
      ['GET', '/v1/principals/me', undefined],
      ['GET', '/v1/catalog/tables', undefined],
      ['GET', '/v1/policies', undefined],
      ['POST', '/v1/tokens', { name: 'more' }],
    ] as const) {
      const answer = await rest.ask(token, method, path, body);
      expect([path, answer.status, answer.json.code]).toEqual([path, 403, 'ACCESS_DENIED']);
    }
    const identity = await issue({ scopes: ['identity'] });
    const more = await rest.ask(identity.token, 'POST', '/v1/tokens', { name: 'more' });
    expect([more.status, more.json.code]).toEqual([403, 'ACCESS_DENIED']);
    expect((await rest.run(identity.token, 'SELECT 1')).status).toBe(403);
  });

  it('end when they expire', async () => {
    const expiresAt = new Date(Date.now() + 1_500).toISOString();
    const { token } = await issue({ expiresAt });
    expect((await me(token)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    refused(await me(token));
    refused(await rest.run(token, 'SELECT 1'));
  });

  it('are revoked at once on every gateway, though it has just seen them', async () => {
    const { id, token } = await issue({});
    for (let time = 0; time < 3; time += 1)
      for (const where of [rest, other]) expect((await where.run(token, 'SELECT 1')).status).toBe(200);
    expect((await rest.ask('admin', 'DELETE', `/v1/tokens/${id}`)).status).toBe(204);
    refused(await rest.run(token, 'SELECT 1'));
    refused(await other.run(token, 'SELECT 1'));
    refused(await me(token, other));
  });

  it('are made for oneself by anyone, for others by administrators, and seen by their owner', async () => {
    const own = await issue({}, 'analyst');
    expect((await me(own.token)).json.user).toBe('analyst');
    const denied = await rest.ask('analyst', 'POST', '/v1/tokens', { name: 'x', principal: 'admin' });
    expect(denied.status).toBe(403);
    const foreign = await issue({});
    const listed = (await rest.ask('analyst', 'GET', '/v1/tokens')).json.items;
    expect(listed.every((token: { principal: string }) => token.principal === 'analyst')).toBe(true);
    expect((await rest.ask('analyst', 'DELETE', `/v1/tokens/${foreign.id}`)).status).toBe(404);
    expect((await rest.ask('analyst', 'DELETE', `/v1/tokens/${own.id}`)).status).toBe(204);
    expect((await rest.ask('admin', 'POST', '/v1/tokens', { name: 'x', principal: 'nobody' })).status).toBe(
      404,
    );
  });
});

describe('JWTs', () => {
  const claims = { roles: ['analyst'], attributes: { countries: ['DE'] } };
  const signed = (
    change: (jwt: SignJWT) => SignJWT = (jwt) => jwt,
    payload: object = claims,
    key = keys.privateKey,
  ) =>
    change(
      new SignJWT({ ...payload })
        .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
        .setSubject('jo')
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime('5m'),
    ).sign(key);
  const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

  it('of the issuer are people with the roles and attributes they carry', async () => {
    const jwt = await signed();
    expect((await me(jwt)).json).toEqual({ user: 'jo', groups: [], ...claims });
    const answer = await rest.run(jwt, 'SELECT DISTINCT country, email FROM shop.crm.customers');
    const rows: [string, string | null][] = answer.json.result.rows;
    expect(new Set(rows.map(([country]) => country))).toEqual(new Set(['DE']));
    expect(rows.every(([, email]) => email === null || /^.\*\*\*@/.test(email))).toBe(true);
  });

  it('of others, for others, at other times or signed in other ways are refused', async () => {
    const strangers = await generateKeyPair('RS256');
    const seconds = Math.floor(Date.now() / 1_000);
    const wrong: Record<string, string> = {
      issuer: await signed((jwt) => jwt.setIssuer('https://other.example')),
      audience: await signed((jwt) => jwt.setAudience('other')),
      expired: await signed((jwt) => jwt.setExpirationTime(seconds - 120)),
      early: await signed((jwt) => jwt.setNotBefore(seconds + 120)),
      key: await signed((jwt) => jwt, claims, strangers.privateKey),
      subject: await signed((jwt) => jwt.setSubject('')),
      control: await signed((jwt) => jwt.setSubject('jo\u0000')),
    };
    const body = encoded({ sub: 'jo', iss: ISSUER, aud: AUDIENCE, exp: seconds + 300, ...claims });
    wrong.none = `${encoded({ alg: 'none' })}.${body}.`;
    const start = `${encoded({ alg: 'HS256', kid: 'k1' })}.${body}`;
    const secret = await exportSPKI(keys.publicKey);
    wrong.confused = `${start}.${createHmac('sha256', secret).update(start).digest('base64url')}`;
    wrong.endless = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setSubject('jo')
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .sign(keys.privateKey);
    const [head, , signature] = (await signed()).split('.');
    wrong.changed = `${head}.${encoded({ sub: 'admin', iss: ISSUER, aud: AUDIENCE, exp: seconds + 300 })}.${signature}`;
    const statuses = await Promise.all(
      Object.entries(wrong).map(async ([what, jwt]) => [what, (await rest.run(jwt, 'SELECT 1')).status]),
    );
    expect(statuses).toEqual(Object.keys(wrong).map((what) => [what, 401]));
  });
});

describe('principals', () => {
  const bo = { user: 'bo', roles: ['analyst'], attributes: { countries: ['FR'] } };

  it('are made, read, replaced as they were read, and removed with their tokens', async () => {
    const made = await rest.ask('admin', 'POST', '/v1/principals', bo);
    expect([made.status, made.json]).toMatchObject([201, { ...bo, active: true, version: 1 }]);
    expect((await rest.ask('admin', 'POST', '/v1/principals', bo)).status).toBe(409);
    const { token } = await issue({ principal: 'bo' });
    const distinct = 'SELECT DISTINCT country FROM shop.crm.customers';
    expect((await other.run(token, distinct)).json.result.rows).toEqual([['FR']]);

    const read = await rest.ask('admin', 'GET', '/v1/principals/bo');
    const tag = read.headers.get('etag') ?? '';
    const body = { roles: ['analyst'], attributes: { countries: ['IT'] } };
    const put = (ifMatch: string): Promise<Answer> =>
      rest.ask('admin', 'PUT', '/v1/principals/bo', body, { 'if-match': ifMatch });
    expect((await put(tag)).json).toMatchObject({ version: 2, attributes: { countries: ['IT'] } });
    expect([(await put(tag)).status, (await put('nonsense')).status]).toEqual([412, 412]);
    // In force on the other gateway as well, for a token that it has seen.
    expect((await other.run(token, distinct)).json.result.rows).toEqual([['IT']]);

    const removed = await rest.ask('admin', 'DELETE', '/v1/principals/bo', undefined, { 'if-match': '"1"' });
    expect(removed.status).toBe(412);
    expect((await rest.ask('admin', 'DELETE', '/v1/principals/bo')).status).toBe(204);
    refused(await other.run(token, 'SELECT 1'));
    expect((await rest.ask('admin', 'GET', '/v1/principals/bo')).status).toBe(404);
  });

  it('that are not active do not get in', async () => {
    await rest.ask('admin', 'POST', '/v1/principals', { ...bo, user: 'cy' });
    const { token } = await issue({ principal: 'cy' });
    expect((await other.run(token, 'SELECT 1')).status).toBe(200);
    await rest.ask('admin', 'PUT', '/v1/principals/cy', { roles: [], active: false });
    refused(await other.run(token, 'SELECT 1'));
  });

  it('are managed by administrators only', async () => {
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['GET', '/admin', undefined],
      ['POST', '', bo],
      ['PUT', '/analyst', { roles: ['admin'] }],
      ['DELETE', '/admin', undefined],
    ] as const) {
      const answer = await rest.ask('analyst', method, `/v1/principals${path}`, body);
      expect([answer.status, answer.json.code]).toEqual([403, 'ACCESS_DENIED']);
    }
    const { items } = (await rest.ask('admin', 'GET', '/v1/principals?limit=3')).json;
    expect(items.map(({ user }: { user: string }) => user)).toEqual(['admin', 'analyst', 'auditor']);
  });
});
