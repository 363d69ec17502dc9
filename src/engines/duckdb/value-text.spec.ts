import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  array,
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
  type IntervalType,
  map,
  STRING,
  struct,
  TIMESTAMP,
  TIMESTAMP_NTZ,
  YEAR_MONTH,
} from '../../core/plan/types.js';
import { quoteText } from '../../core/sql/duckdb/identifier.js';
import { duckDbType } from '../../core/sql/duckdb/types.js';
import { csvText, jsonText } from './value-text.js';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

/** The text of each value, as the engine would write a column of them. */
async function texts(
  render: typeof jsonText | typeof csvText,
  type: DataType,
  values: readonly string[],
): Promise<unknown[]> {
  const rows = values.map((value) => `(CAST(${value} AS ${duckDbType(type)}))`);
  const result = await connection.runAndReadAll(
    `SELECT ${render('v', type)} FROM (VALUES ${rows.join(', ')}) AS t(v)`,
  );
  return result.getRowsJson().map((row) => row[0]);
}
const json = async (type: DataType, values: readonly string[]) =>
  (await texts(jsonText, type, values)).map((text) => (text === null ? null : JSON.parse(String(text))));

const law = <T>(value: fc.Arbitrary<T>, check: (values: readonly T[]) => Promise<void>) =>
  fc.assert(fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 30 }), check), { numRuns: 60 });

describe('JSON of a value comes back as the value', () => {
  it('string', () =>
    law(fc.string({ unit: 'binary' }), async (values) => {
      expect(await json(STRING, values.map(quoteText))).toEqual(values);
    }));

  it('bigint: a number while no digit is lost, else a text', () =>
    law(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), async (values) => {
      const more = [...values, 2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n), 0n];
      const safe = (v: bigint) =>
        Number.isSafeInteger(Number(v)) && v !== 2n ** 53n ? Number(v) : String(v);
      expect(
        await json(
          BIGINT,
          more.map((v) => `'${v}'`),
        ),
      ).toEqual(more.map(safe));
    }));

  it('double', () =>
    law(fc.double(), async (values) => {
      const expected = values.map((v) => (Number.isFinite(v) ? v : String(v)));
      const got = await json(
        DOUBLE,
        values.map((v) => `'${Object.is(v, -0) ? '-0.0' : v}'`),
      );
      expect(got.map((v) => (Object.is(v, -0) ? '-0' : v))).toEqual(
        expected.map((v) => (Object.is(v, -0) ? '-0' : v)),
      );
    }));

  it('decimal: exactly the digits, as a number while a double holds them', () =>
    law(
      fc.tuple(
        fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
        fc.constantFrom(0, 2, 10, 20, 38),
      ),
      async (values) => {
        for (const [unscaled, scale] of values) {
          const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
          const point = digits.length - scale;
          const text = `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
          const [raw] = await texts(jsonText, decimal(38, scale), [`'${text}'`]);
          const isText = String(raw).startsWith('"');
          expect(String(raw).replaceAll('"', '')).toBe(text);
          expect(isText).toBe((unscaled < 0n ? -unscaled : unscaled) >= 10n ** 15n);
          if (!isText)
            expect(Number(JSON.parse(String(raw))).toFixed(Math.min(scale, 100))).toBe(
              text === '-0' ? '0' : text,
            );
        }
      },
    ));

  it('date and both timestamps', () =>
    law(
      fc.date({
        min: new Date('0001-01-01T00:00:00Z'),
        max: new Date('9999-12-31T23:59:59Z'),
        noInvalidDate: true,
      }),
      async (values) => {
        const iso = values.map((v) => v.toISOString());
        const trimmed = iso.map((v) =>
          v
            .slice(0, -1)
            .replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros))
            .replace(/(\.\d*?)0+$/, '$1'),
        );
        expect(
          await json(
            DATE,
            iso.map((v) => `DATE '${v.slice(0, 10)}'`),
          ),
        ).toEqual(iso.map((v) => v.slice(0, 10)));
        const sql = (kind: string) =>
          iso.map(
            (v) => `${kind} '${v.slice(0, -1).replace('T', ' ')}${kind === 'TIMESTAMPTZ' ? '+00' : ''}'`,
          );
        expect(await json(TIMESTAMP, sql('TIMESTAMPTZ'))).toEqual(trimmed.map((v) => `${v}Z`));
        expect(await json(TIMESTAMP_NTZ, sql('TIMESTAMP'))).toEqual(trimmed);
      },
    ));

  it('binary', () =>
    law(fc.uint8Array({ maxLength: 40 }), async (values) => {
      const hex = values.map((v) => `from_hex('${Buffer.from(v).toString('hex')}')`);
      expect(await json(BINARY, hex)).toEqual(values.map((v) => Buffer.from(v).toString('base64')));
    }));
});

const interval = (from: IntervalType['from'], to: IntervalType['to']): IntervalType => ({
  kind: 'interval',
  family: from === 'year' || from === 'month' ? 'year-month' : 'day-time',
  from,
  to,
});

describe('what each type looks like', () => {
  it.each<readonly [DataType, string, unknown]>([
    [BOOLEAN, 'true', true],
    [INT, '-5', -5],
    [FLOAT, "'0.1'", 0.1],
    [FLOAT, "'nan'", 'NaN'],
    [DOUBLE, "'-inf'", '-Infinity'],
    [decimal(2, 2), "'-0.50'", -0.5],
    [decimal(10, 2), "'1.50'", 1.5],
    [TIMESTAMP, "TIMESTAMPTZ '2026-01-31 23:00:00.120000+01'", '2026-01-31T22:00:00.12Z'],
    [array(INT), '[1, NULL, 3]', [1, null, 3]],
    [array(array(STRING)), "[['a', NULL], [], NULL]", [['a', null], [], null]],
    [
      struct([
        { name: 'a "b"', type: BIGINT },
        { name: 'c', type: array(DOUBLE) },
      ]),
      "{'a \"b\"': 9007199254740993, 'c': ['nan'::DOUBLE]}",
      { 'a "b"': '9007199254740993', c: ['NaN'] },
    ],
    [map(STRING, INT), "MAP {'x': 1, 'y': NULL}", { x: 1, y: null }],
    [map(INT, STRING), "MAP {1: 'a'}", [{ key: 1, value: 'a' }]],
    [map(DATE, array(INT)), "MAP {DATE '2026-01-31': [1]}", [{ key: '2026-01-31', value: [1] }]],
    [YEAR_MONTH, "INTERVAL '-14 months'", "INTERVAL '-1-2' YEAR TO MONTH"],
    [interval('month', 'month'), "INTERVAL '14 months'", "INTERVAL '14' MONTH"],
    [interval('year', 'year'), "INTERVAL '2 years'", "INTERVAL '2' YEAR"],
    [DAY_TIME, "INTERVAL '93784500000 microseconds'", "INTERVAL '1 02:03:04.5' DAY TO SECOND"],
    [DAY_TIME, "INTERVAL '-1 microseconds'", "INTERVAL '-0 00:00:00.000001' DAY TO SECOND"],
    [interval('hour', 'minute'), "INTERVAL '5400 seconds'", "INTERVAL '01:30' HOUR TO MINUTE"],
    [interval('day', 'day'), "INTERVAL '72 hours'", "INTERVAL '3' DAY"],
    [interval('second', 'second'), "INTERVAL '61.25 seconds'", "INTERVAL '61.25' SECOND"],
  ])('%j of %s', async (type, sql, expected) => {
    expect(await json(type, [sql, 'NULL'])).toEqual([expected, null]);
  });

  it('in CSV: NULL is empty, the empty text is quoted, breaks and quotes are escaped, nested values are JSON', async () => {
    const csv = (type: DataType, values: readonly string[]) => texts(csvText, type, values);
    expect(await csv(STRING, ['NULL', "''", "'a'", "'a,b'", '\'say "x"\'', "'a' || chr(10) || 'b'"])).toEqual(
      ['', '""', 'a', '"a,b"', '"say ""x"""', '"a\nb"'],
    );
    expect(await csv(BIGINT, ['NULL', '9223372036854775807'])).toEqual(['', '9223372036854775807']);
    expect(await csv(decimal(38, 2), ["'123456789012345678.90'", 'NULL'])).toEqual([
      '123456789012345678.90',
      '',
    ]);
    expect(await csv(DOUBLE, ["'nan'", "'-inf'", "'1.5'", 'NULL'])).toEqual(['NaN', '-Infinity', '1.5', '']);
    expect(await csv(TIMESTAMP, ["TIMESTAMPTZ '2026-01-31 00:00:00+00'", 'NULL'])).toEqual([
      '2026-01-31T00:00:00Z',
      '',
    ]);
    expect(await csv(array(STRING), ["['a', 'b']", 'NULL', '[]'])).toEqual(['"[""a"",""b""]"', '', '[]']);
    expect(await csv(BOOLEAN, ['true', 'NULL'])).toEqual(['true', '']);
    expect(await csv(YEAR_MONTH, ["INTERVAL '14 months'", 'NULL'])).toEqual([
      "INTERVAL '1-2' YEAR TO MONTH",
      '',
    ]);
  });
});
