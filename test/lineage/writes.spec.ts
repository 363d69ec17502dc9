/** Lineage of written tables, from a running gateway: what they are made of, what they reach, where tags went. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type LineageCollector,
  type LineageEvent,
  startLineageCollector,
} from '../support/lineage-collector.js';
import { type Rest, startRest, within } from '../support/rest-client.js';

const START_TIMEOUT_MS = 90_000;
const SEEN_MS = 10_000;
let collector: LineageCollector;
let rest: Rest;

beforeAll(async () => {
  collector = await startLineageCollector();
  rest = await startRest({ SLUICE_OPENLINEAGE_URL: collector.url });
  const first =
    'CREATE TABLE work.steward.mails AS SELECT id, email AS mail, country FROM shop.crm.customers';
  expect((await rest.run('steward', first)).status).toBe(200);
  const second =
    'CREATE TABLE work.steward.far AS SELECT upper(mail) AS m FROM work.steward.mails WHERE id > 3';
  expect((await rest.run('steward', second)).status).toBe(200);
}, START_TIMEOUT_MS);
afterAll(async () => {
  await rest?.gateway.stop();
  await collector?.close();
});

const ended = (table: string): LineageEvent | undefined =>
  collector.events.find(
    ({ eventType, outputs }) => eventType === 'COMPLETE' && outputs.some(({ name }) => name === table),
  );
const ask = async (path: string) => (await rest.ask('steward', 'GET', `/v1/lineage/${path}`)).json;

describe('the lineage of written tables', () => {
  it('is told as that of an output dataset, with the columns of the table', async () => {
    expect(await within(SEEN_MS, async () => ended('work.steward.far') !== undefined)).toBe(true);
    const facets = ended('work.steward.mails')?.outputs[0]?.facets;
    expect(facets?.schema.fields.map(({ name }) => name)).toEqual(['id', 'mail', 'country']);
    expect(facets).toMatchObject({ lifecycleStateChange: { lifecycleStateChange: 'CREATE' } });
    const [input] = facets?.columnLineage.fields.mail?.inputFields ?? [];
    expect(input).toMatchObject({ name: 'shop.crm.customers', field: 'email' });
  });

  it('goes on through tables, up and down', async () => {
    expect(
      await within(SEEN_MS, async () => (await ask('work.steward.far?direction=upstream')).edges?.length > 0),
    ).toBe(true);
    const up = await ask('work.steward.far?direction=upstream&column=m&depth=2');
    const from = up.edges.map((e: { readonly source: string; readonly sourceColumn: string }) =>
      [e.source, e.sourceColumn].join('.'),
    );
    expect(from).toContain('shop.crm.customers.email');
    const { items } = await ask('shop.crm.customers/impact?column=email');
    expect(items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          object: 'work.steward.mails',
          column: 'mail',
          depth: 1,
          strength: 'direct',
        }),
        expect.objectContaining({ object: 'work.steward.far', column: 'm', depth: 2, strength: 'direct' }),
      ]),
    );
  });

  it('shows that tags went along, and where one that is set later is missing', async () => {
    const states = async (tag: string) =>
      (await ask('shop.crm.customers/tags')).items
        .filter((item: { readonly tag: string }) => item.tag === tag)
        .map((item: { to: { object: string; column: string }; state: string }) =>
          [item.to.object, item.to.column, item.state].join(' '),
        )
        .sort();
    expect(await states('pii.email')).toEqual([
      'work.steward.far m present',
      'work.steward.mails mail present',
    ]);
    const tagged = await rest.ask('admin', 'PUT', '/v1/catalog/tables/shop.crm.customers/metadata', {
      tags: [],
      columns: { country: ['geo'] },
    });
    expect(tagged.status).toBeLessThan(300);
    expect(await within(SEEN_MS, async () => (await states('geo')).length > 0)).toBe(true);
    expect(await states('geo')).toEqual(['work.steward.mails country missing']);
  });
});
