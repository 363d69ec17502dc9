/** Policies in files and in a real Postgres. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PolicyGateway, person, reader, soon, yaml } from '../../../test/support/policy-gateway.js';
import { startTestPostgres, type TestPostgres } from '../../../test/support/postgres.js';
import type { PolicyFiles } from './policy-files.js';

const START_TIMEOUT_MS = 60_000;

let postgres: TestPostgres;
let here: PolicyGateway;
let there: PolicyGateway;

beforeAll(async () => {
  postgres = await startTestPostgres();
  here = new PolicyGateway(postgres.appUrl);
  there = new PolicyGateway(postgres.appUrl);
  await here.holder.start();
  await there.holder.start();
}, START_TIMEOUT_MS);
afterAll(async () => {
  await here.close();
  await there.close();
  await postgres.stop();
});
afterEach(async () => {
  await here.clear();
  await there.clear();
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
    put('c.yaml', yaml('c', 'di'));
    await files.start();
    put('a.yaml', 'kind: policy\nname: a\ngrants: [');
    await soon(() => here.problems.length > 0);
    rmSync(join(directory, 'c.yaml'));
    await soon(() => !here.mayRead('di'));
    expect(here.mayRead('ana')).toBe(true);
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
    await expect(here.service.create(reader('a', 'bo'), person('x'))).rejects.toMatchObject(owned);
    await expect(here.service.replace('a', reader('a', 'bo'), 1, person('x'))).rejects.toMatchObject(owned);
    await expect(here.service.remove('a', 1, person('x'))).rejects.toMatchObject(owned);
    expect(here.service.get('a')).toMatchObject({ source: 'file', version: 1 });
  });

  it('leaves a document that was made through the API alone, until that is gone', async () => {
    await here.service.create(reader('a', 'ana'), person('x'));
    put('a.yaml', yaml('a', 'bo'));
    put('b.yaml', yaml('b', 'cy'));
    await files.start();
    expect([here.mayRead('ana'), here.mayRead('bo'), here.mayRead('cy')]).toEqual([true, false, true]);
    expect(here.problems).toEqual([expect.stringMatching(/^a\.yaml: A policy a was made through the API/)]);
    await here.service.remove('a', undefined, person('x'));
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
    await files.load();
    expect(here.problems).toHaveLength(1);
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
