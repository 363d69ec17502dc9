/** Examples of policies: over the demo, sent one after another by test/rest/examples.spec.ts. */
import type { RouteExample } from '../../http/example.js';

export const CREATE_POLICY: RouteExample = {
  name: 'countries-for-marketing',
  about: 'A grant to a group.',
  body: {
    kind: 'policy',
    name: 'marketing-countries',
    grants: [{ allow: ['browse', 'read'], to: ['group:marketing'], on: ['shop.ref.*'] }],
  },
  status: 201,
  answer: { name: 'marketing-countries', version: 1, policyVersion: 2, warnings: [] },
};

export const REPLACE_POLICY: RouteExample = {
  name: 'names-only',
  about: 'The same policy, allowing less.',
  path: { name: 'marketing-countries' },
  body: {
    kind: 'policy',
    name: 'marketing-countries',
    grants: [{ allow: ['browse'], to: ['group:marketing'], on: ['shop.ref.*'] }],
  },
  status: 200,
  answer: { name: 'marketing-countries', version: 2, policyVersion: 3, warnings: [] },
};

export const TEST_POLICIES: RouteExample = {
  name: 'an-analyst-and-salaries',
  about: 'What would be decided.',
  body: { principal: { user: 'ana', roles: ['analyst'] }, objects: ['shop.hr.employees'] },
  status: 200,
  answer: {
    tables: [
      {
        object: 'shop.hr.employees',
        actions: ['browse'],
        rows: [],
        noRows: false,
        masks: { full_name: '{"kind":"redact"}', email: '{"kind":"email"}', salary: '{"kind":"null"}' },
      },
    ],
  },
};

export const DIFF_POLICIES: RouteExample = {
  name: 'read-for-marketing',
  about: 'What a document would change.',
  body: {
    principal: { user: 'ana', groups: ['marketing'] },
    objects: ['shop.ref.countries'],
    documents: [
      {
        kind: 'policy',
        name: 'marketing-countries',
        grants: [{ allow: ['browse', 'read'], to: ['group:marketing'], on: ['shop.ref.*'] }],
      },
    ],
  },
  status: 200,
  answer: {
    changes: [
      {
        object: 'shop.ref.countries',
        before: { object: 'shop.ref.countries', actions: ['browse'], rows: [], noRows: false, masks: {} },
        after: {
          object: 'shop.ref.countries',
          actions: ['browse', 'read'],
          rows: [],
          noRows: false,
          masks: {},
        },
      },
    ],
  },
};
