/** Policies in a real Postgres, changed through the API, in force on two gateways. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { PolicyGateway, person, reader, soon, TABLE, yaml } from '../../../test/support/policy-gateway.js';
import { startTestPostgres, type TestPostgres } from '../../../test/support/postgres.js';

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

describe('a policy through the API', () => {
  it('is in force when the answer comes, and listed with who changed it', async () => {
    const before = here.holder.current().version;
    const saved = await here.service.create(reader('a', 'ana'), person('admin'));
    expect(saved).toEqual({ name: 'a', version: 1, policyVersion: before + 1, warnings: [] });
    expect(here.mayRead('ana')).toBe(true);
    const replaced = await here.service.replace('a', yaml('a', 'bo'), 1, person('admin'));
    expect(replaced).toMatchObject({ version: 2, policyVersion: before + 2 });
    expect([here.mayRead('ana'), here.mayRead('bo')]).toEqual([false, true]);
    expect(here.service.get('a')).toMatchObject({ source: 'api', updatedBy: 'admin', version: 2 });
    await here.service.remove('a', 2, person('steward'));
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
    await here.service.create(reader('a', 'ana'), person('admin'));
    const stale = { code: 'PRECONDITION_FAILED' };
    await expect(here.service.create(reader('a', 'ana'), person('x'))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(here.service.replace('a', reader('a', 'bo'), 2, person('x'))).rejects.toMatchObject(stale);
    await expect(here.service.remove('a', 2, person('x'))).rejects.toMatchObject(stale);
    await expect(here.service.replace('a', reader('b', 'bo'), 1, person('x'))).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    const missing = { code: 'NOT_FOUND' };
    await expect(here.service.replace('b', reader('b', 'bo'), undefined, person('x'))).rejects.toMatchObject(
      missing,
    );
    await expect(here.service.remove('b', undefined, person('x'))).rejects.toMatchObject(missing);
    expect(here.mayRead('ana')).toBe(true);
  });

  it('has one winner of many writers on one version', async () => {
    await here.service.create(reader('a', 'ana'), person('admin'));
    const tries = await Promise.allSettled(
      [here, there, here, there].map(({ service }, i) =>
        service.replace('a', reader('a', `w${i}`), 1, person('x')),
      ),
    );
    expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    const winner = tries.findIndex((one) => one.status === 'fulfilled');
    await soon(() => here.mayRead(`w${winner}`) && there.mayRead(`w${winner}`));
  });

  it('that does not validate changes nothing', async () => {
    await here.service.create(reader('a', 'ana'), person('admin'));
    const { policyVersion } = await here.documents.all();
    const wrong = [
      'kind: policy\nname: a\ngrants: [',
      { ...reader('a', 'bo'), extra: 1 },
      { ...reader('a', 'bo'), rows: [{ name: 'r', on: ['shop.crm'], to: ['all'], where: 'nope = 1' }] },
      {
        ...reader('a', 'bo'),
        rows: [{ name: 'r', on: ['shop.crm'], to: ['all'], where: 'email = :principal.x' }],
      },
      { ...reader('a', 'bo'), columns: [{ on: [`${TABLE.id}.email`], to: ['all'], mask: 'year' }] },
    ];
    for (const input of wrong) {
      await expect(here.service.replace('a', input, 1, person('x'))).rejects.toMatchObject({
        code: 'POLICY_INVALID',
        details: { problems: [expect.anything()], remedy: expect.any(String) },
      });
    }
    expect((await here.documents.all()).policyVersion).toBe(policyVersion);
    expect(here.mayRead('ana')).toBe(true);
  });

  it('reads raw values of other tables in a row rule by the right of its author only', async () => {
    const where = `email IN (SELECT email FROM shop.hr.people)`;
    const rule = { ...reader('b', 'cy'), rows: [{ name: 'r', on: ['shop.crm.*'], to: ['all'], where }] };
    const hidden = {
      code: 'POLICY_INVALID',
      message: expect.stringContaining('you do not read shop.hr.people'),
    };
    await expect(here.service.create(rule, person('ana'))).rejects.toMatchObject(hidden);
    await here.service.create(reader('a', 'ana'), person('x'));
    const column = { on: ['shop.hr.people.email'], to: ['user:ana'], mask: 'email' };
    await here.service.create({ kind: 'policy', name: 'm', columns: [column] }, person('x'));
    await expect(here.service.create(rule, person('ana'))).rejects.toMatchObject(hidden);
    const some = { name: 'r', on: ['shop.hr'], to: ['user:ana'], where: "email > 'm'" };
    await here.service.replace('m', { kind: 'policy', name: 'm', rows: [some] }, undefined, person('x'));
    await expect(here.service.create(rule, person('ana'))).rejects.toMatchObject(hidden);
    await here.service.remove('m', undefined, person('x'));
    await here.service.create(rule, person('ana'));
  });

  it('is warned of where its masks conflict with those of another document', async () => {
    const masked = (name: string, mask: string): object => ({
      kind: 'policy',
      name,
      columns: [{ on: [`${TABLE.id}.email`], to: ['all'], mask }],
    });
    await here.service.create(masked('a', 'email'), person('x'));
    const { warnings } = await here.service.create(masked('b', 'redact'), person('x'));
    expect(warnings.map((warning) => warning.code)).toEqual(['MASKS_CONFLICT']);
  });
});

describe('another gateway', () => {
  it('has a change in force within a second', async () => {
    for (let i = 0; i < 5; i += 1) {
      const { policyVersion } = await here.service.create(reader(`p${i}`, `u${i}`), person('admin'));
      await there.holder.waitForNewer(policyVersion - 1);
      expect(there.holder.current().version).toBe(policyVersion);
      expect(there.mayRead(`u${i}`)).toBe(true);
    }
    await here.service.remove('p0', undefined, person('admin'));
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
        (i % 2 === 0 ? here : there).service.create(reader(`p${i}`, `u${i}`), person('admin')),
      ),
    );
    const all = (gateway: PolicyGateway): boolean =>
      Array.from({ length: 30 }, (_, i) => gateway.mayRead(`u${i}`)).every(Boolean);
    await soon(() => all(here) && all(there));
    expect(here.holder.current().version).toBe(there.holder.current().version);
  });

  it('reads what it knows already no second time, unless its text differs', async () => {
    await here.service.create(reader('a', 'ana'), person('x'));
    await here.service.create(reader('b', 'bo'), person('x'));
    const a = here.holder.current().compiled.documents.find((one) => one.document.name === 'a');
    await here.service.remove('b', undefined, person('x'));
    const documents = here.holder.current().compiled.documents;
    expect(documents.find((one) => one.document.name === 'a')?.document).toBe(a?.document);
    const late = new PolicyGateway(postgres.appUrl);
    await late.holder.reload();
    expect(late.mayRead('ana')).toBe(true);
    // Gone and made anew behind its back: the first version once more, with another text.
    await here.service.remove('a', undefined, person('x'));
    await here.service.create(reader('a', 'cy'), person('x'));
    await late.holder.reload();
    expect([late.mayRead('ana'), late.mayRead('cy')]).toEqual([false, true]);
    await late.close();
  });

  it('keeps what is in force when a document in Postgres cannot be read, and says so', async () => {
    await here.service.create(reader('a', 'ana'), person('x'));
    await here.documents.write([{ kind: 'put', name: 'z', body: { kind: 'nonsense' } }], 'api', 'x');
    await soon(() => here.problems.some((problem) => problem.startsWith('z: ')));
    expect(here.mayRead('ana')).toBe(true);
  });
});
