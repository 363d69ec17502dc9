/** Examples of the catalogue: over the demo, sent one after another by test/rest/examples.spec.ts. */
import type { RouteExample } from '../../http/example.js';

export const SET_METADATA: RouteExample = {
  name: 'owner-and-tags',
  about: 'An owner, a tag, and a tag of a column.',
  path: { name: 'shop.ref.countries' },
  body: { owner: 'steward', tags: ['reference'], columns: { name: ['public'] } },
  status: 200,
  answer: {
    name: 'shop.ref.countries',
    catalog: 'shop',
    schema: 'ref',
    table: 'countries',
    kind: 'table',
    tags: ['reference'],
    owner: 'steward',
  },
};

export const ACCEPT_SCHEMA: RouteExample = {
  name: 'columns-as-they-are',
  about: 'The columns that the table has, by the schemaVersion that it shows.',
  path: { name: 'shop.ref.countries' },
  body: { version: 'f2d35d52c6f4a047757988917d197065' },
  status: 200,
  answer: SET_METADATA.answer,
};
