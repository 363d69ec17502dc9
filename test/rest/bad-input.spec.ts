/** Whatever is sent, the answer is a problem that a user understands, with no value and no engine text in it. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { problemSchema } from '../../src/http/problem-schema.js';
import { type Answer, type Rest, startRest } from '../support/rest-client.js';

const START_TIMEOUT_MS = 90_000;
jest.setTimeout(120_000);
const FUZZ_RUNS = 150;
const BODY_BYTES_MAX = 65_536;
let rest: Rest;

beforeAll(async () => {
  rest = await startRest({ SLUICE_BODY_BYTES_MAX: String(BODY_BYTES_MAX) });
}, START_TIMEOUT_MS);
afterAll(async () => {
  await rest.gateway.stop();
  // Nothing that was sent here was our own mistake.
  expect(rest.gateway.output()).not.toMatch(/request-failed|background-failed/);
}, START_TIMEOUT_MS);

/** A problem in full, and of the status it says. */
function problemOf(answer: Answer): { code: string; [detail: string]: unknown } {
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = problemSchema.parse(answer.json);
  expect(problem.status).toBe(answer.status);
  expect(problem.detail).not.toBe('');
  return problem;
}
const post = (body: unknown, headers: object = {}): Promise<Answer> =>
  rest.ask('analyst', 'POST', '/v1/statements', body, headers);
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('bodies', () => {
  it.each([
    ['half of JSON', '{"statement":'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"SELECT 1"'],
    ['bad UTF-8', bytes('{"statement":"SELECT \xff"}')],
    ['a prototype', '{"__proto__":{"a":1},"statement":"SELECT 1"}'],
    ['a constructor', '{"constructor":{"prototype":{}},"statement":"SELECT 1"}'],
    ['no statement', {}],
    ['a field that is not there', { statement: 'SELECT 1', statment: 'SELECT 1' }],
    ['a number for a text', { statement: 1 }],
    ['a text for a number', { statement: 'SELECT 1', rowLimit: '3' }],
    ['half a row', { statement: 'SELECT 1', rowLimit: 1.5 }],
    ['no rows', { statement: 'SELECT 1', rowLimit: 0 }],
    ['a number as a duration', { statement: 'SELECT 1', timeout: 30 }],
    ['a duration without a unit', { statement: 'SELECT 1', timeout: '30' }],
    ['a wait that is too long', { statement: 'SELECT 1', waitTimeout: '61s' }],
    ['an unknown engine', { statement: 'SELECT 1', engine: 'presto' }],
    ['an unknown format', { statement: 'SELECT 1', format: 'xml' }],
    ['a NUL in a purpose', { statement: 'SELECT 1', purpose: 'a\0b' }],
    ['half a character in a purpose', { statement: 'SELECT 1', purpose: '\ud800' }],
    ['a parameter that is a list', { statement: 'SELECT :a', parameters: [{ name: 'a', value: [1] }] }],
    ['a parameter with more', { statement: 'SELECT :a', parameters: [{ name: 'a', value: 1, kind: 'x' }] }],
    ['a plan without Spark', { plan: 'CgA=' }],
  ])('that hold %s are 400', async (_, body) => {
    expect(problemOf(await post(body))).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  });

  it('of another type are 415, too long ones 413', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json-patch+json']) {
      const answer = await post('SELECT 1', { 'content-type': type });
      expect(problemOf(answer)).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
    }
    const long = await post({ statement: `SELECT '${'x'.repeat(BODY_BYTES_MAX)}'` });
    expect(problemOf(long)).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
  });

  it('name each field that does not fit', async () => {
    const answer = await post({ statement: 1, rowLimit: 'x', parameters: [{ value: {} }] });
    const paths = (problemOf(answer).problems as { path: string }[]).map(({ path }) => path);
    expect(paths).toEqual(['statement', 'parameters.0.value', 'rowLimit']);
  });
});

describe('statements', () => {
  it.each([
    ['SELEC 1', 400, 'SYNTAX_ERROR', 1, 1],
    ['SELECT 1 +', 400, 'SYNTAX_ERROR', 1, 11],
    ['', 400, 'SYNTAX_ERROR', 1, 1],
    ['SELECT \0 1', 400, 'SYNTAX_ERROR', 1, 8],
    ['SELECT \ud83e 1', 400, 'SYNTAX_ERROR', 1, 8],
    ["SELECT '", 400, 'SYNTAX_ERROR', 1, 8],
    ['SELECT 1; SELECT 2', 400, 'FEATURE_NOT_ALLOWED', 1, 11],
    ['DROP TABLE shop.crm.customers', 403, 'ACCESS_DENIED', 1, 12],
    ['DROP VIEW shop.crm.customers', 400, 'STATEMENT_NOT_ALLOWED', 1, 1],
    ["SELECT\n  reflect('java.lang.System', 'exit')", 400, 'FUNCTION_NOT_ALLOWED', 2, 3],
    ['SELECT * FROM shop.crm.nothing', 404, 'TABLE_OR_VIEW_NOT_FOUND', 1, 15],
    ['SELECT * FROM parquet.`/etc/passwd`', 400, 'FEATURE_NOT_ALLOWED', 1, 15],
    ["SELECT * FROM read_parquet('/etc/passwd')", 400, 'FUNCTION_NOT_ALLOWED', 1, 15],
    ['SELECT nothing FROM shop.crm.customers', 400, 'UNRESOLVED_COLUMN', 1, 8],
    ['SELECT id FROM shop.crm.customers a, shop.sales.orders b', 400, 'AMBIGUOUS_COLUMN', 1, 8],
    ['SELECT array(1) + 1', 400, 'TYPE_MISMATCH', 1, 8],
    ['SELECT max(count(id)) FROM shop.crm.customers', 400, 'INVALID_GROUPING', 1, 12],
    [`SELECT ${'('.repeat(3_000)}1${')'.repeat(3_000)}`, 400, 'STATEMENT_TOO_DEEP', 1, 207],
    ['DESCRIBE shop.crm.nothing', 404, 'TABLE_OR_VIEW_NOT_FOUND', 1, 10],
    ['SHOW TABLES IN nothing', 404, 'SCHEMA_NOT_FOUND', 1, 16],
    ['USE nothing', 404, 'SCHEMA_NOT_FOUND', 1, 5],
  ])('%j: %p %s at %p:%p', async (statement, status, code, line, column) => {
    for (const path of ['/v1/statements', '/v1/statements/explain']) {
      const problem = problemOf(await rest.ask('analyst', 'POST', path, { statement }));
      expect(problem).toMatchObject({
        status,
        code,
        sqlState: expect.any(String),
        position: { line, column },
      });
      expect(problem.remedy).toEqual(expect.any(String));
    }
    const stream = problemOf(await post({ statement }, { accept: 'text/csv' }));
    expect(stream).toMatchObject({ status, code, position: { line, column } });
  });

  it('too long to be read are refused as such', async () => {
    const statement = `SELECT 1 IN (${'1,'.repeat(30_000)}1)`;
    expect(problemOf(await post({ statement }))).toMatchObject({ status: 400, position: expect.anything() });
  });

  it('that raise on data say neither which nor where it lies', async () => {
    const email = (await rest.run('steward', 'SELECT max(email) FROM shop.crm.customers')).json.result
      .rows[0][0];
    const raising = [
      'SELECT CAST(email AS INT) FROM shop.crm.customers',
      "SELECT CAST(email AS DATE) FROM shop.crm.customers WHERE email LIKE '%@%'",
      'SELECT 1 / (length(email) - length(email)) FROM shop.crm.customers',
      'SELECT (SELECT email FROM shop.crm.customers)',
      'SELECT CAST(1e300 * length(email) AS INT) FROM shop.crm.customers',
      'SELECT array(1)[length(email)] FROM shop.crm.customers',
    ];
    for (const statement of raising) {
      for (const headers of [{}, { accept: 'application/x-ndjson' }]) {
        const answer = await rest.run('steward', statement, {}, headers);
        expect(problemOf(answer)).toMatchObject({ status: 422 });
        expect(answer.text).not.toContain(email);
        const said = answer.text.replace(/"requestId":"[^"]+"/, '');
        expect(said).not.toMatch(/@|parquet|DuckDB|Conversion Error|\bc\d+\b|\.sluice|tmp/i);
      }
    }
  });
});

describe('addresses', () => {
  it.each([
    ['GET', '/v1/nothing', 404],
    ['GET', '/', 404],
    ['PUT', '/v1/statements', 405],
    ['PATCH', '/v1/statements', 405],
    ['OPTIONS', '/v1/statements', 405],
    ['POST', '/v1/statements/x/chunks/0', 405],
    ['GET', '/v1/reports/history?cursor=0.000000000000000000000000000000000000', 400],
    ['GET', '/v1/statements/%zz', 400],
    ['GET', '/v1/statements/%00', 400],
    ['GET', '/v1/principals/%00', 400],
    ['GET', '/v1/statements/..%2f..%2fetc', 404],
    ['GET', '/v1/statements?cursor=nonsense', 400],
    ['GET', '/v1/statements?limit=0', 400],
    ['GET', '/v1/statements?limit=1000000', 400],
    ['GET', '/v1/statements?order=up', 400],
    ['GET', '/v1/tokens?cursor=nonsense', 400],
    ['GET', '/v1/policies/versions?cursor=1.5', 400],
    ['GET', '/v1/statements/x?wait=1', 400],
    ['DELETE', '/v1/tokens/nonsense', 404],
    ['DELETE', '/v1/principals/nobody', 404],
    ['GET', '/v1/policies/nothing', 404],
    ['GET', '/v1/catalog/tables/nothing', 404],
  ])('%s %s: %p', async (method, path, status) => {
    const answer = await rest.ask(
      'admin',
      method,
      path,
      method === 'GET' || method === 'DELETE' ? undefined : {},
    );
    expect(problemOf(answer).status).toBe(status);
  });

  it('that are too long are refused', async () => {
    const answer = await rest.ask('admin', 'GET', `/v1/statements/${'x'.repeat(9_000)}`);
    expect(problemOf(answer).status).toBe(400);
  });

  it('that are not HTTP at all get a problem too, and the connection ends', async () => {
    for (const message of ['NONSENSE\r\n\r\n', `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`]) {
      const answer = await new Promise<string>((resolve, reject) => {
        let text = '';
        const socket = connect(Number(new URL(rest.gateway.url).port), '127.0.0.1', () =>
          socket.write(message),
        );
        socket.on('data', (chunk) => (text += String(chunk)));
        socket.on('end', () => resolve(text));
        socket.on('error', reject);
      });
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d .*application\/problem\+json.*"code":"BAD_REQUEST"/s);
    }
  });
});

describe('random requests', () => {
  const paths = [
    '/v1/statements',
    '/v1/statements/explain',
    '/v1/decisions',
    '/v1/policies',
    '/v1/policies/test',
    '/v1/policies/diff',
    '/v1/principals',
    '/v1/tokens',
    '/v1/nothing',
  ];
  const keys = 'statement parameters name type value catalog schema engine purpose waitTimeout rowLimit'
    .concat(' tags requests objects principal documents user roles attributes scopes expiresAt kind grants')
    .split(' ');
  const leaf = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('SELECT 1', 'shop.crm.customers', 'analyst', '1s', 'policy', '\0', '\ud800'),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
  );
  const { body } = fc.letrec((tie) => ({
    body: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('body'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys), tie('body'), { maxKeys: 5 }),
    ),
  }));

  it('never are an error of ours', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), body, async (path, value) => {
        const answer = await rest.ask('admin', 'POST', path, JSON.stringify(value));
        expect(answer.status).toBeLessThan(500);
        if (answer.status >= 400) problemOf(answer);
      }),
      { numRuns: FUZZ_RUNS },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (garbage) => {
        const answer = await post(garbage);
        expect(problemOf(answer).status).toBe(400);
      }),
      { numRuns: FUZZ_RUNS / 3 },
    );
  });
});
