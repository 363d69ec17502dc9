/** A gateway with people, names and purposes that mean harm, and statements of all of them; how its reports are asked for. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { checkReport, type SignedReport } from '../../src/core/reports/signed-report.js';
import { randomFrom } from '../audit/random.js';
import { type Answer, type Rest, startRest } from '../support/rest-client.js';
import { ROOT } from '../support/sources.js';

const CLI = join(ROOT, 'dist', 'src', 'cli.js');
export const STATEMENTS = 60;
/** A name that people can have here. */
export const EVIL = '=HYPERLINK("x")<script>alert(1)</script>\u202e\'&amp;';
const EVIL_PURPOSE = '+1\r\n"<img src=x onerror=alert(1)>",\u2067';
const EVIL_REASON = '@SUM(1)</td><svg onload=alert(1)>';

export class ReportGateway {
  private constructor(
    readonly rest: Rest,
    readonly folder: string,
  ) {}

  static async start(): Promise<ReportGateway> {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-reports-'));
    const rest = await startRest({ SLUICE_DATA_DIR: join(folder, 'data'), SLUICE_DEMO_SCALE: '0.001' });
    const gateway = new ReportGateway(rest, folder);
    await gateway.live(7);
    return gateway;
  }

  async stop(): Promise<void> {
    await this.rest.gateway.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get(user: string, path: string, headers: object = {}): Promise<Answer> {
    return this.rest.ask(user, 'GET', path, undefined, headers);
  }

  /** Two reports at once are made, more are told to wait. */
  async signed(query: string, user = 'auditor'): Promise<SignedReport> {
    for (;;) {
      const answer = await this.get(user, `/v1/reports/${query}`);
      if (answer.status !== 429) {
        expect([query, answer.status]).toEqual([query, 200]);
        expect(checkReport(answer.text)).toMatchObject({ valid: true });
        return answer.json;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async pdf(path: string): Promise<Uint8Array> {
    return new Uint8Array(await (await this.rest.gateway.fetch(path, 'auditor')).arrayBuffer());
  }

  sluice(...args: string[]): Promise<{ code: number; output: string }> {
    return new Promise((resolve) => {
      const env = {
        PATH: process.env.PATH,
        SLUICE_URL: this.rest.gateway.url,
        SLUICE_TOKEN: this.rest.gateway.tokens.auditor,
        SLUICE_DATA_DIR: this.folder,
      };
      execFile(process.execPath, [CLI, ...args], { env, cwd: this.folder }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
      );
    });
  }

  async exported(): Promise<string> {
    const file = join(this.folder, 'audit.ndjson');
    expect((await this.sluice('audit', 'export', '--personal', '--out', file)).code).toBe(0);
    return readFileSync(file, 'utf8');
  }

  /** Allowed, denied and masked ones, of several people for several purposes; some end badly. */
  private async live(seed: number): Promise<void> {
    const { rest } = this;
    await rest.ask('admin', 'POST', '/v1/principals', { user: EVIL, roles: ['privacy'] });
    const made = await rest.ask('admin', 'POST', '/v1/tokens', { name: 'evil', principal: EVIL });
    expect(made.status).toBe(201);
    await rest.run('analyst', 'SELECT full_name FROM shop.crm.customers LIMIT 1');
    await rest.run('admin', 'SELECT count(*) FROM shop.crm.customers');
    const evil = { purpose: EVIL_PURPOSE, justification: EVIL_REASON };
    const { token } = made.json;
    const seen = await rest.run(token, 'SELECT email FROM shop.crm.customers LIMIT 1', evil);
    expect(seen.status).toBe(200);
    const random = randomFrom(seed);
    const one = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
    const people = ['analyst', 'steward', 'engineer', 'privacy', 'admin', token];
    for (let i = 0; i < STATEMENTS; i += 1) {
      const purpose = one([undefined, 'care', 'fraud', EVIL_PURPOSE]);
      const body = purpose === undefined ? {} : { purpose, justification: one(['ticket 7', EVIL_REASON]) };
      await rest.run(one(people), randomStatement(random.below, one), body);
    }
  }
}

function randomStatement(below: (n: number) => number, one: <T>(list: readonly T[]) => T): string {
  const columns = ['email', 'full_name', 'country', 'id', 'birth_date'];
  return one([
    `SELECT ${one(columns)}, ${one(columns)} AS other FROM shop.crm.customers LIMIT ${below(9)}`,
    `SELECT count(*) FROM shop.crm.customers WHERE ${one(columns)} IS NULL`,
    'SELECT c.email, o.total FROM shop.crm.customers c JOIN shop.sales.orders o ON o.customer_id = c.id LIMIT 5',
    'SELECT count(*) FROM shop.sales.orders',
    'SELECT salary FROM shop.hr.employees',
    'SELECT 1 / (id - id) FROM shop.sales.orders',
    'SELECT subject FROM shop.support.tickets LIMIT 2',
    'SELECT nonsense FROM nowhere',
    'SELEC',
  ]);
}
