/** What docs/how-to/lineage.md asks a gateway is answered as it says. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Rest, startRest, within } from '../support/rest-client.js';
import { readProjectFile } from '../support/sources.js';

const START_TIMEOUT_MS = 90_000;
const SEEN_MS = 5_000;
const guide = readProjectFile('docs/how-to/lineage.md');
const paths = [...guide.matchAll(/\$SLUICE(\/v1\/[^"]+)"/g)].map(([, path = '']) => path);
let rest: Rest;

beforeAll(async () => {
  rest = await startRest();
  await rest.run('analyst', 'SELECT lower(email) AS e FROM shop.crm.customers');
}, START_TIMEOUT_MS);
afterAll(async () => {
  await rest.gateway.stop();
});

describe('the guide to lineage', () => {
  it('asks for the graph, for impact and for tags', () => {
    expect(paths).toHaveLength(3);
  });

  it.each(paths)('%s is answered', async (path) => {
    expect((await rest.ask('auditor', 'GET', path)).status).toBe(200);
  });

  it('names the limits and settings that there are', async () => {
    const [graph = ''] = paths;
    const seen = async () => (await rest.ask('auditor', 'GET', graph)).json;
    expect(await within(SEEN_MS, async () => (await seen()).jobs.length > 0)).toBe(true);
    expect((await seen()).jobs[0].approximate).toBe(false);
    const tooDeep = await rest.ask('auditor', 'GET', '/v1/lineage/shop.crm.customers?depth=21');
    expect(tooDeep.status).toBe(400);
    const settings = readProjectFile('docs/reference/settings.md');
    for (const [name] of guide.matchAll(/SLUICE_[A-Z_]+/g)) expect(settings).toContain(name);
  });
});
