/** `npx sluice`: as a person or a script would use it, against a running gateway. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Rest, startRest } from '../support/rest-client.js';
import { ROOT } from '../support/sources.js';

const START_TIMEOUT_MS = 90_000;
jest.setTimeout(90_000);
let rest: Rest;
let folder: string;

beforeAll(async () => {
  rest = await startRest({ SLUICE_DEMO_SCALE: '0.01' });
  folder = mkdtempSync(join(tmpdir(), 'sluice-cli-spec-'));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await rest?.gateway.stop();
  rmSync(folder, { recursive: true, force: true });
}, START_TIMEOUT_MS);

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}
/** Found by its data folder, as the demo administrator; `env` says otherwise. */
const sluice = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [join(ROOT, 'scripts', 'sluice.mjs'), ...args], {
      env: { PATH: process.env.PATH, SLUICE_DATA_DIR: rest.gateway.dataDir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    child.on('close', (code) => resolve({ code, out, err }));
  });
const as = (user: string): Readonly<Record<string, string>> => ({
  SLUICE_URL: rest.gateway.url,
  SLUICE_TOKEN: rest.gateway.tokens[user] ?? '',
});
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('sluice query', () => {
  it('prints rows, what is masked, and why', async () => {
    const { code, out } = await sluice(
      ['query', 'SELECT id, email FROM shop.crm.customers ORDER BY id LIMIT 2'],
      as('analyst'),
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^id +email \*\n-+ +-+\n\d+ +.\*\*\*@/);
    expect(out).toMatch(/2 rows\n/);
    expect(out).toMatch(/rows of shop\.crm\.customers: eu-analysts\/eu-only/);
    expect(out).toMatch(/shop\.crm\.customers\.email: email \(personal-data\/email\)/);
  });

  it('takes parameters, and gives the whole result in other formats', async () => {
    const sql = 'SELECT :a AS a, ? AS b, id FROM range(25000)';
    const { code, out } = await sluice(['query', sql, '--param', 'a=x=1', '--param', 'y', '--format', 'csv']);
    expect([code, out.split('\r\n').length, out.split('\r\n')[1]]).toEqual([0, 25_002, 'x=1,y,0']);
    const table = await sluice(['query', sql, '--param', 'a=x', '--param', 'y']);
    expect(table.out).toMatch(/of 25000 rows; --format csv prints them all/);
    const answer = JSON.parse((await sluice(['--json', 'query', 'SELECT 1 AS one'])).out);
    expect(answer).toMatchObject({ state: 'succeeded', result: { rows: [[1]] } });
  });

  it('says what is wrong and where, and ends with 1', async () => {
    const { code, out, err } = await sluice(['query', 'SELECT\n nothing FROM shop.crm.customers']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^UNRESOLVED_COLUMN: .*nothing.* \(line 2, column 2\)\n/);
    const json = await sluice(['--json', 'query', 'SELECT * FROM shop.hr.employees'], as('analyst'));
    expect([json.code, JSON.parse(json.err).code]).toEqual([1, 'ACCESS_DENIED']);
    const streamed = await sluice(['query', 'SELECT 1 / 0', '--format', 'csv']);
    expect([streamed.code, streamed.out]).toEqual([1, '']);
    expect(streamed.err).toMatch(/^ARITHMETIC_ERROR/);
    expect((await sluice(['query', 'SELECT 1'], { ...as('analyst'), SLUICE_TOKEN: 'wrong' })).err).toMatch(
      /^UNAUTHENTICATED/,
    );
    const nowhere = await sluice(['query', 'SELECT 1'], { SLUICE_DATA_DIR: folder });
    expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringMatching(/npm start/)]);
    expect((await sluice(['nonsense'])).code).toBe(1);
  });
});

describe('sluice explain and policy', () => {
  const DOCUMENT = `kind: policy
name: cli-spec
grants:
  - { allow: [browse, read], to: [role:analyst], on: [shop.support.tickets] }
`;
  const TESTS = `kind: policy-tests
tests:
  - name: analysts read tickets
    principal: { roles: [analyst], attributes: { countries: [DE] } }
    statement: SELECT subject FROM shop.support.tickets
    expect: { allowed: true }
`;

  it('explains for oneself and, as an administrator, for others', async () => {
    const sql = 'SELECT email FROM shop.crm.customers';
    const own = JSON.parse((await sluice(['explain', sql])).out);
    const other = JSON.parse((await sluice(['explain', sql, '--as', 'analyst'])).out);
    expect([own.schema[0].masked, other.schema[0].masked]).toEqual([false, true]);
    const decided = JSON.parse(
      (await sluice(['policy', 'explain', 'shop.hr.employees', '--as', 'analyst'])).out,
    );
    expect(decided.items[0].allowed).toBe(false);
  });

  it('tries a document, compares it, puts it in force and replaces it', async () => {
    const document = file('policy.yaml', DOCUMENT);
    const tests = file('policy.test.yaml', TESTS);
    const before = await sluice(['policy', 'test', tests]);
    expect(before.code).toBe(1);
    expect(before.out).toMatch(/^FAIL policy\.test\.yaml: analysts read tickets\n +is refused: /);
    expect(before.out).toMatch(/0 passed, 1 failed\n$/);
    const tried = await sluice(['policy', 'test', tests, '--with', document]);
    expect([tried.code, tried.out]).toEqual([0, expect.stringMatching(/^ok .*\n1 passed, 0 failed\n$/)]);

    const changes = JSON.parse((await sluice(['--json', 'policy', 'diff', document])).out);
    expect(changes.principals.map(({ user }: { user: string }) => user)).toEqual(['analyst']);
    const shown = await sluice(['policy', 'diff', document, '--as', 'analyst']);
    expect(shown.out).toMatch(/^analyst, shop\.support\.tickets\n.*\+ may browse, read\n/s);
    expect((await rest.run('analyst', 'SELECT 1 FROM shop.support.tickets')).status).toBe(404);

    for (let time = 0; time < 2; time += 1) {
      const applied = await sluice(['policy', 'apply', document]);
      expect([applied.code, applied.out]).toEqual([0, expect.stringMatching(/^cli-spec is in force, as of/)]);
    }
    expect((await rest.run('analyst', 'SELECT 1 FROM shop.support.tickets')).status).toBe(200);
    expect((await sluice(['policy', 'test', tests])).code).toBe(0);
    expect((await sluice(['policy', 'diff', document])).out).toBe('Nothing changes for anybody.\n');
    expect((await sluice(['policy', 'test', join(ROOT, 'policies', 'demo.test.yaml')])).out).toMatch(
      /passed/,
    );
  });

  it('tells of documents that do not fit, with their lines', async () => {
    const wrong = file('wrong.yaml', DOCUMENT.replace('[browse, read]', '[browse, look]'));
    const { code, err } = await sluice(['policy', 'apply', wrong]);
    expect([code, err]).toEqual([1, expect.stringMatching(/^POLICY_INVALID/)]);
    const owned = file('owned.yaml', 'kind: policy\nname: eu-analysts\n');
    expect((await sluice(['policy', 'apply', owned])).err).toMatch(/^POLICY_FILE_OWNED/);
  });
});

describe('sluice token', () => {
  it('makes tokens that are good', async () => {
    const made = await sluice(['token', 'create', 'ci', '--principal', 'analyst', '--scope', 'statements']);
    const env = { SLUICE_URL: rest.gateway.url, SLUICE_TOKEN: made.out.trim() };
    expect((await sluice(['--json', 'query', 'SELECT current_user() AS me'], env)).out).toMatch(
      /\[\["analyst"\]\]/,
    );
    expect((await sluice(['policy', 'explain', 'shop.crm.customers'], env)).code).toBe(0);
    expect((await sluice(['token', 'create', 'more'], env)).code).toBe(1);
    const secret = file('token', `${made.out.trim()}\n`);
    const byFile = { SLUICE_URL: rest.gateway.url, SLUICE_TOKEN_FILE: secret };
    expect((await sluice(['query', 'SELECT 1'], byFile)).code).toBe(0);
    expect((await sluice(['token', 'bootstrap'])).err).toMatch(/SLUICE_DATABASE_URL/);
  });
});
