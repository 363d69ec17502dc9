/** `npx sluice`: as a person or a script would use it, against a running gateway. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Ended, startSluice } from '../support/command-line.js';
import { ENDLESS, engineOf, type Rest, startRest, within } from '../support/rest-client.js';
import { ROOT } from '../support/sources.js';

const OWN_WAIT_MS = 1_500;
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

/** Found by its data folder, as the demo administrator; `env` says otherwise. */
const sluice = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input?: string,
): Promise<Ended> => startSluice(args, { SLUICE_DATA_DIR: rest.gateway.dataDir, ...env }, input).ended;
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
    expect(out).toMatch(/^id +email \*\n-+ +-+\n *\d+ +.\*\*\*@/);
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

  it('reads the statement from a file or standard input, and says the type of a parameter', async () => {
    const sql = file('one.sql', 'SELECT :day + INTERVAL 1 DAY AS day, :text AS text\n');
    const given = ['--param', 'day=2026-01-31:date', '--param', 'text=at 12:30:string'];
    const byFile = await sluice(['query', '--file', sql, '--json', ...given]);
    const byInput = await sluice(['query', '--json', ...given], {}, readFileSync(sql, 'utf8'));
    for (const { code, out } of [byFile, byInput])
      expect([code, JSON.parse(out).result.rows]).toEqual([
        0,
        [[expect.stringMatching(/^2026-02-01/), 'at 12:30']],
      ]);
    expect((await sluice(['query'])).code).toBe(2);
    expect((await sluice(['query', 'SELECT 1', '--file', sql])).code).toBe(2);
    expect((await sluice(['query', '--file', join(folder, 'none.sql')])).code).toBe(2);
  });

  it('fits the terminal, counts wide characters as two, and tells NULL from empty', async () => {
    const sql = `SELECT '日本語' AS w, 7 AS n, '' AS empty, NULL AS none, 'NULL' AS text, repeat('x', 500) AS long`;
    const { out } = await sluice(['query', sql], { COLUMNS: '60' });
    const [head = '', rule = '', row = ''] = out.split('\n');
    expect(head).toMatch(/^w +n +empty +none +text +long$/);
    expect(rule.length).toBe(60);
    expect(row).toMatch(/^日本語 {2}7 {9}NULL {2}'NULL' {2}x+…$/);
    const narrow = await sluice(['query', sql], { COLUMNS: '20' });
    expect(narrow.out).toMatch(/^-- row 1\nw +日本語\nn +7\nempty\nnone +NULL\n/);
    expect((await sluice(['query', sql])).out).toContain('x'.repeat(500));
  });

  it('writes whole files or none', async () => {
    const target = join(folder, 'rows.ndjson');
    const sql = 'SELECT id FROM range(25000)';
    const { code, out, err } = await sluice(['query', sql, '--output', target]);
    expect([code, out, err]).toEqual([0, '', expect.stringMatching(/rows\.ndjson is written, \d+ bytes/)]);
    expect(readFileSync(target, 'utf8').trimEnd().split('\n')).toHaveLength(25_000);
    for (const [name, magic] of [
      ['rows.parquet', 'PAR1'],
      ['rows.arrow', '\xff\xff\xff\xff'],
    ] as const) {
      expect((await sluice(['query', sql, '--output', join(folder, name)])).code).toBe(0);
      expect(readFileSync(join(folder, name)).subarray(0, 4).toString('latin1')).toBe(magic);
    }
    const told = await sluice(['--json', 'query', sql, '--output', join(folder, 'rows.csv')]);
    expect(JSON.parse(told.out)).toMatchObject({ format: 'csv' });
    expect((await sluice(['query', sql, '-o', join(folder, 'rows.xls')])).code).toBe(2);

    const failed = await sluice(['query', 'SELECT 1 / 0', '--output', join(folder, 'failed.csv')]);
    expect(failed.code).toBe(1);
    const broken = createServer((_, response) => {
      response.write('id\r\n1\r\n');
      setTimeout(() => response.destroy(), 50);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => broken.once('listening', resolve));
    const url = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`;
    const cut = await sluice(['query', sql, '--output', join(folder, 'cut.csv')], { SLUICE_URL: url });
    broken.close();
    expect([cut.code, cut.err]).toEqual([1, expect.stringMatching(/broke off, it is not whole/)]);
    expect(readdirSync(folder).filter((name) => /failed|cut|part/.test(name))).toEqual([]);
  });

  it('cancels what runs when it is interrupted', async () => {
    const target = join(folder, 'interrupted.csv');
    for (const more of [[], ['--output', target]]) {
      const { child, ended } = startSluice(['query', ENDLESS, ...more], as('engineer'));
      expect(await within(20_000, async () => (await engineOf(rest)).running === 1)).toBe(true);
      // By then it no longer is the gateway that sees its client leave.
      await sleep(OWN_WAIT_MS);
      child.kill('SIGINT');
      expect((await ended).code).toBe(130);
      expect(await within(20_000, async () => (await engineOf(rest)).running === 0)).toBe(true);
    }
    expect(readdirSync(folder).filter((name) => name.startsWith('interrupted'))).toEqual([]);
  });

  it('says what is wrong, with a caret under the place, and what to do', async () => {
    const { code, out, err } = await sluice(['query', 'SELECT\n nothing FROM shop.crm.customers']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(
      /^UNRESOLVED_COLUMN: .*nothing.* \(line 2, column 2\)\n {2}2 \| {2}nothing FROM shop\.crm\.customers\n {4}\| {2}\^\n/,
    );
    const wide = await sluice(['explain', "SELECT '日本', nothing FROM shop.crm.customers"]);
    const [, line = '', caret = ''] = wide.err.split('\n');
    expect(caret.indexOf('^') - line.indexOf('nothing')).toBe(2);
    const streamed = await sluice(['query', 'SELECT 1 / 0', '--format', 'csv']);
    expect([streamed.code, streamed.out]).toEqual([1, '']);
    expect(streamed.err).toMatch(/^ARITHMETIC_ERROR/);
  });

  it('ends with a code that says what kind of failure it was', async () => {
    const json = await sluice(['query', '--json', 'SELECT * FROM shop.hr.employees'], as('analyst'));
    expect([json.code, JSON.parse(json.err).code]).toEqual([1, 'ACCESS_DENIED']);
    const signIn = await sluice(['query', 'SELECT 1'], { ...as('analyst'), SLUICE_TOKEN: 'wrong' });
    expect([signIn.code, signIn.err]).toEqual([4, expect.stringMatching(/^UNAUTHENTICATED/)]);
    const nowhere = await sluice(['query', 'SELECT 1'], { SLUICE_DATA_DIR: folder });
    expect([nowhere.code, nowhere.err]).toEqual([3, expect.stringMatching(/npm start/)]);
    const shut = { ...as('analyst'), SLUICE_URL: 'http://127.0.0.1:1' };
    const refused = await sluice(['--json', 'query', 'SELECT 1'], shut);
    expect([refused.code, JSON.parse(refused.err).code]).toEqual([3, 'UNREACHABLE']);
    expect((await sluice(['nonsense'])).code).toBe(2);
    const usage = await sluice(['--json', 'query', 'SELECT 1', '--format', 'xls']);
    expect([usage.code, JSON.parse(usage.err).code]).toEqual([2, 'USAGE']);
    expect((await sluice(['query', '--help'])).code).toBe(0);
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
    const own = JSON.parse((await sluice(['explain', '--json', sql])).out);
    const other = JSON.parse((await sluice(['explain', '--json', sql, '--as', 'analyst'])).out);
    expect([own.schema[0].masked, other.schema[0].masked]).toEqual([false, true]);
    const shown = await sluice(['explain', sql, '--as', 'analyst']);
    expect(shown.out).toMatch(/^decision: allow\ncolumn +type +mask\n[- ]+\nemail +string +email\n/);
    expect(shown.out).toMatch(/rows of shop\.crm\.customers: eu-analysts\/eu-only/);
    const object = ['policy', 'explain', 'shop.hr.employees', '--as', 'analyst'];
    expect(JSON.parse((await sluice(['--json', ...object])).out).items[0].allowed).toBe(false);
    expect((await sluice(object)).out).toMatch(
      /^decision: deny\n[\s\S]*employees: may browse\n[\s\S]* {2}deny read by /,
    );
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

describe('sluice statement', () => {
  it("lists mine or everybody's, and ends one", async () => {
    const { json } = await rest.run('analyst', 'SELECT 1');
    const mine = await sluice(['statement', 'list'], as('analyst'));
    expect(mine.out).toMatch(/^id +principal +state +door +engine +group +since\n/);
    expect(mine.out).toContain(`${json.statementId}  me`);
    const all = JSON.parse((await sluice(['--json', 'statement', 'list', '--all'])).out).items;
    expect(all.find((one: { statementId: string }) => one.statementId === json.statementId).principal).toBe(
      'analyst',
    );
    expect((await sluice(['statement', 'cancel', json.statementId])).err).toMatch(/^NOT_FOUND/);
    expect((await sluice(['statement', 'cancel', json.statementId, '--any'])).out).toBe('Cancelled.\n');
    expect((await sluice(['statement', 'cancel', json.statementId, '--any'], as('analyst'))).err).toMatch(
      /^ACCESS_DENIED/,
    );
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

    const listed = JSON.parse((await sluice(['--json', 'token', 'list'])).out).items;
    const { id } = listed.find(({ name }: { name: string }) => name === 'ci');
    expect((await sluice(['token', 'list'])).out).toMatch(/^id +principal +name +scopes +expires +revoked\n/);
    expect((await sluice(['token', 'revoke', id])).out).toBe('Revoked.\n');
    expect((await sluice(['query', 'SELECT 1'], env)).code).toBe(4);
  });
});

describe('sluice without a gateway', () => {
  const nowhere = { SLUICE_DATA_DIR: '/nonexistent' };

  it('lists functions', async () => {
    const { functions } = JSON.parse((await sluice(['--json', 'functions', 'upper'], nowhere)).out);
    expect(functions).toEqual([expect.objectContaining({ name: 'upper', kind: 'scalar' })]);
    expect((await sluice(['functions', 'nosuchfunction'], nowhere)).code).toBe(1);
  });

  it('completes commands, options and choices in bash', async () => {
    const { out: script } = await sluice(['completion', 'bash'], nowhere);
    const completed = (line: string): readonly string[] => {
      const words = line.split(' ').map((word) => `'${word}'`);
      const program = `sluice() { '${process.execPath}' '${join(ROOT, 'scripts', 'sluice.mjs')}' "$@"; }
${script}
COMP_WORDS=(${words.join(' ')}) COMP_CWORD=${words.length - 1}
_sluice; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', program], { encoding: 'utf8' }).trim().split('\n');
    };
    expect(completed('sluice pol')).toEqual(['policy']);
    expect(completed('sluice policy ')).toEqual(expect.arrayContaining(['apply', 'test', 'diff', 'explain']));
    expect(completed('sluice query --p')).toEqual(['--param', '--purpose']);
    expect(completed('sluice query --format ')).toEqual(['csv', 'ndjson', 'arrow', 'parquet']);
    expect(completed('sluice --json completion ')).toEqual(['bash', 'zsh', 'fish']);
    expect(completed('sluice policy apply ')).toEqual(['']);
  });
});
