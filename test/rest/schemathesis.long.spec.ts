/** The same as its short sister, with many more examples and with chains of calls. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Rest, startRest } from '../support/rest-client.js';
import { runSchemathesis, schemathesisPython } from '../support/schemathesis.js';

const START_TIMEOUT_MS = 300_000;
const OUTPUT_CHARS_MAX = 6_000;
const CAMPAIGN = { seed: 20_261, examplesMax: 150, phases: 'coverage,fuzzing,stateful', secondsMax: 600 };
jest.setTimeout(2_000_000);

let rest: Rest;
let python: string;

beforeAll(async () => {
  python = schemathesisPython();
  rest = await startRest({ SLUICE_DEMO_SCALE: '0.001' });
}, START_TIMEOUT_MS);
afterAll(() => rest?.gateway.stop(), START_TIMEOUT_MS);

describe('schemathesis', () => {
  it('finds no undocumented answer, no breach of a schema and nothing that went wrong inside', async () => {
    const { code, output } = await runSchemathesis(python, rest.gateway, CAMPAIGN);
    expect([code, output.slice(-OUTPUT_CHARS_MAX)]).toEqual([0, expect.stringMatching(/passed/)]);
    expect(Number(/(\d+) generated/.exec(output)?.[1])).toBeGreaterThan(3_000);
    expect(rest.gateway.output()).not.toMatch(/request-failed|background-failed/);
  });
});
