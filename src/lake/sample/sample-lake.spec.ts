import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLake } from '../lake.js';
import { type Progress, SILENT } from '../progress.js';
import { COUNTRIES } from './countries.js';
import { LOCALES } from './people.js';
import { ensureSampleLake, SAMPLE_SEED } from './sample-lake.js';

const root = mkdtempSync(join(tmpdir(), 'sluice-sample-'));
const size = { seed: SAMPLE_SEED, scale: 0.01 };
let sample: string;
let instance: DuckDBInstance;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  sample = await ensureSampleLake(join(root, 'a'), size, SILENT);
});
afterAll(() => {
  instance.closeSync();
  rmSync(root, { recursive: true, force: true });
});

const query = async (sql: string): Promise<readonly (readonly unknown[])[]> => {
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const rows = (await connection.runAndReadAll(sql)).getRowsJson();
  connection.closeSync();
  return rows as readonly (readonly unknown[])[];
};
const table = (name: string, folder = sample) => `read_parquet('${join(folder, `${name}.parquet`)}')`;
const TABLES = [
  'crm/customers',
  'sales/orders',
  'sales/order_items',
  'hr/employees',
  'support/tickets',
  'ref/countries',
];

describe('the sample lake', () => {
  it('is the same for the same seed and another for another', async () => {
    const again = await ensureSampleLake(join(root, 'b'), size, SILENT);
    const other = await ensureSampleLake(join(root, 'c'), { ...size, seed: 7 }, SILENT);
    for (const name of TABLES) {
      const checksum = (folder: string) =>
        query(`SELECT count(*), bit_xor(hash(t)) FROM ${table(name, folder)} AS t`);
      expect(await checksum(again)).toEqual(await checksum(sample));
      if (name !== 'ref/countries') expect(await checksum(other)).not.toEqual(await checksum(sample));
    }
  }, 30_000);

  it('is made once, whole, and again when it is another', async () => {
    const before = statSync(sample).ino;
    const labels: string[] = [];
    const progress: Progress = { ...SILENT, advance: (_, label) => labels.push(label) };
    expect(await ensureSampleLake(join(root, 'a'), size, progress)).toBe(sample);
    expect(statSync(sample).ino).toBe(before);
    expect(labels).toEqual([]);
    await ensureSampleLake(join(root, 'd'), { ...size, scale: 0.001 }, progress);
    await ensureSampleLake(join(root, 'd'), { ...size, scale: 0.002 }, progress);
    expect(labels).toContain('crm.customers');
    expect(readdirSync(join(root, 'd'))).toEqual(['sample']);
    expect(await query(`SELECT count(*) FROM ${table('crm/customers', join(root, 'd', 'sample'))}`)).toEqual([
      ['200'],
    ]);
  }, 30_000);

  it('has the tables, types, tags and owners that it says', async () => {
    const lake = await openLake({ sampleDir: sample });
    expect(lake.problems()).toEqual([]);
    expect([...lake.snapshot().tables.keys()].sort()).toEqual(
      TABLES.map((t) => `shop.${t.replace('/', '.')}`).sort(),
    );
    const customers = lake.snapshot().tables.get('shop.crm.customers');
    expect(customers?.owner).toBe('user:steward');
    expect(Object.fromEntries(customers?.columns.map((c) => [c.name, c.tags]) ?? [])).toEqual({
      id: [],
      full_name: ['pii.name'],
      email: ['pii.email'],
      phone: ['pii.phone'],
      national_id: ['pii.national_id'],
      iban: ['pii.iban'],
      birth_date: ['pii.birth_date'],
      country: [],
      city: [],
      marketing_consent: [],
      created_at: [],
    });
    const orders = lake.snapshot().tables.get('shop.sales.orders');
    expect(orders?.columns.map((c) => `${c.name} ${c.type.kind}`)).toEqual([
      'id bigint',
      'customer_id bigint',
      'country string',
      'status string',
      'total decimal',
      'ordered_at timestamp',
    ]);
  });

  it('has IBANs with right check digits, mails that are unique, and NULLs', async () => {
    const ibans = await query(`SELECT iban FROM ${table('crm/customers')} WHERE iban IS NOT NULL`);
    expect(ibans.length).toBeGreaterThan(500);
    for (const [iban] of ibans) {
      const moved = String(iban).slice(4) + String(iban).slice(0, 4);
      const digits = [...moved].map((c) => Number.parseInt(c, 36)).join('');
      expect(BigInt(digits) % 97n).toBe(1n);
    }
    const [counts] = await query(
      `SELECT count(*), count(email), count(DISTINCT email), count(phone), count(birth_date), count(*) FILTER (iban IS NULL) FROM ${table('crm/customers')}`,
    );
    const [all, emails, unique, phones, births, noIban] = (counts ?? []).map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    expect([all, unique]).toEqual([1_000, emails]);
    for (const some of [emails, phones, births]) expect(some).toBeLessThan(all);
    expect(noIban).toBeGreaterThan(0);
  });

  it('fits together: customers of orders, totals of items, managers, names in tickets, countries', async () => {
    const zero = async (sql: string) => expect(await query(`SELECT count(*) FROM ${sql}`)).toEqual([['0']]);
    await zero(
      `${table('sales/orders')} AS o ANTI JOIN ${table('crm/customers')} AS c ON c.id = o.customer_id AND c.country = o.country AND c.created_at <= o.ordered_at`,
    );
    await zero(
      `(SELECT order_id, sum(amount) AS s FROM ${table('sales/order_items')} GROUP BY order_id) AS i JOIN ${table('sales/orders')} AS o ON o.id = i.order_id WHERE s <> total`,
    );
    await zero(
      `${table('hr/employees')} AS e ANTI JOIN ${table('hr/employees')} AS m ON m.id = e.manager_id WHERE e.manager_id IS NOT NULL`,
    );
    await zero(
      `${table('crm/customers')} AS c ANTI JOIN ${table('ref/countries')} AS r ON r.code = c.country`,
    );
    const [named] = await query(
      `SELECT count(*) FROM ${table('support/tickets')} AS t JOIN ${table('crm/customers')} AS c ON c.id = t.customer_id WHERE contains(t.body, c.full_name)`,
    );
    expect(Number(named?.[0])).toBeGreaterThan(100);
    expect(COUNTRIES).toHaveLength(249);
    expect(COUNTRIES.filter((c) => c.eu)).toHaveLength(27);
    expect(LOCALES.reduce((sum, locale) => sum + locale.share, 0)).toBe(100);
  });
});
