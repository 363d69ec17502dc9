/** Policies in a real Postgres: changed through the API and by files, in force on two gateways. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startTestPostgres, type TestPostgres } from '../../../test/support/postgres.js';
import type { CatalogSnapshot, TableMeta } from '../../core/catalog/catalog.js';
import { STRING } from '../../core/plan/types.js';
import { PolicyHolder } from '../../gateway/policy-holder.js';
import { Database } from '../../store/database.js';
import { PolicyDocuments } from '../../store/policy-documents.js';
import { PolicyFiles } from './policy-files.js';
import { PolicyService } from './policy-service.js';

const START_TIMEOUT_MS = 60_000;
/** What is promised. */
const IN_FORCE_MAX_MS = 1_000;

const TABLE: TableMeta = {
  id: 'shop.crm.customers',
  catalog: 'shop',
  schema: 'crm',
  table: 'customers',
  columns: [{ name: 'email', type: STRING, nullable: true, tags: [] }],
  tags: [],
  source: { format: 'parquet', files: [], partitions: [] },
  version: '1',
};
const CATALOG: CatalogSnapshot = { version: '1', tables: new Map([[TABLE.id, TABLE]]) };
const reader = (name: string, who: string): Record<string, unknown> => ({
  kind: 'policy',
  name,
  grants: [{ allow: ['browse', 'read'], to: [`user:${who}`], on: ['shop'] }],
});
const yaml = (name: string, who: string): string =>
  `kind: policy\nname: ${name}\ngrants:\n  - { allow: [browse, read], to: [user:${who}], on: [shop] }\n`;

class Gateway {
  readonly problems: string[] = [];
  readonly database: Database;
  readonly documents: PolicyDocuments;
  readonly holder: PolicyHolder;
  readonly service: PolicyService;

  constructor(url: string) {
    this.database = new Database({ url, connectionsMax: 2, applicationName: 'spec' });
    this.documents = new PolicyDocuments(this.database);
    this.holder = new PolicyHolder({
      documents: this.documents,
      url,
      onChange: () => undefined,
      onProblem: (document, problem) => this.problems.push(`${document}: ${problem}`),
    });
    this.service = new PolicyService({
      documents: this.documents,
      holder: this.holder,
      catalog: () => CATALOG,
      attributeNames: async () => new Set(['countries']),
    });
  }

  files(directory: string): PolicyFiles {
    const { documents, holder, service } = this;
    const onProblem = (file: string, problem: string): number => this.problems.push(`${file}: ${problem}`);
    return new PolicyFiles({ directory, documents, holder, service, onProblem });
  }

  mayRead(user: string): boolean {
    const principal = { user, roles: [], groups: [], attributes: {}, via: 'test' };
    return this.holder.current().decide({ principal, tables: [TABLE], now: 0 }).allowed;
  }

  async close(): Promise<void> {
    await this.holder.stop();
    await this.database.close();
  }
}

let postgres: TestPostgres;
let here: Gateway;
let there: Gateway;

/** How long it takes until it is so; more than is promised, and it fails. */
async function soon(check: () => boolean | Promise<boolean>, maxMs = IN_FORCE_MAX_MS): Promise<void> {
  const started = performance.now();
  while (!(await check())) {
    if (performance.now() - started > maxMs) throw new Error(`not so after ${maxMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

beforeAll(async () => {
  postgres = await startTestPostgres();
  here = new Gateway(postgres.appUrl);
  there = new Gateway(postgres.appUrl);
  await here.holder.start();
  await there.holder.start();
}, START_TIMEOUT_MS);
afterAll(async () => {
  await here.close();
  await there.close();
  await postgres.stop();
});
afterEach(async () => {
  for (const { name, source } of (await here.documents.all()).documents)
    await here.documents.write([{ kind: 'remove', name }], source, 'spec');
  await here.holder.reload();
  await there.holder.reload();
  here.problems.length = 0;
});

describe('a policy through the API', () => {
  it('is in force when the answer comes, and listed with who changed it', async () => {
    const before = here.holder.current().version;
    const saved = await here.service.create(reader('a', 'ana'), 'admin');
    expect(saved).toEqual({ name: 'a', version: 1, policyVersion: before + 1, warnings: [] });
    expect(here.mayRead('ana')).toBe(true);
    const replaced = await here.service.replace('a', yaml('a', 'bo'), 1, 'admin');
    expect(replaced).toMatchObject({ version: 2, policyVersion: before + 2 });
    expect([here.mayRead('ana'), here.mayRead('bo')]).toEqual([false, true]);
    expect(here.service.get('a')).toMatchObject({ source: 'api', updatedBy: 'admin', version: 2 });
    await here.service.remove('a', 2, 'steward');
    expect(here.mayRead('bo')).toBe(false);
    const history = await here.service.versions(undefined, 3);
    expect(
      history.map(({ policyVersion, version, change, changedBy }) => [
        policyVersion,
        version,
        change,
        changedBy,
      ]),
    ).toEqual([
      [before + 3, 3, 'removed', 'steward'],
      [before + 2, 2, 'replaced', 'admin'],
      [before + 1, 1, 'created', 'admin'],
    ]);
    expect(await here.service.versions(before + 1, 100)).toEqual(
      (await here.service.versions(undefined, 1_000)).filter((change) => change.policyVersion <= before),
    );
  });

  it('changes only on the version that was read', async () => {
    await here.service.create(reader('a', 'ana'), 'admin');
    const stale = { code: 'PRECONDITION_FAILED' };
    await expect(here.service.create(reader('a', 'ana'), 'x')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(here.service.replace('a', reader('a', 'bo'), 2, 'x')).rejects.toMatchObject(stale);
    await expect(here.service.remove('a', 2, 'x')).rejects.toMatchObject(stale);
    await expect(here.service.replace('a', reader('b', 'bo'), 1, 'x')).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    const missing = { code: 'NOT_FOUND' };
    await expect(here.service.replace('b', reader('b', 'bo'), undefined, 'x')).rejects.toMatchObject(missing);
    await expect(here.service.remove('b', undefined, 'x')).rejects.toMatchObject(missing);
    expect(here.mayRead('ana')).toBe(true);
  });

  it('has one winner of many writers on one version', async () => {
    await here.service.create(reader('a', 'ana'), 'admin');
    const tries = await Promise.allSettled(
      [here, there, here, there].map(({ service }, i) => service.replace('a', reader('a', `w${i}`), 1, 'x')),
    );
    expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    const winner = tries.findIndex((one) => one.status === 'fulfilled');
    await soon(() => here.mayRead(`w${winner}`) && there.mayRead(`w${winner}`));
  });

  it('that does not validate changes nothing', async () => {
    await here.service.create(reader('a', 'ana'), 'admin');
    const { policyVersion } = await here.documents.all();
    const wrong = [
      'kind: policy\nname: a\ngrants: [',
      { ...reader('a', 'bo'), extra: 1 },
      { ...reader('a', 'bo'), rows: [{ name: 'r', on: ['shop'], to: ['all'], where: 'nope = 1' }] },
      {
        ...reader('a', 'bo'),
        rows: [{ name: 'r', on: ['shop'], to: ['all'], where: 'email = :principal.x' }],
      },
      { ...reader('a', 'bo'), columns: [{ on: [`${TABLE.id}.email`], to: ['all'], mask: 'year' }] },
    ];
    for (const input of wrong) {
      await expect(here.service.replace('a', input, 1, 'x')).rejects.toMatchObject({
        code: 'POLICY_INVALID',
        details: { problems: [expect.anything()], remedy: expect.any(String) },
      });
    }
    expect((await here.documents.all()).policyVersion).toBe(policyVersion);
    expect(here.mayRead('ana')).toBe(true);
  });

  it('is warned of where its masks conflict with those of another document', async () => {
    const masked = (name: string, mask: string): object => ({
      kind: 'policy',
      name,
      columns: [{ on: [`${TABLE.id}.email`], to: ['all'], mask }],
    });
    await here.service.create(masked('a', 'email'), 'x');
    const { warnings } = await here.service.create(masked('b', 'redact'), 'x');
    expect(warnings.map((warning) => warning.code)).toEqual(['MASKS_CONFLICT']);
  });
});

describe('another gateway', () => {
  it('has a change in force within a second', async () => {
    for (let i = 0; i < 5; i += 1) {
      const { policyVersion } = await here.service.create(reader(`p${i}`, `u${i}`), 'admin');
      await there.holder.waitForNewer(policyVersion - 1);
      expect(there.holder.current().version).toBe(policyVersion);
      expect(there.mayRead(`u${i}`)).toBe(true);
    }
    await here.service.remove('p0', undefined, 'admin');
    await soon(() => !there.mayRead('u0'));
  });

  it('has it too after its listener was killed', async () => {
    const admin = new pg.Client({ connectionString: postgres.appUrl });
    await admin.connect();
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sluice-listen'`;
    expect((await admin.query(kill)).rowCount).toBe(2);
    // Told while nobody listens.
    await here.documents.write([{ kind: 'put', name: 'a', body: reader('a', 'ana') }], 'api', 'x');
    await soon(() => here.mayRead('ana') && there.mayRead('ana'));
    // And listening again.
    await here.documents.write([{ kind: 'put', name: 'a', body: reader('a', 'bo') }], 'api', 'x');
    await soon(() => there.mayRead('bo'));
    await admin.end();
  });

  it('loses no change among many at once', async () => {
    await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        (i % 2 === 0 ? here : there).service.create(reader(`p${i}`, `u${i}`), 'admin'),
      ),
    );
    const all = (gateway: Gateway): boolean =>
      Array.from({ length: 30 }, (_, i) => gateway.mayRead(`u${i}`)).every(Boolean);
    await soon(() => all(here) && all(there));
    expect(here.holder.current().version).toBe(there.holder.current().version);
  });

  it('reads what it knows already no second time, unless its text differs', async () => {
    await here.service.create(reader('a', 'ana'), 'x');
    await here.service.create(reader('b', 'bo'), 'x');
    const a = here.holder.current().compiled.documents.find((one) => one.document.name === 'a');
    await here.service.remove('b', undefined, 'x');
    const documents = here.holder.current().compiled.documents;
    expect(documents.find((one) => one.document.name === 'a')?.document).toBe(a?.document);
    await here.service.remove('a', undefined, 'x');
    await here.service.create(reader('a', 'cy'), 'x');
    expect([here.mayRead('ana'), here.mayRead('cy')]).toEqual([false, true]);
  });

  it('keeps what is in force when a document in Postgres cannot be read, and says so', async () => {
    await here.service.create(reader('a', 'ana'), 'x');
    await here.documents.write([{ kind: 'put', name: 'z', body: { kind: 'nonsense' } }], 'api', 'x');
    await soon(() => here.problems.some((problem) => problem.startsWith('z: ')));
    expect(here.mayRead('ana')).toBe(true);
  });
});

describe('a policies folder', () => {
  let directory: string;
  let files: PolicyFiles;
  const put = (file: string, text: string): void => writeFileSync(join(directory, file), text);

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-policies-'));
    files = here.files(directory);
  });
  afterEach(async () => {
    await files.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is in force at the start, and each change within a second', async () => {
    put('a.yaml', yaml('a', 'ana'));
    put('b.yml', yaml('b', 'bo'));
    put('a.test.yaml', 'tests: []');
    put('notes.txt', 'not a policy');
    await files.start();
    expect([here.mayRead('ana'), here.mayRead('bo')]).toEqual([true, true]);
    put('a.yaml', yaml('a', 'cy'));
    await soon(() => here.mayRead('cy') && !here.mayRead('ana') && there.mayRead('cy'));
    put('c.yaml', yaml('c', 'di'));
    await soon(() => here.mayRead('di'));
    rmSync(join(directory, 'c.yaml'));
    await soon(() => !here.mayRead('di'));
    renameSync(join(directory, 'b.yml'), join(directory, 'z.yaml'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(here.mayRead('bo')).toBe(true);
    expect(here.problems).toEqual([]);
  });

  it('keeps what was in force when a file breaks, also over a restart, and says it once', async () => {
    put('a.yaml', yaml('a', 'ana'));
    put('b.yaml', yaml('b', 'bo'));
    await files.start();
    put('a.yaml', 'kind: policy\nname: a\ngrants: [');
    await soon(() => here.problems.length > 0);
    expect(here.problems[0]).toMatch(/^a\.yaml: The policy document does not validate\. It \(line 3\)/);
    await files.stop();
    const again = here.files(directory);
    rmSync(join(directory, 'b.yaml'));
    await again.start();
    // Whose document the broken file holds is not known any more: nothing goes.
    expect([here.mayRead('ana'), here.mayRead('bo')]).toEqual([true, true]);
    await new Promise((resolve) => setTimeout(resolve, 1_700));
    expect(here.problems).toHaveLength(2);
    put('a.yaml', yaml('a', 'cy'));
    await soon(() => here.mayRead('cy') && !here.mayRead('bo'));
    await again.stop();
  });

  it('takes nothing of a file that is still being written', async () => {
    const whole = `${yaml('a', 'ana')}  - { deny: [read], to: [user:bo], on: [shop] }\n`;
    put('a.yaml', whole);
    put('open.yaml', yaml('open', 'bo'));
    await files.start();
    const bo: boolean[] = [];
    for (let i = 0; i < 20; i += 1) {
      // Without its last line it is a document too, and lets bo in.
      put('a.yaml', i % 2 === 0 ? yaml('a', 'ana') : whole);
      await new Promise((resolve) => setTimeout(resolve, 20));
      bo.push(here.mayRead('bo'));
    }
    expect(bo).not.toContain(true);
  });

  it('owns its documents', async () => {
    put('a.yaml', yaml('a', 'ana'));
    await files.start();
    const owned = { code: 'POLICY_FILE_OWNED', details: { remedy: expect.stringContaining('file') } };
    await expect(here.service.create(reader('a', 'bo'), 'x')).rejects.toMatchObject(owned);
    await expect(here.service.replace('a', reader('a', 'bo'), 1, 'x')).rejects.toMatchObject(owned);
    await expect(here.service.remove('a', 1, 'x')).rejects.toMatchObject(owned);
    expect(here.service.get('a')).toMatchObject({ source: 'file', version: 1 });
  });

  it('leaves a document that was made through the API alone, until that is gone', async () => {
    await here.service.create(reader('a', 'ana'), 'x');
    put('a.yaml', yaml('a', 'bo'));
    put('b.yaml', yaml('b', 'cy'));
    await files.start();
    expect([here.mayRead('ana'), here.mayRead('bo'), here.mayRead('cy')]).toEqual([true, false, true]);
    expect(here.problems).toEqual([expect.stringMatching(/^a\.yaml: A policy a was made through the API/)]);
    await here.service.remove('a', undefined, 'x');
    await soon(() => here.mayRead('bo'));
  });

  it('has each document once', async () => {
    put('a.yaml', yaml('a', 'ana'));
    put('b.yaml', yaml('a', 'bo'));
    await files.start();
    expect([here.mayRead('ana'), here.mayRead('bo')]).toEqual([true, false]);
    expect(here.problems).toEqual(['b.yaml: a is in a.yaml already.']);
  });

  it('does not make versions of what two gateways both load', async () => {
    put('a.yaml', yaml('a', 'ana'));
    await files.start();
    const { version } = here.holder.current();
    const others = there.files(directory);
    await others.start();
    await others.stop();
    expect((await here.documents.all()).policyVersion).toBe(version);
  });

  it('may be made of links, and hold files that cannot be read', async () => {
    put('real', yaml('a', 'ana'));
    symlinkSync('real', join(directory, 'a.yaml'));
    symlinkSync('nothing', join(directory, 'b.yaml'));
    put('huge.yaml', 'x'.repeat(2_000_000));
    await files.start();
    expect(here.mayRead('ana')).toBe(true);
    expect(here.problems.sort()).toEqual([
      'b.yaml: It cannot be read (ENOENT).',
      expect.stringMatching(/^huge\.yaml: It is larger than \d+ bytes\.$/),
    ]);
  });

  it('that is not there changes nothing, and may come later', async () => {
    rmSync(directory, { recursive: true });
    await files.start();
    expect(here.problems).toEqual([expect.stringMatching(/^\(folder\): .*ENOENT/)]);
    mkdirSync(directory);
    put('a.yaml', yaml('a', 'ana'));
    await soon(() => here.mayRead('ana'));
  });

  it(
    'is taken up where it was left when Postgres was away',
    async () => {
      put('a.yaml', yaml('a', 'ana'));
      await files.start();
      await postgres.halt();
      put('a.yaml', yaml('a', 'bo'));
      await soon(() => here.problems.some((problem) => problem.startsWith('(folder)')), 10_000);
      expect(here.mayRead('ana')).toBe(true);
      await postgres.restart();
      await soon(() => here.mayRead('bo'), 10_000);
      await soon(() => there.mayRead('bo'), 10_000);
    },
    START_TIMEOUT_MS,
  );
});
