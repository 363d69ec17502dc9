/** The statements of docs/how-to/write.md run as they stand, and it names what there is. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ERROR_CODES } from '../../src/core/errors.js';
import { type Rest, startRest } from '../support/rest-client.js';
import { readProjectFile } from '../support/sources.js';

const START_TIMEOUT_MS = 90_000;
jest.setTimeout(60_000);
const guide = readProjectFile('docs/how-to/write.md');
const statements = (/```sql\n([\s\S]*?)```/.exec(guide)?.[1] ?? '')
  .split(/;\n/)
  .filter((sql) => sql.trim() !== '');
let rest: Rest;

beforeAll(async () => {
  rest = await startRest();
}, START_TIMEOUT_MS);
afterAll(() => rest?.gateway.stop(), START_TIMEOUT_MS);

describe('the guide to writing', () => {
  it('has statements that run, one after another', async () => {
    expect(statements).toHaveLength(10);
    for (const sql of statements) {
      const answer = await rest.run('analyst', sql);
      expect({ sql, status: answer.status, state: answer.json.state }).toEqual({
        sql,
        status: 200,
        state: 'succeeded',
      });
      if (/^(CREATE|INSERT|TRUNCATE|DROP)/.test(sql))
        expect(answer.json.governance.written.object).toMatch(/^work\.analyst\./);
    }
  });

  it('names codes and settings that there are', () => {
    const settings = readProjectFile('docs/reference/settings.md');
    for (const [name] of guide.matchAll(/SLUICE_[A-Z_]+/g)) expect(settings).toContain(name);
    for (const [, code = ''] of guide.matchAll(/^\| `([A-Z_]+)`/gm)) expect(ERROR_CODES).toHaveProperty(code);
  });
});
