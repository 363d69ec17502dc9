/** A gateway whose log goes elsewhere: what receivers get is what the published schema says, and none can hold up a statement. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

  if (python !== undefined)
    it(`are OCSF ${OCSF_VERSION} by the published schema`, async () => {
      const script = join(ROOT, 'test', 'audit', 'ocsf_check.py');
      const ran = spawnSync(python, [script, OCSF_VERSION, ocsf()], { encoding: 'utf8' });
      expect(ran.stderr).toBe('');
      const { problems, seen } = JSON.parse(ran.stdout);
      expect(problems).toEqual([]);
      expect(Object.keys(seen).length).toBeGreaterThan(11);
    });
});
