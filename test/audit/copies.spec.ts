/** A gateway whose log goes elsewhere: what receivers get is what the published schema says, and none can hold up a statement. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { OCSF_VERSION } from '../../src/core/audit/siem/ocsf.js';
import { type Rest, startRest, within } from '../support/rest-client.js';
import { ROOT } from '../support/sources.js';

const TIMEOUT_MS = 120_000;
const SEEN_MS = 15_000;
jest.setTimeout(TIMEOUT_MS);

let rest: Rest;
let folder: string;
let hung: Server;
let asked = 0;
const ocsf = (): string => join(folder, 'siem', 'audit.ndjson');
const linesOf = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-copies-'));
  hung = createServer(() => {
    asked += 1;
  });
  await new Promise<void>((resolve) => hung.listen(0, '127.0.0.1', resolve));
  const { port } = hung.address() as AddressInfo;
  rest = await startRest({
    SLUICE_DATA_DIR: join(folder, 'data'),
    SLUICE_DEMO_SCALE: '0.001',
    SLUICE_AUDIT_HEARTBEAT: '1s',
    SLUICE_AUDIT_SINKS: [
      `siem=file://${ocsf()}#format=ocsf&personal=true`,
      `plain=file://${join(folder, 'siem', 'audit.cef')}#format=cef`,
      `stuck=http://127.0.0.1:${port}/hook?key=hidden`,
    ].join(' '),
    SLUICE_AUDIT_ANCHORS: `vault=file://${join(folder, 'vault.ndjson')}`,
    SLUICE_AUDIT_ANCHOR_EVERY: '100ms',
    SLUICE_AUDIT_SINK_TOKENS: 'stuck=token-of-the-sink',
  });
}, TIMEOUT_MS);
afterAll(async () => {
  await rest?.gateway.stop();
  hung.closeAllConnections();
  hung.close();
  rmSync(folder, { recursive: true, force: true });
}, TIMEOUT_MS);

const python = await (async () => {
  const script = pathToFileURL(join(ROOT, 'scripts', 'audit-venv.mjs')).href;
  const { auditPython } = (await import(script)) as { auditPython: () => string | undefined };
  return auditPython();
})();
if (python === undefined)
  process.stderr.write('the OCSF schema is not here (node scripts/audit-venv.mjs fetches it): not asked.\n');

describe('sinks of a gateway', () => {
  it('get what happens, while one of them hangs, and nothing waits for it', async () => {
    const { json } = await rest.run(
      'analyst',
      "SELECT email FROM shop.crm.customers WHERE city = 'Bonn' LIMIT 3",
    );
    expect((await rest.run('analyst', 'SELECT * FROM shop.hr.employees')).status).toBe(403);
    expect((await rest.run('analyst', "SELECT cast('x' AS int)")).status).toBeGreaterThan(399);
    const body = { user: 'newcomer', roles: ['analyst'] };
    expect((await rest.ask('admin', 'POST', '/v1/principals', body)).status).toBe(201);
    expect((await rest.ask('nobody', 'GET', '/v1/statements')).status).toBe(401);
    expect((await rest.ask('auditor', 'GET', '/v1/audit/events')).status).toBe(200);
    const found = (kind: string): boolean =>
      linesOf(ocsf()).some((line) => line.includes(`"event_code":"${kind}"`));
    const kinds = [
      'statement.intent',
      'statement.outcome',
      'statement.denied',
      'admin.intent',
      'admin.outcome',
      'policy.changed',
      'login.failed',
      'audit.read',
      'heartbeat',
      'gateway.started',
      'key.added',
      'sink.configured',
    ];
    await within(SEEN_MS, async () => kinds.every(found));
    expect(kinds.filter((kind) => !found(kind))).toEqual([]);
    const events = linesOf(ocsf()).map((line) => JSON.parse(line));
    const outcome = events.find(
      ({ metadata, unmapped }) =>
        metadata.event_code === 'statement.outcome' && unmapped.gov.statementId === json.statementId,
    );
    expect(outcome).toMatchObject({
      class_uid: 6005,
      status_id: 1,
      actor: { user: { uid: expect.stringMatching(/^[0-9a-f]{32}$/) } },
      table: { uid: 'shop.crm.customers' },
    });
    const denied = events.find(({ metadata }) => metadata.event_code === 'statement.denied');
    expect(denied.actor.user.name).toBe('analyst');
    expect(linesOf(join(folder, 'siem', 'audit.cef')).join('\n')).not.toMatch(/suser|Bonn/);
    expect(asked).toBeGreaterThan(0);
  });

  it('are on record and in the metrics, without their secrets', async () => {
    const { json } = await rest.ask('auditor', 'GET', '/v1/audit/events?kind=sink.configured');
    expect(
      json.items.map(({ sink, disclosed }: { sink: string; disclosed: boolean }) => [sink, disclosed]),
    ).toEqual(
      expect.arrayContaining([
        ['siem', true],
        ['plain', false],
        ['stuck', false],
      ]),
    );
    const said = JSON.stringify(json) + rest.gateway.output();
    expect(said).not.toMatch(/hidden|token-of-the-sink/);
    const metrics = async (): Promise<string> => (await fetch(`${rest.gateway.adminUrl}/metrics`)).text();
    const lag = async (): Promise<number> =>
      Number(
        /sluice_audit_copy_lag_seconds\{kind="sink",name="stuck"\} (\S+)/.exec(await metrics())?.[1] ?? 0,
      );
    await within(SEEN_MS, async () => (await lag()) > 1);
    expect(await lag()).toBeGreaterThan(1);
    expect(await metrics()).toMatch(/sluice_audit_sink_events_total\{sink="siem"\} [1-9]/);
    expect(await metrics()).toMatch(/sluice_audit_key_age_seconds \d/);
  });

  it('get alerts too, which rules of people fire', async () => {
    const path = '/v1/audit/alert-rules';
    const given = (await rest.ask('auditor', 'GET', path)).json.items;
    expect(given.map(({ name }: { name: string }) => name)).toEqual([
      'audit-lag',
      'break-glass',
      'bulk-export',
      'decoy-touched',
      'many-denials',
      'verification-failed',
    ]);
    const rule = { name: 'spec', when: { kind: 'denials', count: 3 }, window: '1h', severity: 'critical' };
    const put = (user: string, body: object, headers = {}) =>
      rest.ask(user, 'PUT', `${path}/spec`, body, headers);
    expect((await put('auditor', rule)).status).toBe(403);
    expect((await put('admin', rule)).status).toBe(200);
    for (const [bad, field] of [
      [{ ...rule, window: '1s' }, 'window'],
      [{ ...rule, when: { kind: 'export' } }, 'when'],
      [{ ...rule, when: { kind: 'dreams' } }, 'when.kind'],
      [{ ...rule, more: 1 }, 'more'],
    ] as const) {
      const { status, json } = await put('admin', bad);
      expect([status, json.code, json.detail]).toEqual([400, 'BAD_REQUEST', expect.stringContaining(field)]);
    }
    expect((await put('admin', rule, { 'if-match': '"9"' })).status).toBe(412);
    const got = await rest.ask('auditor', 'GET', `${path}/spec`);
    expect([got.headers.get('etag'), got.json.rule]).toEqual(['"1"', { ...rule, enabled: true }]);
    for (let i = 0; i < 4; i += 1) await rest.run('analyst', 'SELECT salary FROM shop.hr.employees');
    const alerts = async () => (await rest.ask('auditor', 'GET', '/v1/audit/alerts')).json.items;
    await within(SEEN_MS, async () => (await alerts()).some(({ inLog }: { inLog: boolean }) => inLog));
    const fired = await alerts();
    expect(fired).toEqual([
      expect.objectContaining({
        rule: 'spec',
        severity: 'critical',
        condition: 'denials',
        count: 3,
        inLog: true,
      }),
    ]);
    const events = (await rest.ask('auditor', 'GET', '/v1/audit/events?kind=alert.fired&principal=analyst'))
      .json;
    expect(events.items).toMatchObject([{ alertId: fired[0].id, rule: 'spec' }]);
    await within(SEEN_MS, async () => linesOf(ocsf()).some((line) => line.includes('"class_uid":2004')));
    const found = linesOf(ocsf())
      .map((line) => JSON.parse(line))
      .find(({ class_uid }) => class_uid === 2004);
    expect(found).toMatchObject({ severity_id: 5, finding_info: { title: 'spec' } });
    const metrics = await (await fetch(`${rest.gateway.adminUrl}/metrics`)).text();
    expect(metrics).toContain('sluice_audit_alerts_total{rule="spec",severity="critical"} 1');
    expect((await rest.ask('admin', 'DELETE', `${path}/spec`, undefined, { 'if-match': '"1"' })).status).toBe(
      204,
    );
    expect((await rest.ask('admin', 'GET', `${path}/spec`)).status).toBe(404);
    expect((await rest.ask('auditor', 'GET', '/v1/audit/alerts?cursor=nonsense')).status).toBe(400);
  });

  it('anchors speak for the log, from the command line, offline', async () => {
    const vault = join(folder, 'vault.ndjson');
    await within(SEEN_MS, async () => linesOf(vault).length > 2);
    const file = join(folder, 'audit.ndjson');
    const sluice = (...args: string[]) =>
      spawnSync(process.execPath, [join(ROOT, 'dist', 'src', 'cli.js'), 'audit', ...args], {
        encoding: 'utf8',
        env: {
          PATH: process.env.PATH,
          SLUICE_URL: rest.gateway.url,
          SLUICE_TOKEN: rest.gateway.tokens.auditor,
        },
      });
    const kept = join(folder, 'kept');
    mkdirSync(kept);
    copyFileSync(vault, join(kept, 'vault.ndjson'));
    expect(sluice('export', '--out', file).status).toBe(0);
    for (const known of [join(kept, 'vault.ndjson'), kept])
      expect(sluice('verify', file, '--known-checkpoint', known).stdout).toMatch(/^WITNESSED/);
    const other = join(folder, 'other.ndjson');
    writeFileSync(other, linesOf(vault)[0]!.replace(/\\n\d+\\n/, '\\n1\\n'));
    expect(sluice('verify', file, '--known-checkpoint', kept, '--known-checkpoint', other).status).toBe(30);
    expect(sluice('verify', file, '--witness', 'x', '--witnessed-within', '5').status).toBe(40);
    const { json } = await rest.ask('auditor', 'GET', '/v1/audit/events?kind=anchor.configured');
    expect(json.items).toMatchObject([{ anchor: 'vault', target: `file:${vault}` }]);
    const metrics = await (await fetch(`${rest.gateway.adminUrl}/metrics`)).text();
    expect(metrics).toMatch(/sluice_audit_copy_lag_seconds\{kind="anchor",name="vault"\} \d/);
  });

  if (python !== undefined)
    it(`are OCSF ${OCSF_VERSION} by the published schema`, async () => {
      const script = join(ROOT, 'test', 'audit', 'ocsf_check.py');
      const ran = spawnSync(python, [script, OCSF_VERSION, ocsf()], { encoding: 'utf8' });
      expect(ran.stderr).toBe('');
      const { problems, seen } = JSON.parse(ran.stdout);
      expect(problems).toEqual([]);
      expect(Object.keys(seen).length).toBeGreaterThan(12);
    });
});
