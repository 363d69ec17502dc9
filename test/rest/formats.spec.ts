/** How values look, in every format; and that a kept result looks as a streamed one. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { tableFromIPC } from 'apache-arrow';
import { type Rest, startRest } from '../support/rest-client.js';

const START_TIMEOUT_MS = 90_000;
jest.setTimeout(60_000);
const CSV = { accept: 'text/csv' };
const NDJSON = { accept: 'application/x-ndjson' };
/** [SQL, JSON, CSV]; the JSON is text: what a client parses is part of the contract. */
const VALUES: readonly (readonly [string, string, string])[] = [
  ['CAST(5 AS BIGINT)', '5', '5'],
  ['9007199254740991', '9007199254740991', '9007199254740991'],
  ['CAST(9007199254740993 AS BIGINT)', '"9007199254740993"', '9007199254740993'],
  ['CAST(1.10 AS DECIMAL(10,2))', '1.10', '1.10'],
  [
    "CAST('12345678901234567890.12' AS DECIMAL(30,2))",
    '"12345678901234567890.12"',
    '12345678901234567890.12',
  ],
  ["CAST('NaN' AS DOUBLE)", '"NaN"', 'NaN'],
  ["CAST('-Infinity' AS DOUBLE)", '"-Infinity"', '-Infinity'],
  ["CAST('Infinity' AS FLOAT)", '"Infinity"', 'Infinity'],
  ['1.5F', '1.5', '1.5'],
  ["X'616263'", '"YWJj"', 'YWJj'],
  ["DATE '2026-01-31'", '"2026-01-31"', '2026-01-31'],
  ["TIMESTAMP '2026-01-31 10:00:00.120'", '"2026-01-31T10:00:00.12Z"', '2026-01-31T10:00:00.12Z'],
  ["TIMESTAMP '2026-01-31 10:00:00+01:00'", '"2026-01-31T09:00:00Z"', '2026-01-31T09:00:00Z'],
  [
    "TIMESTAMP_NTZ '2026-01-31 10:00:00.000001'",
    '"2026-01-31T10:00:00.000001"',
    '2026-01-31T10:00:00.000001',
  ],
  ['array(1, CAST(NULL AS INT))', '[1,null]', '"[1,null]"'],
  ['array(CAST(9007199254740993 AS BIGINT))', '["9007199254740993"]', '"[""9007199254740993""]"'],
  ["named_struct('b', 1, '1', 'x\"y')", '{"b":1,"1":"x\\"y"}', '"{""b"":1,""1"":""x\\""y""}"'],
  [
    "array(named_struct('a', array('],[', '\\\\')))",
    '[{"a":["],[","\\\\"]}]',
    '"[{""a"":[""],["",""\\\\""]}]"',
  ],
  ['CAST(NULL AS STRING)', 'null', ''],
  ['NULL', 'null', ''],
  ["''", '""', '""'],
  ["'null'", '"null"', 'null'],
  ['true', 'true', 'true'],
  ["'a,b'", '"a,b"', '"a,b"'],
  ['\'say "hi"\'', '"say \\"hi\\""', '"say ""hi"""'],
  ["'two\\nlines'", '"two\\nlines"', '"two\nlines"'],
  ["'Köln ☃ 🦥'", '"Köln ☃ 🦥"', 'Köln ☃ 🦥'],
];
const names = VALUES.map((_, i) => `v${i}`);
const ZOO = `SELECT ${VALUES.map(([sql], i) => `${sql} AS v${i}`).join(', ')}`;
const ZOO_CSV = `${names.join(',')}\r\n${VALUES.map(([, , csv]) => csv).join(',')}\r\n`;
const ZOO_NDJSON = `{${VALUES.map(([, json], i) => `"v${i}":${json}`).join(',')}}\n`;
let rest: Rest;

beforeAll(async () => {
  rest = await startRest();
}, START_TIMEOUT_MS);
afterAll(() => rest?.gateway.stop(), START_TIMEOUT_MS);

describe('values', () => {
  it.each(VALUES)('%s is %s in JSON', async (sql, json) => {
    const answer = await rest.run('analyst', `SELECT ${sql} AS v`);
    expect(answer.text).toContain(`"result":{"rows":[[${json}]],"nextChunk":null}`);
  });

  it('are the same digits in CSV and NDJSON', async () => {
    const csv = await rest.run('analyst', ZOO, {}, CSV);
    expect([csv.status, csv.headers.get('content-type'), csv.text]).toEqual([200, 'text/csv', ZOO_CSV]);
    const ndjson = await rest.run('analyst', ZOO, {}, NDJSON);
    expect(ndjson.headers.get('content-type')).toBe('application/x-ndjson');
    expect(ndjson.text).toBe(ZOO_NDJSON);
  });

  it('of a kept result too, as a chunk and as a stream', async () => {
    const id = (await rest.run('analyst', ZOO)).json.statementId;
    for (const route of ['chunks/0', 'stream']) {
      const path = `/v1/statements/${id}/${route}`;
      expect((await rest.ask('analyst', 'GET', path, undefined, CSV)).text).toBe(ZOO_CSV);
      expect((await rest.ask('analyst', 'GET', path, undefined, NDJSON)).text).toBe(ZOO_NDJSON);
    }
  });

  it('of many rows are the same bytes kept and streamed', async () => {
    const sql = `SELECT c.*, o.total AS c, o.* FROM shop.crm.customers c JOIN shop.sales.orders o ON o.customer_id = c.id
      ORDER BY o.id LIMIT 8000`;
    const id = (await rest.run('steward', sql)).json.statementId;
    for (const headers of [CSV, NDJSON]) {
      const streamed = await rest.run('steward', sql, {}, headers);
      const kept = await rest.ask('steward', 'GET', `/v1/statements/${id}/stream`, undefined, headers);
      expect(streamed.text.split('\n').length).toBeGreaterThan(8_000);
      expect(kept.text === streamed.text).toBe(true);
    }
  });

  it('of one name twice have keys of their own in NDJSON', async () => {
    const answer = await rest.run('analyst', 'SELECT 1 AS a, 2 AS a, 3 AS a_2', {}, NDJSON);
    expect(answer.text).toBe('{"a":1,"a_3":2,"a_2":3}\n');
  });

  it('of no rows leave the header of CSV, and nothing', async () => {
    const none = 'SELECT 1 AS `a,b` WHERE false';
    expect((await rest.run('analyst', none, {}, CSV)).text).toBe('"a,b"\r\n');
    expect((await rest.run('analyst', none, {}, NDJSON)).text).toBe('');
    expect((await rest.run('analyst', none)).json).toMatchObject({
      manifest: { rowCount: 0, chunkCount: 1 },
      result: { rows: [], nextChunk: null },
    });
  });
});

describe('the format', () => {
  const typeOf = async (body: object, accept?: string): Promise<[number, string | null]> => {
    const answer = await rest.run('analyst', 'SELECT 1', body, accept === undefined ? {} : { accept });
    return [answer.status, (answer.headers.get('content-type') ?? '').split(';')[0] ?? null];
  };

  it('is named by Accept, best first, or by the body', async () => {
    expect(await typeOf({})).toEqual([200, 'application/json']);
    expect(await typeOf({}, '*/*')).toEqual([200, 'application/json']);
    expect(await typeOf({}, 'text/csv;q=0.2, application/x-ndjson')).toEqual([200, 'application/x-ndjson']);
    expect(await typeOf({}, 'text/csv; q=0.2, application/json; q=0.9')).toEqual([200, 'application/json']);
    expect(await typeOf({}, 'text/html, text/*')).toEqual([200, 'text/csv']);
    expect(await typeOf({ format: 'csv' })).toEqual([200, 'text/csv']);
    expect(await typeOf({ format: 'csv', waitTimeout: '10s' })).toEqual([200, 'text/csv']);
    expect(await typeOf({ waitTimeout: '10s' }, 'text/csv')).toEqual([200, 'text/csv']);
    expect(await typeOf({ format: 'json' }, 'text/csv')).toEqual([200, 'application/json']);
  });

  it('is refused when it cannot be made', async () => {
    expect(await typeOf({}, 'image/png')).toEqual([406, 'application/problem+json']);
    expect(await typeOf({}, 'text/csv;q=0')).toEqual([406, 'application/problem+json']);
  });

  it('of the body holds for what is fetched later, where Accept leaves it open', async () => {
    const posted = await rest.run('analyst', 'SELECT 1 AS a', { format: 'csv', waitTimeout: '10s' });
    const id = posted.headers.get('x-sluice-statement-id');
    const stream = (accept: string) =>
      rest.ask('analyst', 'GET', `/v1/statements/${id}/stream`, undefined, { accept });
    expect((await stream('*/*')).text).toBe('a\r\n1\r\n');
    expect((await stream('application/json')).json.result.rows).toEqual([[1]]);
  });
});

describe('Arrow', () => {
  const ARROW = { accept: 'application/vnd.apache.arrow.stream' };
  const post = async (user: string, body: object, headers: object = ARROW) => {
    const response = await fetch(`${rest.gateway.url}/v1/statements`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${rest.gateway.tokens[user]}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: JSON.stringify(body),
    });
    return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
  };

  it('is streamed with the rows, masks and rules of every other format', async () => {
    const statement = 'SELECT * FROM shop.crm.customers ORDER BY id';
    const { response, bytes } = await post('analyst', { statement });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, ARROW.accept]);
    const table = tableFromIPC(bytes);
    const lines = (await rest.run('analyst', statement, {}, NDJSON)).text.trim().split('\n');
    expect(table.numRows).toBe(lines.length);
    expect(table.schema.fields.map(({ name }) => name)).toEqual(Object.keys(JSON.parse(lines[0] as string)));
    const emails = [...(table.getChild('email') ?? [])];
    expect(emails).toEqual(lines.map((line) => JSON.parse(line).email));
    const named = await post('analyst', { statement, format: 'arrow' }, {});
    expect(Buffer.from(named.bytes).equals(Buffer.from(bytes))).toBe(true);
  });
});

describe('parameters', () => {
  const rowOf = async (statement: string, parameters: readonly object[]): Promise<unknown> => {
    const answer = await rest.run('analyst', statement, { parameters });
    return answer.status === 200 ? answer.json.result.rows[0] : [answer.json.code, answer.json.position];
  };

  it('have names or stand in order, with their types or those of JSON', async () => {
    const row = await rowOf("SELECT :day, :n + 1, ?, ?, :day > DATE '2025-12-31'", [
      { name: 'day', type: 'DATE', value: '2026-01-31' },
      { value: "it's; --" },
      { name: 'n', value: 41 },
      { type: 'decimal(10,2)', value: '3.5' },
    ]);
    expect(row).toEqual(['2026-01-31', 42, "it's; --", 3.5, true]);
  });

  it.each([
    ['TINYINT', 127, 127],
    ['bigint', '9223372036854775807', '9223372036854775807'],
    ['double', 'NaN', 'NaN'],
    ['boolean', 'true', true],
    ['string', 'ü', 'ü'],
    ['binary', 'YWJj', 'YWJj'],
    ['timestamp', '2026-01-31T10:00:00+02:00', '2026-01-31T08:00:00Z'],
    ['timestamp_ntz', '2026-01-31 10:00:00', '2026-01-31T10:00:00'],
    ['int', null, null],
  ])('of type %s take %p', async (type, value, shown) => {
    expect(await rowOf('SELECT :p', [{ name: 'p', type, value }])).toEqual([shown]);
  });

  it.each([
    ['int', 'x'],
    ['tinyint', 128],
    ['date', '2026-02-30'],
    ['decimal(3,2)', '12.345'],
    ['boolean', 1],
    ['no-type', 'x'],
    ['map<string,int>', 'x'],
  ])('of type %s do not take %p', async (type, value) => {
    expect(await rowOf('SELECT :p', [{ name: 'p', type, value }])).toEqual(['PARAMETER_INVALID', undefined]);
  });

  it('that are missing are named with their place', async () => {
    expect(await rowOf('SELECT 1,\n  :p', [])).toEqual(['PARAMETER_MISSING', { line: 2, column: 3 }]);
    expect(await rowOf('SELECT ?, ?', [{ value: 1 }])).toEqual([
      'PARAMETER_MISSING',
      { line: 1, column: 11 },
    ]);
  });

  it('are values and never SQL', async () => {
    const rows = await rest.run('analyst', 'SELECT count(*) FROM shop.crm.customers WHERE email = :e', {
      parameters: [{ name: 'e', value: "' OR 1=1 --" }],
    });
    expect(rows.json.result.rows).toEqual([[0]]);
  });
});
