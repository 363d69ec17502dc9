/** The audit log of a real gateway: what it records, who may see it, and that a stranger can check it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openCheckpoint } from '../../src/core/audit/checkpoint.js';
import { provenEvent } from '../../src/core/audit/event-proof.js';
import { proofOf, provesConsistency } from '../../src/core/audit/merkle-proof.js';
import { parseVkey } from '../../src/core/crypto/signed-note.js';
import { type Rest, startRest, within } from '../support/rest-client.js';
import { ROOT } from '../support/sources.js';

const SEEN_MS = 5_000;
const START_TIMEOUT_MS = 120_000;
// Each of its commands is a process of its own.
jest.setTimeout(START_TIMEOUT_MS);
const CLI = join(ROOT, 'dist', 'src', 'cli.js');
let rest: Rest;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-audit-'));
  rest = await startRest({
    SLUICE_DATA_DIR: join(folder, 'data'),
    SLUICE_DEMO_SCALE: '0.001',
    SLUICE_AUDIT_HEARTBEAT: '1s',
  });
}, START_TIMEOUT_MS);
afterAll(async () => {
  await rest?.gateway.stop();
  rmSync(folder, { recursive: true, force: true });
}, START_TIMEOUT_MS);

const get = (user: string, path: string) => rest.ask(user, 'GET', path);
const sluice = (...args: string[]): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    const env = {
      PATH: process.env.PATH,
      SLUICE_URL: rest.gateway.url,
      SLUICE_TOKEN: rest.gateway.tokens.auditor,
      SLUICE_DATA_DIR: folder,
    };
    execFile(process.execPath, [CLI, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
// biome-ignore lint/suspicious/noExplicitAny: what came over the wire
const eventsOf = async (query: string, user = 'auditor'): Promise<any[]> => {
  const answer = await get(user, `/v1/audit/events?${query}`);
  expect(answer.status).toBe(200);
  return answer.json.items;
};

describe('events', () => {
  it('tell of a statement what was decided, read and handed out', async () => {
    const { json } = await rest.run(
      'analyst',
      "SELECT email, country FROM shop.crm.customers WHERE city = 'Bonn' LIMIT 3",
      { purpose: 'care' },
    );
    const [outcome, intent] = await eventsOf(`statement=${json.statementId}`);
    expect(intent).toMatchObject({
      kind: 'statement.intent',
      objects: ['shop.crm.customers'],
      columns: ['shop.crm.customers.city', 'shop.crm.customers.country', 'shop.crm.customers.email'],
      leaves: 1,
      purpose: 'care',
      personal: { user: 'analyst', literals: expect.arrayContaining(["'Bonn'"]) },
    });
    expect(intent.masks).toContainEqual(expect.objectContaining({ column: 'email', mask: 'email' }));
    expect(JSON.stringify({ ...intent, personal: undefined })).not.toMatch(/Bonn|analyst"/);
    expect(outcome).toMatchObject({
      kind: 'statement.outcome',
      state: 'succeeded',
      resultDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('are found by whom, what, why, when and how it was decided', async () => {
    const denied = await rest.run('analyst', 'SELECT * FROM shop.hr.employees');
    expect(denied.status).toBe(403);
    const since = encodeURIComponent(new Date(Date.now() - 60_000).toISOString());
    for (const [query, kinds] of [
      ['principal=analyst&decision=deny', ['statement.denied']],
      ['decision=deny&object=shop.hr.employees', ['statement.denied']],
      [`column=email&object=SHOP.crm.customers&from=${since}`, ['statement.intent']],
      ['column=shop.crm.customers.email&purpose=care', ['statement.intent']],
      ['kind=gateway.started', ['gateway.started']],
      ['kind=key.added', ['key.added']],
    ] as const)
      expect([...new Set((await eventsOf(query)).map(({ kind }) => kind))]).toEqual(kinds);
    for (const query of [
      'principal=nobody',
      'purpose=fraud',
      `to=2020-01-01`,
      'column=shop.hr.employees.salary',
    ])
      expect(await eventsOf(query)).toEqual([]);
    // Taken from the history of policies a moment later.
    const policyChanges = async () => (await eventsOf('kind=policy.changed')).length;
    expect(await within(SEEN_MS, async () => (await policyChanges()) > 2)).toBe(true);
  });

  it('come in pages', async () => {
    const all = await eventsOf('limit=500&personal=false');
    const paged = [];
    let cursor = '';
    do {
      const { json } = await get('auditor', `/v1/audit/events?limit=3&personal=false${cursor}`);
      paged.push(...json.items);
      cursor = json.nextCursor === null ? '' : `&cursor=${json.nextCursor}`;
    } while (cursor !== '');
    const ids = paged.map(({ eventId }) => eventId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { eventId } of all) expect(ids).toContain(eventId);
  });

  it('are for those who may see plans; who asked is for auditors and administrators', async () => {
    for (const user of ['analyst', 'engineer', 'privacy'])
      expect((await get(user, '/v1/audit/events')).status).toBe(403);
    const shown = await eventsOf('kind=statement.denied', 'steward');
    expect(shown[0]).toMatchObject({ personal: 'withheld', actor: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect((await get('steward', '/v1/audit/events?principal=analyst')).status).toBe(403);
    expect((await get('steward', '/v1/audit/export?personal=true')).status).toBe(403);
    const [read] = await eventsOf('kind=audit.read', 'admin');
    expect(read).toMatchObject({ what: 'events', personal: { user: 'admin' } });
  });

  it('tell of every change over the API, before and after it', async () => {
    const body = { user: 'newcomer', roles: ['analyst'] };
    expect((await rest.ask('admin', 'POST', '/v1/principals', body)).status).toBe(201);
    expect((await rest.ask('analyst', 'POST', '/v1/principals', body)).status).toBe(403);
    expect((await rest.ask('admin', 'POST', '/v1/principals', body)).status).toBe(409);
    const intents = (await eventsOf('kind=admin.intent')).slice(0, 3).reverse();
    expect(intents.map(({ noun, personal }) => [noun, personal.user])).toEqual([
      ['principals', 'admin'],
      ['principals', 'analyst'],
      ['principals', 'admin'],
    ]);
    expect(JSON.stringify({ ...intents[0], personal: undefined })).not.toMatch(/newcomer/);
    expect(JSON.parse(intents[0].personal.body)).toMatchObject(body);
    const outcomes = (await eventsOf('kind=admin.outcome')).slice(0, 3).reverse();
    expect(outcomes.map(({ status, decision }) => [status, decision])).toEqual([
      [201, 'allow'],
      [403, 'deny'],
      [409, 'allow'],
    ]);
    expect(outcomes.map(({ requestId }) => requestId)).toEqual(intents.map(({ requestId }) => requestId));
  });

  it('tell of policies changed through the API, and of sign-ins that failed', async () => {
    const document = {
      kind: 'policy',
      name: 'audit-spec',
      grants: [{ allow: ['browse'], to: ['user:newcomer'], on: ['shop.ref.*'] }],
    };
    const { status, json } = await rest.ask('admin', 'POST', '/v1/policies', document);
    expect(status).toBe(201);
    await fetch(`${rest.gateway.url}/v1/statements`, { headers: { authorization: 'Bearer nonsense' } });
    const until = Date.now() + 10_000;
    let changes: { name: string }[] = [];
    while (changes[0]?.name !== 'audit-spec' && Date.now() < until)
      changes = await eventsOf('kind=policy.changed');
    expect(changes[0]).toMatchObject({
      change: 'created',
      source: 'api',
      policyVersion: json.policyVersion,
      documentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      personal: { user: 'admin' },
    });
    const [failure] = await eventsOf('kind=login.failed');
    expect(failure).toMatchObject({ method: 'jwt', count: 1, personal: { address: '127.0.0.1' } });
  });

  it('can be followed as they come, and from where one was', async () => {
    const abort = new AbortController();
    const follow = async (lastEventId?: string): Promise<ReadableStreamDefaultReader<Uint8Array>> => {
      const response = await rest.gateway.fetch('/v1/audit/events?kind=statement.denied', 'auditor', {
        headers: {
          accept: 'text/event-stream',
          ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        },
        signal: abort.signal,
      });
      expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
      return response.body!.getReader();
    };
    const readUntil = async (
      reader: ReadableStreamDefaultReader<Uint8Array>,
      pattern: RegExp,
    ): Promise<string> => {
      let text = '';
      while (!pattern.test(text)) text += Buffer.from((await reader.read()).value ?? []).toString();
      return text;
    };
    const reader = await follow();
    await readUntil(reader, /following/);
    await rest.run('analyst', 'SELECT salary FROM shop.hr.employees');
    const text = await readUntil(reader, /data: .*\n/);
    expect(text).toMatch(/event: audit\ndata: .*"kind":"statement.denied".*"user":"analyst"/);
    const number = Number(/id: (\d+)/.exec(text)?.[1]);
    expect(await readUntil(await follow(String(number - 1)), /data: .*\n/)).toContain(`id: ${number}\n`);
    abort.abort();
  });
});

describe('a pseudonym', () => {
  it('is found for a name that is then stored nowhere, by auditors alone', async () => {
    const ask = (user: string, body: object) => rest.ask(user, 'POST', '/v1/audit/hash', body);
    const { json } = await ask('auditor', { principals: ['analyst', 'somebody-who-never-came'] });
    const [intent] = await eventsOf('principal=analyst&kind=statement.intent');
    expect(json.items[0]).toEqual({ actor: intent.actor });
    expect((await ask('steward', { principals: ['analyst'] })).status).toBe(403);
    expect((await ask('auditor', { principals: [] })).status).toBe(400);
    const [read] = await eventsOf('kind=audit.read');
    const all = await eventsOf('limit=500');
    expect(read.personal.user).toBe('auditor');
    expect(JSON.stringify(all)).toContain('pseudonyms of 2');
    expect(JSON.stringify(all)).not.toContain('somebody-who-never-came');
  });
});

describe('proofs', () => {
  it('hold for every event, up to a checkpoint with good signatures', async () => {
    const events = await eventsOf('limit=20');
    for (const { eventId, kind } of events) {
      const { json } = await get('steward', `/v1/audit/proofs/${eventId}`);
      const { note, jws, size } = json.checkpoint;
      const head = openCheckpoint(note, jws, [parseVkey(json.key.vkey)!], json.key.jwk);
      if (typeof head === 'string') throw new Error(head);
      expect(head.size).toBe(size);
      expect(provenEvent(json, head)).toMatchObject({ kind });
      expect(provenEvent({ ...json, event: json.event.replace(kind, 'heartbeat') }, head)?.kind).not.toBe(
        kind,
      );
    }
    expect((await get('auditor', '/v1/audit/proofs/nothing.7')).status).toBe(404);
    expect((await get('auditor', `/v1/audit/proofs/${events[0].eventId}?size=1`)).status).toBe(404);
  });

  it('of consistency hold between any two checkpoints', async () => {
    const { json } = await get('auditor', '/v1/audit/checkpoints?limit=500');
    const heads = json.items.map(({ size, root }: { size: number; root: string }) => ({
      size,
      root: Buffer.from(root, 'base64'),
    }));
    expect(heads.length).toBeGreaterThan(5);
    for (const first of heads.slice(1)) {
      const answer = await get('auditor', `/v1/audit/proofs?first=${first.size}&second=${heads[0].size}`);
      expect(provesConsistency(first, heads[0], proofOf(answer.json.proof)!)).toBe(true);
    }
    expect((await get('auditor', `/v1/audit/proofs?first=9&second=1`)).status).toBe(400);
  });
});

describe('sluice audit', () => {
  it('exports and verifies; a kept checkpoint makes it WITNESSED', async () => {
    const [kept, file, later] = ['kept.txt', 'audit.ndjson', 'later.ndjson'].map((name) =>
      join(folder, name),
    );
    expect((await sluice('audit', 'export', '--out', file!)).code).toBe(0);
    expect((await sluice('audit', 'checkpoint', '--out', kept!)).code).toBe(0);
    await rest.run('analyst', 'SELECT 1');
    expect((await sluice('audit', 'export', '--out', later!, '--personal')).code).toBe(0);
    expect(readFileSync(file!, 'utf8')).not.toMatch(/"user|Bonn/);
    expect(readFileSync(later!, 'utf8')).toMatch(/Bonn/);
    const alone = await sluice('audit', 'verify', file!);
    expect([alone.code, alone.output]).toEqual([10, expect.stringMatching(/^UNANCHORED: /)]);
    const against = await sluice('audit', 'verify', later!, '--known-checkpoint', kept!);
    expect([against.code, against.output]).toEqual([0, expect.stringMatching(/^WITNESSED: /)]);
    expect((await sluice('audit', 'verify', later!, '--known-checkpoint', file!)).code).toBe(0);
    const back = await sluice('audit', 'verify', file!, '--known-checkpoint', later!, '--json');
    expect([back.code, JSON.parse(back.output).verdict]).toEqual([30, 'DIVERGED']);
  });

  it('has a verdict for whatever it is given', async () => {
    const [file, bad] = [join(folder, 'audit.ndjson'), join(folder, 'bad.ndjson')];
    const text = readFileSync(file, 'utf8');
    const verdictOf = async (content: string | Buffer, ...args: string[]): Promise<number> => {
      writeFileSync(bad, content);
      const { code, output } = await sluice('audit', 'verify', bad, ...args);
      expect(output).not.toMatch(/\n\s+at /);
      return code;
    };
    expect(await verdictOf(text.slice(0, -100))).toBe(20);
    expect(await verdictOf(text.replace('statement.intent', 'statement.denied'))).toBe(40);
    expect(await verdictOf('')).toBe(40);
    expect(await verdictOf(Buffer.from([0, 255, 10, 13, 7]))).toBe(40);
    expect(await verdictOf(text, '--known-checkpoint', join(folder, 'missing'))).toBe(40);
    expect((await sluice('audit', 'verify', join(folder, 'missing'))).code).toBe(40);
    expect((await sluice('audit', 'verify', folder)).code).toBe(40);
  });

  it('still verifies after personal parts were erased', async () => {
    const [event] = await eventsOf('principal=analyst&kind=statement.intent');
    expect(event.personal.user).toBe('analyst');
    const body = { events: [event.eventId], reason: 'request 7' };
    expect((await rest.ask('auditor', 'POST', '/v1/audit/erasures', body)).status).toBe(403);
    expect((await rest.ask('admin', 'POST', '/v1/audit/erasures', body)).json).toMatchObject({ erased: 1 });
    expect((await rest.ask('admin', 'POST', '/v1/audit/erasures', body)).json).toMatchObject({ erased: 0 });
    expect((await eventsOf(`statement=${event.statementId}`)).at(-1).personal).toBe('erased');
    const file = join(folder, 'erased.ndjson');
    await sluice('audit', 'export', '--out', file, '--personal');
    expect(readFileSync(file, 'utf8')).toContain(`"event":"${event.eventId}"`);
    expect((await sluice('audit', 'verify', file)).code).toBe(10);
  });
});

describe('receipts', () => {
  it('are for whoever asked, and are checked offline', async () => {
    const { json } = await rest.run('analyst', 'SELECT count(*) AS n FROM shop.crm.customers');
    const path = `/v1/statements/${json.statementId}/receipt`;
    const { status, json: receipt, text } = await get('analyst', path);
    expect(status).toBe(200);
    expect(receipt.statement).toMatchObject({
      statementId: json.statementId,
      policyVersion: json.governance.policyVersion,
      leaves: 1,
      rowCount: 1,
      resultFormat: 'json-rows',
      filters: json.governance.filteredTables,
    });
    expect((await get('admin', path)).status).toBe(200);
    expect((await get('engineer', path)).status).toBe(404);
    const file = join(folder, 'receipt.json');
    writeFileSync(file, text);
    const valid = await sluice('receipt', 'verify', file);
    expect([valid.code, valid.output]).toEqual([0, expect.stringMatching(/^VALID/)]);
    writeFileSync(file, text.replace('"rowCount":1', '"rowCount":2'));
    expect((await sluice('receipt', 'verify', file)).code).toBe(40);
    expect((await sluice('receipt', 'verify', join(folder, 'missing'))).code).toBe(40);
  });

  it('carry the hash of the very bytes that were streamed', async () => {
    const response = await rest.gateway.fetch('/v1/statements', 'analyst', {
      method: 'POST',
      headers: { accept: 'text/csv' },
      body: JSON.stringify({ statement: 'SELECT id, email FROM shop.crm.customers' }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const id = response.headers.get('x-sluice-statement-id');
    const { json } = await get('analyst', `/v1/statements/${id}/receipt`);
    const { createHash } = await import('node:crypto');
    expect(json.statement).toMatchObject({
      resultDigest: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
      resultFormat: 'csv',
    });
  });
});

describe('the keys', () => {
  it('are in a file for the owner alone', () => {
    expect(statSync(join(folder, 'data', 'keys', 'audit.json')).mode & 0o777).toBe(0o600);
  });

  it(
    'can be changed: the log goes on, heartbeats when nothing happens, and says that it stopped',
    async () => {
      const beat = Date.now() + 20_000;
      while ((await eventsOf('kind=heartbeat&personal=false')).length === 0 && Date.now() < beat)
        await new Promise((resolve) => setTimeout(resolve, 2_000));
      expect((await eventsOf('kind=heartbeat')).length).toBeGreaterThan(0);
      const { rotateKeyring } = await import('../../src/store/audit-keyring.js');
      rotateKeyring(join(folder, 'data'), new Date());
      const env = { SLUICE_DATA_DIR: join(folder, 'data'), SLUICE_DEMO_SCALE: '0.001' };
      await rest.gateway.stop();
      rest = await startRest(env);
      expect((await eventsOf('kind=gateway.stopped')).length).toBe(1);
      const file = join(folder, 'rotated.ndjson');
      await sluice('audit', 'export', '--out', file);
      expect(readFileSync(file, 'utf8').match(/"line":"key"/g)).toHaveLength(2);
      const verified = await sluice('audit', 'verify', file, '--known-checkpoint', join(folder, 'kept.txt'));
      expect([verified.code, verified.output]).toEqual([0, expect.stringMatching(/^WITNESSED/)]);
    },
    START_TIMEOUT_MS,
  );
});
