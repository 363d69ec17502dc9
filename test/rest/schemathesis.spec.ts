/** The description of the API is true: somebody else's fuzzer finds no answer that it does not describe. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Rest, startRest } from '../support/rest-client.js';
import { runSchemathesis, schemathesisPython } from '../support/schemathesis.js';

const START_TIMEOUT_MS = 300_000;
const OUTPUT_CHARS_MAX = 6_000;
const CAMPAIGN = { seed: 1, examplesMax: 2, phases: 'coverage,fuzzing', secondsMax: 30 };
jest.setTimeout(150_000);

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
    expect(Number(/(\d+) generated/.exec(output)?.[1])).toBeGreaterThan(300);
    expect(rest.gateway.output()).not.toMatch(/request-failed|background-failed/);
  });
});
