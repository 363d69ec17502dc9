import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LiteralExpr } from '../../plan/plan.js';
import {
  BIGINT,
  BINARY,
  BOOLEAN,
  DATE,
  DAY_TIME,
  type DataType,
  DOUBLE,
  decimal,
  FLOAT,
  INT,
  SMALLINT,
  STRING,
  TIMESTAMP,
  TIMESTAMP_NTZ,
  TINYINT,
  YEAR_MONTH,
} from '../../plan/types.js';
import { printLiteral } from './literal.js';
import { duckDbType } from './types.js';

let connection: DuckDBConnection;
let instance: DuckDBInstance;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

const literal = (type: DataType, value: LiteralExpr['value']): LiteralExpr => ({
  kind: 'literal',
  type,
  value,
  nullable: value === null,
});

/** Type and value (through `view`) of literals, one statement for all. */
async function read(
  literals: readonly LiteralExpr[],
  view: (sql: string) => string,
): Promise<readonly unknown[]> {
  const items = literals.map(
    (l, i) => `${view(printLiteral(l))} AS v${i}, typeof(${printLiteral(l)}) AS t${i}`,
  );
  const reader = await connection.runAndReadAll(`SELECT ${items.join(', ')}`);
  const row = reader.getRows()[0] ?? [];
  literals.forEach((l, i) => {
    expect(row[2 * i + 1]).toBe(duckDbType(l.type));
  });
  return literals.map((_, i) => row[2 * i]);
}

const RUNS = { numRuns: 40 };
const same = (sql: string): string => sql;
const asText = (sql: string): string => `CAST(${sql} AS VARCHAR)`;

const roundTrip = (
  name: string,
  type: DataType,
  values: fc.Arbitrary<LiteralExpr['value']>,
  view: (sql: string) => string,
  of: (value: never) => unknown,
) =>
  it(`comes back as it was: ${name}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(values, { minLength: 1, maxLength: 8 }), async (list) => {
        const got = await read(
          list.map((value) => literal(type, value)),
          view,
        );
        expect(got).toEqual(list.map((value) => of(value as never)));
      }),
      RUNS,
    );
  });

const bits = (n: bigint): fc.Arbitrary<bigint> =>
  fc.bigInt({ min: -(2n ** (n - 1n)), max: 2n ** (n - 1n) - 1n });
const pad = (n: number, width = 2): string => String(n).padStart(width, '0');
const date = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([y, m, d]) => `${pad(y, 4)}-${pad(m)}-${pad(d)}`);
const moment = fc
  .tuple(date, fc.nat(23), fc.nat(59), fc.nat(59), fc.nat(999_999))
  .map(([d, h, m, s, f]) => `${d} ${pad(h)}:${pad(m)}:${pad(s)}.${pad(f, 6)}`);

describe('literals through DuckDB', () => {
  roundTrip('text with anything in it', STRING, fc.string({ unit: 'binary' }), same, (v: string) => v);
  roundTrip(
    'text made of what breaks quoting',
    STRING,
    fc.string({ unit: fc.constantFrom("'", '"', '\\', '\0', ';', '-', '\n', '$', 'é', '😀') }),
    same,
    (v: string) => v,
  );
  roundTrip('boolean', BOOLEAN, fc.boolean(), same, (v: boolean) => v);
  for (const [type, n] of [
    [TINYINT, 8n],
    [SMALLINT, 16n],
    [INT, 32n],
    [BIGINT, 64n],
  ] as const) {
    roundTrip(type.kind, type, bits(n), asText, (v: bigint) => String(v));
  }
  roundTrip('double', DOUBLE, fc.double(), same, (v: number) => v);
  roundTrip('float', FLOAT, fc.float(), same, (v: number) => v);
  roundTrip(
    'decimal',
    decimal(38, 10),
    fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }).map((n) => {
      const digits = String(n < 0n ? -n : n).padStart(11, '0');
      return `${n < 0n ? '-' : ''}${digits.slice(0, -10)}.${digits.slice(-10)}`;
    }),
    asText,
    (v: string) => v,
  );
  roundTrip(
    'binary',
    BINARY,
    fc.uint8Array().map((b) => Buffer.from(b).toString('hex')),
    (sql) => `lower(hex(${sql}))`,
    (v: string) => v,
  );
  roundTrip('date', DATE, date, asText, (v: string) => v);
  roundTrip(
    'timestamp',
    TIMESTAMP,
    moment,
    (sql) => `strftime(make_timestamp(epoch_us(${sql})), '%Y-%m-%d %H:%M:%S.%f')`,
    (v: string) => v,
  );
  roundTrip(
    'timestamp_ntz',
    TIMESTAMP_NTZ,
    moment,
    (sql) => `strftime(${sql}, '%Y-%m-%d %H:%M:%S.%f')`,
    (v: string) => v,
  );
  roundTrip(
    'months',
    YEAR_MONTH,
    bits(24n),
    (sql) => `CAST(datepart('month', ${sql}) + 12 * datepart('year', ${sql}) AS VARCHAR)`,
    (v: bigint) => String(v),
  );
  roundTrip(
    'microseconds',
    DAY_TIME,
    bits(50n),
    (sql) => `CAST(epoch_us(${sql}) AS VARCHAR)`,
    (v: bigint) => String(v),
  );
});
