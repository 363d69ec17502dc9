/** Kept results as files: every format, in the same bytes each time, compressed, broken off and gone on with; read by others. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { type Rest, startRest } from '../support/rest-client.js';
import { ROOT } from '../support/sources.js';

const START_TIMEOUT_MS = 90_000;
jest.setTimeout(60_000);

const TYPES = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
} as const;
type Format = keyof typeof TYPES;
const FORMATS = Object.keys(TYPES) as Format[];
const MANY = `SELECT id, full_name, email, created_at, CAST(id AS DECIMAL(38, 4)) / 7 AS d, array(id, NULL) AS l
  FROM shop.crm.customers CROSS JOIN (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) ORDER BY id`;
const TYPED = `SELECT CAST(1 AS TINYINT) AS i8, CAST(NULL AS BIGINT) AS i64, 1.5F AS f32, CAST('NaN' AS DOUBLE) AS f64, NULL AS n,
  CAST('12345678901234567890123456789012345.678' AS DECIMAL(38, 3)) AS d38, CAST(1.10 AS DECIMAL(5, 2)) AS d5,
  DATE '2026-01-31' AS day, TIMESTAMP '2026-01-31 10:00:00.000001' AS ts, TIMESTAMP_NTZ '2026-01-31 10:00:00.12' AS ntz,
  current_date() IS NOT NULL AS b, X'00ff' AS bin, 'Köln ☃' AS s, '' AS none,
  array(named_struct('a', 1, 'b', 'x'), NULL) AS l, map('k', CAST(2.5 AS DECIMAL(3, 1))) AS m,
  INTERVAL '1-2' YEAR TO MONTH AS ym, INTERVAL '-1 00:00:00.5' DAY TO SECOND AS dt, 1 AS twice, 2 AS TWICE`;

const PARQUET_TYPES = [
  ...['i8: int8', 'i64: int64', 'f32: float', 'f64: double', 'n: int32', 'd38: decimal128(38, 3)'],
  ...[
    'd5: decimal128(5, 2)',
    'day: date32[day]',
    'ts: timestamp[us, tz=UTC]',
    'ntz: timestamp[us]',
    'b: bool',
  ],
  ...['bin: binary', 's: string', 'none: string', 'l: list<element: struct<a: int32, b: string>>'],
  ...["m: map<string, decimal128(3, 1) ('m')>", 'ym: int32', 'dt: int64', 'twice: int32', 'TWICE_2: int32'],
].join(', ');
const DUCKDB_TYPES = [
  ...['i8 TINYINT', 'i64 BIGINT', 'f32 FLOAT', 'f64 DOUBLE', 'n INTEGER', 'd38 DECIMAL(38,3)'],
  ...['d5 DECIMAL(5,2)', 'day DATE', 'ts TIMESTAMP WITH TIME ZONE', 'ntz TIMESTAMP', 'b BOOLEAN', 'bin BLOB'],
  ...['s VARCHAR', 'none VARCHAR', 'l STRUCT(a INTEGER, b VARCHAR)[]', 'm MAP(VARCHAR, DECIMAL(3,1))'],
  ...['ym INTEGER', 'dt BIGINT', 'twice INTEGER', 'TWICE_2 INTEGER'],
].join(', ');
const ARROW_TYPES = PARQUET_TYPES.replace('n: int32', 'n: null')
  .replace(" ('m')", '')
  .replace('ym: int32, dt: int64', 'ym: month_interval, dt: duration[us]')
  .replace('TWICE_2', 'TWICE');
const VALUES = [
  ...['1', 'None', '1.5', 'nan', 'None', '12345678901234567890123456789012345.678', '1.10', '2026-01-31'],
  ...[
    '2026-01-31 10:00:00.000001+00:00',
    '2026-01-31 10:00:00.120000',
    'True',
    "b'\\x00\\xff'",
    'Köln ☃',
    '',
  ],
  ...["[{'a': 1, 'b': 'x'}, None]", "[('k', Decimal('2.5'))]", '14', '-86400500000', '1', '2'],
];

let rest: Rest;
let folder: string;
let python: string;
beforeAll(async () => {
  const made = spawnSync(process.execPath, [join(ROOT, 'scripts', 'formats-venv.mjs')], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  python = made.stdout.trim();
  folder = mkdtempSync(join(tmpdir(), 'sluice-downloads-'));
  rest = await startRest();
}, START_TIMEOUT_MS * 3);
afterAll(async () => {
  await rest?.gateway.stop();
  rmSync(folder, { recursive: true, force: true });
}, START_TIMEOUT_MS);

interface Got {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly trailers: IncomingMessage['trailers'];
  readonly bytes: Buffer;
}

/** Nothing is decoded on the way; after `stopAfter` bytes the client goes away. */
function get(method: string, path: string, headers: object, body?: object, stopAfter?: number): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${rest.gateway.url}${path}`,
      {
        method,
        headers: {
          authorization: `Bearer ${rest.gateway.tokens.analyst}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        const done = () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            trailers: answer.trailers,
            bytes: Buffer.concat(chunks),
          });
        answer.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (stopAfter === undefined || size < stopAfter) return;
          done();
          asked.destroy();
        });
        answer.on('end', done);
        answer.on('error', reject);
      },
    );
    asked.on('error', (error) => stopAfter === undefined && reject(error));
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const post = (format: Format, statement: string, more: object = {}, headers: object = {}): Promise<Got> =>
  get('POST', '/v1/statements', { accept: TYPES[format], ...headers }, { statement, ...more });
const stream = (id: string, format: Format, headers: object = {}): Promise<Got> =>
  get('GET', `/v1/statements/${id}/stream`, { accept: TYPES[format], ...headers });
const kept = async (statement: string, more: object = {}): Promise<string> =>
  (await rest.run('analyst', statement, more)).json.statementId as string;

// biome-ignore lint/suspicious/noExplicitAny: what is in it is what the specs ask.
function readByOthers(files: Readonly<Record<string, Buffer>>): any {
  const own = mkdtempSync(join(folder, 'read-'));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(own, name), bytes);
  const read = spawnSync(python, [join(ROOT, 'test', 'rest', 'kept_formats_check.py'), own], {
    encoding: 'utf8',
  });
  if (read.status !== 0) throw new Error(read.stderr);
  return JSON.parse(read.stdout);
}

describe('Arrow and Parquet', () => {
  it('are read by others with exact types and values, posted, kept, as a chunk and under a key', async () => {
    const id = await kept(TYPED);
    const files: Record<string, Buffer> = {};
    for (const format of ['arrow', 'parquet'] as const) {
      files[`posted.${format}`] = (await post(format, TYPED)).bytes;
      files[`kept.${format}`] = (await stream(id, format)).bytes;
      files[`chunk.${format}`] = (
        await get('GET', `/v1/statements/${id}/chunks/0`, { accept: TYPES[format] })
      ).bytes;
      const once = { 'idempotency-key': `key-${format}` };
      files[`once.${format}`] = (await post(format, TYPED, {}, once)).bytes;
      const again = (await post(format, TYPED, {}, once)).bytes;
      expect(again.equals(files[`once.${format}`] as Buffer)).toBe(true);
      const named = await rest.run('analyst', TYPED, { format, waitTimeout: '20s' });
      expect([named.status, named.headers.get('content-type')]).toEqual([200, TYPES[format]]);
    }
    const read = readByOthers(files);
    for (const format of ['arrow', 'parquet']) {
      for (const way of ['kept', 'chunk', 'once'])
        expect([way, read[`${way}.${format}`]]).toEqual([way, read[`posted.${format}`]]);
    }
    const { types, duckdb, rows } = read['posted.parquet'];
    expect([types.join(', '), duckdb.join(', '), rows]).toEqual([PARQUET_TYPES, DUCKDB_TYPES, [VALUES]]);
    const arrowTypes = read['posted.arrow'].types.join(', ');
    expect(arrowTypes).toBe(ARROW_TYPES);
  });

  it('of many rows have them all, in order, and of no rows have the columns', async () => {
    const id = await kept(MANY);
    const table = tableFromIPC((await stream(id, 'arrow')).bytes);
    const lines = (await stream(id, 'ndjson')).bytes.toString().trim().split('\n');
    expect(lines.length).toBeGreaterThan(1_000);
    expect([...(table.getChild('full_name') ?? [])]).toEqual(lines.map((line) => JSON.parse(line).full_name));
    const read = readByOthers({
      'many.parquet': (await stream(id, 'parquet')).bytes,
      'posted.parquet': (await post('parquet', MANY)).bytes,
      'none.parquet': (await post('parquet', `${MANY} LIMIT 0`)).bytes,
      'kept-none.parquet': (await stream(await kept(`${MANY} LIMIT 0`), 'parquet')).bytes,
      'kept-none.arrow': (await stream(await kept(`${MANY} LIMIT 0`), 'arrow')).bytes,
    });
    expect(read['many.parquet'].count).toBe(lines.length);
    expect(read['posted.parquet']).toEqual(read['many.parquet']);
    expect(read['none.parquet']).toEqual({ ...read['many.parquet'], rows: [], count: 0 });
    expect(read['kept-none.parquet']).toEqual(read['none.parquet']);
    expect(read['kept-none.arrow'].count).toBe(0);
  });
});

describe('a cut result', () => {
  it.each(FORMATS)('says so in %s, streamed and kept', async (format) => {
    for (const [rowLimit, truncated, rows] of [
      [5, 'true', '5'],
      [100_000, 'false', '2'],
    ] as const) {
      const statement = truncated === 'true' ? MANY : 'SELECT 1 AS a UNION ALL SELECT 2';
      if (format !== 'json') {
        const { trailers } = await post(format, statement, { rowLimit });
        expect(trailers).toMatchObject({ 'x-sluice-truncated': truncated, 'x-sluice-row-count': rows });
      }
      const { headers, bytes } = await stream(await kept(statement, { rowLimit }), format);
      expect(headers).toMatchObject({ 'x-sluice-truncated': truncated, 'x-sluice-row-count': rows });
      if (format === 'json')
        expect(JSON.parse(bytes.toString()).manifest.truncated).toBe(truncated === 'true');
    }
  });
});

describe('compression', () => {
  it('is what Accept-Encoding likes best of what there is, and says that it depends on it', async () => {
    const id = await kept(MANY);
    const plain = await stream(id, 'csv');
    expect([plain.headers['content-encoding'], plain.headers.vary]).toEqual([
      undefined,
      'Accept, Accept-Encoding',
    ]);
    const zipped = await stream(id, 'csv', { 'accept-encoding': 'br, gzip;q=0.5, identity;q=0.1' });
    expect([zipped.headers['content-encoding'], zipped.headers['content-length']]).toEqual([
      'gzip',
      undefined,
    ]);
    expect(zipped.bytes.length).toBeLessThan(plain.bytes.length / 2);
    expect(gunzipSync(zipped.bytes).equals(plain.bytes)).toBe(true);
    expect(zipped.headers.etag).not.toBe(plain.headers.etag);
    for (const refusing of ['identity, gzip;q=0.9', 'gzip;q=0', '']) {
      const answer = await stream(id, 'csv', { 'accept-encoding': refusing });
      expect([refusing, answer.headers['content-encoding']]).toEqual([refusing, undefined]);
    }
    const best = await stream(id, 'csv', { 'accept-encoding': 'gzip;q=0.9, zstd' });
    expect(best.headers['content-encoding']).toBe('createZstdCompress' in zlib ? 'zstd' : 'gzip');
  });

  it('is for streams as well, and not for what is compressed inside', async () => {
    const gzip = { 'accept-encoding': 'gzip' };
    const posted = await post('ndjson', MANY, {}, gzip);
    expect(posted.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(posted.bytes).equals((await post('ndjson', MANY)).bytes)).toBe(true);
    expect(posted.trailers).toMatchObject({ 'x-sluice-truncated': 'false' });
    const parquet = await stream(await kept(MANY), 'parquet', gzip);
    expect(parquet.headers['content-encoding']).toBeUndefined();
    expect(parquet.headers['content-length']).toBe(String(parquet.bytes.length));
  });
});

describe('a download', () => {
  let id: string;
  const wholes = new Map<Format, Got>();
  beforeAll(async () => {
    id = await kept(MANY);
    for (const format of FORMATS) wholes.set(format, await stream(id, format));
  }, START_TIMEOUT_MS);

  it('has the same bytes each time', async () => {
    for (const [format, whole] of wholes) {
      expect([format, (await stream(id, format)).bytes.equals(whole.bytes)]).toEqual([format, true]);
    }
  });

  it('goes on wherever it broke, byte by byte, in every format', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...FORMATS),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.option(fc.nat({ max: 100_000 }), { nil: undefined }),
        async (format, share, length) => {
          const { bytes, headers } = wholes.get(format) as Got;
          const first = Math.min(bytes.length - 1, Math.floor(share * bytes.length));
          const last = length === undefined ? bytes.length - 1 : Math.min(bytes.length - 1, first + length);
          const range = `bytes=${first}-${length === undefined ? '' : first + length}`;
          const part = await stream(id, format, { range, 'if-range': headers.etag });
          expect([part.status, part.headers['content-range'], part.headers['content-length']]).toEqual([
            206,
            `bytes ${first}-${last}/${bytes.length}`,
            String(last - first + 1),
          ]);
          expect(part.bytes.equals(bytes.subarray(first, last + 1))).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('that its client left is finished by another, and leaves nothing behind', async () => {
    const { bytes, headers } = wholes.get('csv') as Got;
    const begun = await get('GET', `/v1/statements/${id}/stream`, { accept: 'text/csv' }, undefined, 50_000);
    expect(begun.bytes.length).toBeLessThan(bytes.length);
    const rest = await stream(id, 'csv', {
      range: `bytes=${begun.bytes.length}-`,
      'if-range': headers.etag,
    });
    expect(Buffer.concat([begun.bytes, rest.bytes]).equals(bytes)).toBe(true);
  });

  it('knows its end from its beginning', async () => {
    const { bytes, headers } = wholes.get('arrow') as Got;
    const tail = await stream(id, 'arrow', { range: 'bytes=-8' });
    expect([tail.status, tail.bytes.toString('hex')]).toEqual([206, 'ffffffff00000000']);
    const past = await stream(id, 'arrow', { range: `bytes=${bytes.length}-` });
    expect([past.status, past.headers['content-range']]).toEqual([416, `bytes */${bytes.length}`]);
    expect(JSON.parse(past.bytes.toString())).toMatchObject({ code: 'RANGE_NOT_SATISFIABLE' });
    for (const whole of [
      { range: 'bytes=0-3, 5-9' },
      { range: 'lines=1-2' },
      { range: 'bytes=9-3' },
      { range: 'bytes=0-3', 'if-range': '"another"' },
      { range: 'bytes=0-3', 'if-range': wholes.get('csv')?.headers.etag },
    ]) {
      const answer = await stream(id, 'arrow', whole);
      expect([whole, answer.status, answer.headers.etag]).toEqual([whole, 200, headers.etag]);
      expect(answer.bytes.equals(bytes)).toBe(true);
    }
  });

  it('is gone once it is deleted, from disk as well', async () => {
    const results = join(rest.gateway.dataDir, 'results');
    expect(readdirSync(results).some((name) => name.startsWith(id))).toBe(true);
    expect((await get('DELETE', `/v1/statements/${id}`, {})).status).toBe(204);
    expect(readdirSync(results).some((name) => name.startsWith(id))).toBe(false);
    expect((await stream(id, 'csv', { range: 'bytes=0-3' })).status).toBe(404);
  });
});
