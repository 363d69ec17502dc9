/** Written tables over HTTP: made, filled, read back, dropped; who may do so, and what goes along. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { statementSchema } from '../../src/doors/rest/answer-schemas.js';
import { type Compiled, compileSources } from '../support/compiled.js';
import { startGatewayProcess } from '../support/gateway-process.js';
import { type Rest, restOf, SMALL_DEMO } from '../support/rest-client.js';

const START_TIMEOUT_MS = 90_000;
jest.setTimeout(60_000);
let compiled: Compiled;
let rest: Rest;

beforeAll(async () => {
  compiled = await compileSources();
  rest = restOf(await startGatewayProcess(`${compiled.dir}/src/main.js`, SMALL_DEMO));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await rest?.gateway.stop();
  compiled?.remove();
}, START_TIMEOUT_MS);

const rows = async (user: string, sql: string): Promise<unknown> => {
  const answer = await rest.run(user, sql);
  if (answer.status !== 200 || answer.json.state !== 'succeeded') throw new Error(`${sql}: ${answer.text}`);
  return answer.json.result.rows;
};

describe('a new table', () => {
  it('holds what the query gave, under the masks of the writer', async () => {
    const made = await rest.run(
      'analyst',
      'CREATE TABLE work.analyst.eu AS SELECT id, full_name, email, country FROM shop.crm.customers',
    );
    expect(made.text).toMatch(/num_affected_rows/);
    expect(statementSchema.strict().parse(made.json)).toMatchObject({ state: 'succeeded' });
    const [[count]] = (await rows('analyst', 'SELECT count(*) FROM shop.crm.customers')) as [[number]];
    expect(made.json.result.rows).toEqual([[count]]);
    expect(await rows('analyst', 'SELECT * FROM work.analyst.eu ORDER BY id LIMIT 20')).toEqual(
      await rows(
        'analyst',
        'SELECT id, full_name, email, country FROM shop.crm.customers ORDER BY id LIMIT 20',
      ),
    );
    console.log(JSON.stringify(made.json));
  });
});
