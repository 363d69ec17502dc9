/** Copies of the log at receivers of every sort: nothing is lost, and one gateway sends. */
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { newKey, rootCertificate, serverCertificate } from '../../src/cli/certificate.js';
import { FileSink } from '../../src/ops/audit-sinks/file-sink.js';
import { HttpSink } from '../../src/ops/audit-sinks/http-sink.js';
import type { Sink } from '../../src/ops/audit-sinks/sink.js';
import { SinkDelivery, type SinkTarget } from '../../src/ops/audit-sinks/sink-delivery.js';
import { SyslogSink } from '../../src/ops/audit-sinks/syslog-sink.js';
import { Checkpointer } from '../../src/store/audit-checkpointer.js';
import { openKeyring } from '../../src/store/audit-keyring.js';
import { auditStatus } from '../../src/store/audit-status.js';
import { Database } from '../../src/store/database.js';
import { EvidenceRecorder } from '../../src/store/evidence-recorder.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';
import { within } from '../support/rest-client.js';
import { type Behaviour, httpReceiver, type Receiver, syslogReceiver } from './receivers.js';

const TIMEOUT_MS = 60_000;
const SENT_MS = 20_000;
const SINK_TIMEOUT_MS = 300;
jest.setTimeout(TIMEOUT_MS);

let postgres: TestPostgres;
let database: Database;
let recorder: EvidenceRecorder;
let checkpointer: Checkpointer;
let folder: string;
let happened = 0;
let sinks = 0;
const deliveries: SinkDelivery[] = [];
const receivers: Receiver[] = [];
const problems: unknown[] = [];
const configured: { target: SinkTarget; after: number }[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres();
  folder = mkdtempSync(join(tmpdir(), 'sluice-sinks-'));
  database = new Database({ url: postgres.appUrl, connectionsMax: 2, applicationName: 'spec' });
  recorder = new EvidenceRecorder({
    url: postgres.appUrl,
    timeoutMs: 5_000,
    queueMax: 10_000,
    actorKey: randomBytes(32),
  });
  checkpointer = new Checkpointer({ url: postgres.appUrl, clock: () => new Date() });
  await checkpointer.signWith(openKeyring(folder, await checkpointer.origin(), new Date()));
}, TIMEOUT_MS);
beforeEach(() => {
  problems.length = 0;
  configured.length = 0;
});
afterEach(async () => {
  for (const delivery of deliveries.splice(0)) await delivery.stop();
  for (const receiver of receivers.splice(0)) await receiver.stop();
});
afterAll(async () => {
  await recorder.close();
  await checkpointer.close();
  await database.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}, TIMEOUT_MS);

/** Each can be told from all others. */
async function happen(count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, () => {
      happened += 1;
      return recorder.record({
        kind: 'login.failed',
        at: new Date().toISOString(),
        fields: { method: `m${happened}`, count: 1 },
        personal: { address: '10.1.2.3' },
      });
    }),
  );
  await checkpointer.catchUp();
}

const target = (more: Partial<SinkTarget> = {}): SinkTarget => {
  sinks += 1;
  return { name: `s${sinks}`, place: 'a', format: 'ocsf', personal: false, fromNow: true, ...more };
};

async function deliver(to: SinkTarget, sink: Sink): Promise<SinkDelivery> {
  const before = configured.length;
  const delivery = new SinkDelivery({
    url: postgres.appUrl,
    target: to,
    sink,
    source: { origin: 'sluice/test', version: 'test' },
    configured: async (told, after) => void configured.push({ target: told, after }),
    onDelivered: () => undefined,
    onProblem: (error) => problems.push(error),
    retryMs: () => 1,
    pollMs: 5,
    turnMs: 50,
  });
  deliveries.push(delivery);
  await within(2_000, async () => configured.length > before);
  return delivery;
}

const http = (port: number, token?: string): HttpSink =>
  new HttpSink({
    url: new URL(`http://127.0.0.1:${port}/in?key=1`),
    contentType: 'application/x-ndjson',
    timeoutMs: SINK_TIMEOUT_MS,
    ...(token === undefined ? {} : { token }),
  });

function certificates(): { readonly ca: string; readonly cert: string; readonly key: string } {
  const [root, server] = ['spec root', 'spec server'].map((name) => ({ name, key: newKey() })) as [
    { name: string; key: ReturnType<typeof newKey> },
    { name: string; key: ReturnType<typeof newKey> },
  ];
  const now = new Date();
  return {
    ca: rootCertificate(root, now, 1),
    cert: serverCertificate(server, root, ['127.0.0.1'], now, 1),
    key: String(server.key.export({ type: 'pkcs8', format: 'pem' })),
  };
}

const methodsOf = (lines: readonly string[]): string[] =>
  lines.map((line) => /"method":"(m\d+)"/.exec(line)?.[1] ?? line);
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `m${from + i + 1}`).sort();

/** All of them are there; `again`: some more than once, for want of an answer. */
async function expectAll(lines: readonly string[], from: number, again = true): Promise<void> {
  await within(SENT_MS, async () => new Set(methodsOf(lines)).size >= happened - from);
  const found = methodsOf(lines);
  expect([...new Set(found)].sort()).toEqual(numbered(from, happened));
  if (!again) expect(found).toHaveLength(happened - from);
}

const BAD: readonly Behaviour[] = ['hang', 'cut', 'endless', 'elsewhere', 'reset', 'busy', 'too large'];

describe('an HTTP receiver', () => {
  it('gets everything in order once it is well, however it behaved before', async () => {
    const elsewhere = await httpReceiver();
    receivers.push(elsewhere);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...BAD), { maxLength: 4 }), async (behaviours) => {
        const receiver = await httpReceiver(`http://127.0.0.1:${elsewhere.port}/`);
        receiver.behaviours.push(...behaviours);
        const from = happened;
        const to = target();
        const delivery = await deliver(to, http(receiver.port));
        await happen(30);
        await expectAll(receiver.taken, from);
        const order = [...new Set(receiver.taken.map((line) => JSON.parse(line).metadata.sequence))];
        expect(order).toEqual(order.toSorted((a, b) => a - b));
        await delivery.stop();
        await receiver.stop();
      }),
      { numRuns: 12, examples: BAD.map((behaviour) => [[behaviour]]) },
    );
    expect(elsewhere.tokens).toEqual([]);
  });

  it('that never answers well loses nothing, stops nobody, and is seen to lag', async () => {
    const receiver = await httpReceiver();
    receivers.push(receiver);
    receiver.behaviours.push(...Array.from({ length: 10_000 }, () => 'hang' as const));
    const from = happened;
    const to = target();
    await deliver(to, http(receiver.port, 'secret'));
    const started = performance.now();
    await happen(2_000);
    expect(performance.now() - started).toBeLessThan(SENT_MS);
    const later = new Date(Date.now() + 100_000);
    const { copies } = await auditStatus(database, later, [to.name], []);
    expect(copies).toEqual([
      {
        name: to.name,
        kind: 'sink',
        lagSeconds: expect.any(Number),
        batchesBehind: expect.any(Number),
        diverged: null,
      },
    ]);
    expect(copies[0]!.lagSeconds).toBeGreaterThan(90);
    expect(copies[0]!.batchesBehind).toBeGreaterThan(5);
    await within(SENT_MS, async () => problems.length > 0);
    receiver.behaviours.length = 0;
    await expectAll(receiver.taken, from);
    expect(new Set(receiver.tokens)).toEqual(new Set(['Bearer secret']));
    expect(problems).toHaveLength(1);
    await within(
      SENT_MS,
      async () => (await auditStatus(database, later, [to.name], [])).copies[0]!.lagSeconds === 0,
    );
    expect((await auditStatus(database, later, [to.name], [])).copies[0]).toMatchObject({
      lagSeconds: 0,
      batchesBehind: 0,
    });
  });

  it('gets what it asked for: nothing personal unless told, only some kinds, from the start', async () => {
    const [plain, personal, other] = await Promise.all([httpReceiver(), httpReceiver(), httpReceiver()]);
    receivers.push(plain, personal, other);
    const from = happened;
    await deliver(target(), http(plain.port));
    await deliver(target({ personal: true, format: 'cef' }), http(personal.port));
    await deliver(target({ kinds: ['alert.fired'] }), http(other.port));
    await happen(3);
    await expectAll(plain.taken, from, false);
    expect(plain.taken.join('\n')).not.toContain('10.1.2.3');
    await within(SENT_MS, async () => personal.taken.length === 3);
    expect(personal.taken.join('\n')).toMatch(/src=10\.1\.2\.3/);
    expect(other.taken).toEqual([]);
    const whole = await httpReceiver();
    receivers.push(whole);
    await deliver(target({ fromNow: false }), http(whole.port));
    await expectAll(whole.taken, 0, false);
  });
});

describe('two gateways', () => {
  it('send once between them, and one goes on where the other stopped or lost Postgres', async () => {
    const receiver = await httpReceiver();
    receivers.push(receiver);
    const to = target();
    const from = happened;
    const first = await deliver(to, http(receiver.port));
    await deliver(to, http(receiver.port));
    await happen(700);
    await expectAll(receiver.taken, from, false);
    await first.stop();
    await happen(50);
    await expectAll(receiver.taken, from, false);
    await postgres.crashAndRestart();
    await within(SENT_MS, async () =>
      happen(5).then(
        () => true,
        () => false,
      ),
    );
    await within(SENT_MS, async () => methodsOf(receiver.taken).includes(`m${happened}`));
    expect(methodsOf(receiver.taken)).toContain(`m${happened}`);
    // Where it goes was told once, by whoever came first.
    expect(configured.filter(({ target: { name } }) => name === to.name)).toHaveLength(1);
  });
});

describe('a file', () => {
  it('has whole lines only, is begun anew when it is full, and is not read past a crash', async () => {
    const file = join(folder, 'copies', 'audit.ndjson');
    const sink = () => new FileSink({ file, rotateBytes: 20_000 });
    const linesOf = (): string[] =>
      readdirSync(join(folder, 'copies'))
        .sort((a, b) => (a === 'audit.ndjson' ? 1 : b === 'audit.ndjson' ? -1 : a < b ? -1 : 1))
        .flatMap((name) =>
          readFileSync(join(folder, 'copies', name), 'utf8')
            .split('\n')
            .filter(Boolean),
        );
    const to = target();
    const from = happened;
    const first = await deliver(to, sink());
    for (let i = 0; i < 5; i += 1) await happen(20);
    await within(SENT_MS, async () => existsSync(file) && linesOf().length === 100);
    await first.stop();
    appendFileSync(file, '{"cut off in the midst of a li');
    await deliver(to, sink());
    await happen(10);
    await within(SENT_MS, async () => linesOf().length === 110);
    expect(methodsOf(linesOf()).toSorted()).toEqual(numbered(from, happened));
    expect(linesOf().every((line) => typeof JSON.parse(line) === 'object')).toBe(true);
    expect(readdirSync(join(folder, 'copies')).length).toBeGreaterThan(2);
  });

  it('keeps as many full ones as it is told', async () => {
    const file = join(folder, 'few', 'audit.cef');
    await deliver(target({ format: 'cef' }), new FileSink({ file, rotateBytes: 100, keep: 2 }));
    for (let i = 0; i < 6; i += 1) await happen(1);
    await within(SENT_MS, async () => existsSync(file) && readdirSync(join(folder, 'few')).length >= 2);
    expect(
      readdirSync(join(folder, 'few')).filter((name) => name !== 'audit.cef').length,
    ).toBeLessThanOrEqual(2);
  });

  it('on a disk that is not there waits for it', async () => {
    const blocked = join(folder, 'blocked');
    appendFileSync(blocked, 'a file, not a folder');
    await deliver(target(), new FileSink({ file: join(blocked, 'audit.ndjson'), rotateBytes: 1e9 }));
    const from = happened;
    await happen(3);
    await within(SENT_MS, async () => problems.length > 0);
    rmSync(blocked);
    const lines = (): string[] =>
      readFileSync(join(blocked, 'audit.ndjson'), 'utf8').split('\n').filter(Boolean);
    await within(SENT_MS, async () => existsSync(join(blocked, 'audit.ndjson')) && lines().length === 3);
    expect(methodsOf(lines()).toSorted()).toEqual(numbered(from, happened));
  });
});

describe('a syslog receiver', () => {
  it('gets everything, also when it hangs up, resets or hangs first', async () => {
    const receiver = await syslogReceiver();
    receivers.push(receiver);
    receiver.behaviours.push('hang up', 'reset', 'hang', 'hang up');
    const from = happened;
    const sink = new SyslogSink({
      host: '127.0.0.1',
      port: receiver.port,
      tls: false,
      timeoutMs: SINK_TIMEOUT_MS,
    });
    await deliver(target(), sink);
    await happen(40);
    await expectAll(receiver.taken, from);
    expect(receiver.taken[0]).toMatch(/^<108>1 \d{4}-\S+Z \S+ sluice - login\.failed - \{/);
    expect(problems).toHaveLength(1);
  });

  it('is known by its certificate', async () => {
    const made = certificates();
    const receiver = await syslogReceiver(made);
    receivers.push(receiver);
    const stranger = new SyslogSink({ host: '127.0.0.1', port: receiver.port, tls: true, timeoutMs: 2_000 });
    const to = target({ format: 'cef' });
    const from = happened;
    const refused = await deliver(to, stranger);
    await happen(10);
    await within(SENT_MS, async () => problems.length > 0);
    expect(receiver.taken).toEqual([]);
    await refused.stop();
    const sink = new SyslogSink({
      host: '127.0.0.1',
      port: receiver.port,
      tls: true,
      ca: made.ca,
      timeoutMs: 2_000,
    });
    await deliver(to, sink);
    await within(SENT_MS, async () => receiver.taken.length >= 10);
    expect(receiver.taken).toHaveLength(happened - from);
    expect(receiver.taken[0]).toMatch(/ login\.failed - CEF:0\|Sluice\|/);
  });
});
