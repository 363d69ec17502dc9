/** Examples of statements: over the demo, sent one after another by test/rest/examples.spec.ts. */
import type { RouteExample } from '../../http/example.js';

export const RUN: RouteExample = {
  name: 'countries-of-the-union',
  about: 'A statement with a parameter and a purpose.',
  body: {
    statement: 'SELECT code, name FROM shop.ref.countries WHERE eu = :eu ORDER BY code LIMIT 2',
    parameters: [{ name: 'eu', value: true }],
    purpose: 'reporting',
  },
  status: 200,
  answer: {
    statementId: '7ffd3c7e-c885-4587-bc88-503412fffda8',
    state: 'succeeded',
    submittedAt: '2026-11-25T14:36:56.952Z',
    finishedAt: '2026-11-25T14:36:57.008Z',
    tags: {},
    timings: {
      authenticate: 0.34,
      decode: 15.28,
      bind: 21.6,
      decide: 0.05,
      rewrite: 0.57,
      check: 5.53,
      record: 2.35,
      run: 7.24,
      reveal: 0,
    },
    engine: 'duckdb',
    manifest: {
      schema: [
        { name: 'code', type: 'string', nullable: true, masked: false, mask: null },
        { name: 'name', type: 'string', nullable: true, masked: false, mask: null },
      ],
      rowCount: 2,
      chunkCount: 1,
      truncated: false,
    },
    governance: {
      policyVersion: 1,
      decisionId: 'a01d34fe-e25b-4c8d-becb-136dfcef9563',
      objects: ['shop.ref.countries'],
      filteredTables: [],
      maskedColumns: [],
      purpose: 'reporting',
      notices: [],
      resources: {
        group: 'default',
        rules: [],
        priority: 10,
        concurrency: null,
        queue: null,
        timeoutMs: 300000,
        byteLimit: 1073741824,
        rowLimit: 100000000,
      },
    },
    result: {
      rows: [
        ['AT', 'Austria'],
        ['BE', 'Belgium'],
      ],
      nextChunk: null,
    },
  },
};

export const EXPLAIN: RouteExample = {
  name: 'as-an-analyst',
  about: 'What somebody else would get.',
  body: { statement: 'SELECT code FROM shop.ref.countries', asPrincipal: 'analyst' },
  status: 200,
  answer: {
    decision: 'allow',
    governance: {
      policyVersion: 1,
      decisionId: '78bdf5b3-91df-4f03-be53-90188ca9f299',
      objects: ['shop.ref.countries'],
      filteredTables: [],
      maskedColumns: [],
      purpose: null,
      notices: [],
    },
    schema: [{ name: 'code', type: 'string', nullable: true, masked: false, mask: null }],
    tables: [{ object: 'shop.ref.countries', allowed: true, filters: [], masks: [] }],
    denied: [],
    resources: {
      duckdb: { group: 'default', priority: 10, rules: [], policyVersion: 1 },
      spark: { group: 'default', priority: 10, rules: [], policyVersion: 1 },
    },
  },
};

export const DECIDE: RouteExample = {
  name: 'countries-for-an-analyst',
  about: 'One table, for somebody else.',
  body: { requests: [{ objects: ['shop.ref.countries'], principal: 'analyst' }] },
  status: 200,
  answer: {
    items: [
      {
        allowed: true,
        policyVersion: 1,
        purpose: null,
        denied: [],
        remedy: null,
        notices: [],
        validUntil: null,
        tables: [
          {
            object: 'shop.ref.countries',
            actions: {
              browse: true,
              read: true,
              write: false,
              explain: false,
              code: false,
              administer: false,
            },
            grants: [
              { policy: 'eu-analysts', rule: 'grants.0', version: 1, effect: 'allow', action: 'browse' },
              { policy: 'eu-analysts', rule: 'grants.0', version: 1, effect: 'allow', action: 'read' },
            ],
            rows: [],
            noRows: false,
            columns: [
              { column: 'code', mask: 'clear', predicate: 'allow', rules: [] },
              { column: 'name', mask: 'clear', predicate: 'allow', rules: [] },
              { column: 'region', mask: 'clear', predicate: 'allow', rules: [] },
              { column: 'eu', mask: 'clear', predicate: 'allow', rules: [] },
            ],
          },
        ],
        resources: {
          duckdb: { group: 'default', priority: 10, rules: [], policyVersion: 1 },
          spark: { group: 'default', priority: 10, rules: [], policyVersion: 1 },
        },
      },
    ],
  },
};
