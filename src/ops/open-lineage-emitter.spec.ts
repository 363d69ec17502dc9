import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LineageRun } from '../core/lineage/open-lineage.js';
import { OpenLineageEmitter } from './open-lineage-emitter.js';

const STOP_MS = 2_000;
const AT = '2026-01-02T03:04:05.000Z';
let server: Server;
let url: string;
let answers: number[] = [];
let got: { readonly auth: string | undefined; readonly body: Record<string, unknown> }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += String(chunk);
    });
    request.on('end', () => {
      const status = answers.shift() ?? 201;
      if (status < 300) got.push({ auth: request.headers.authorization, body: JSON.parse(text) });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/lineage`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const RUN: LineageRun = {
  statementId: '3f2a0b8e-6a7c-4a51-9a0e-0d9d7e1f0a11',
  namespace: 'test',
  jobHash: 'ab'.repeat(32),
  shape: 'SELECT name FROM t WHERE x = ?',
  planHash: 'p',
  engine: 'duckdb',
  policyVersion: 7,
  decisionId: 'd',
  purpose: null,
  objects: ['shop.a.t'],
  filteredTables: [{ object: 'shop.a.t', rules: ['eu/eu-only'] }],
  maskedColumns: [{ object: 'shop.a.t', column: 'name', rule: 'pii/name' }],
  schema: [{ name: 'name', type: 'string' }],
  named: true,
  lineage: {
    outputs: [
      {
        name: 'name',
        inputs: [
          {
            table: 'shop.a.t',
            column: 'name',
            flows: [{ type: 'DIRECT', subtype: 'TRANSFORMATION', masking: true, policy: true }],
          },
        ],
      },
    ],
    dataset: [
      {
        table: 'shop.a.t',
        column: 'country',
        flows: [{ type: 'INDIRECT', subtype: 'FILTER', masking: false, policy: true }],
      },
    ],
    truncated: false,
    approximate: false,
  },
};

const emitter = (problems: unknown[], retryMs = 1): OpenLineageEmitter => {
  got = [];
  return new OpenLineageEmitter({
    url,
    token: 'secret',
    producer: { uri: 'urn:sluice:gateway:test', name: 'sluice', version: 'test' },
    onProblem: (error) => problems.push(error),
    retryMs: () => retryMs,
  });
};

describe('OpenLineageEmitter', () => {
  it('sends events in order, with the policy as the reason', async () => {
    const sent = emitter([]);
    sent.told(RUN, 'START', AT);
    sent.told(RUN, 'COMPLETE', AT, { rowCount: 3 });
    await sent.stop(STOP_MS);
    expect(got.map(({ auth, body }) => [auth, body.eventType])).toEqual([
      ['Bearer secret', 'START'],
      ['Bearer secret', 'COMPLETE'],
    ]);
    expect(got[1]?.body).toMatchObject({
      run: { runId: RUN.statementId },
      inputs: [{ namespace: 'test', name: 'shop.a.t' }],
      outputs: [
        {
          facets: {
            columnLineage: {
              fields: {
                name: {
                  inputFields: [
                    { field: 'name', transformations: [{ masking: true, description: 'policy:pii/name' }] },
                  ],
                },
              },
              dataset: [{ field: 'country', transformations: [{ description: 'policy:eu/eu-only' }] }],
            },
          },
          outputFacets: { outputStatistics: { rowCount: 3 } },
        },
      ],
    });
  });

  it('tries again what was not taken, and gives up what never will be', async () => {
    const problems: unknown[] = [];
    answers = [503, 429, 201, 400, 201];
    const sent = emitter(problems);
    sent.told(RUN, 'START', AT);
    sent.told(RUN, 'FAIL', AT, { code: 'CAST_INVALID_INPUT' });
    sent.told(RUN, 'ABORT', AT);
    await sent.stop(STOP_MS);
    expect(got.map(({ body }) => body.eventType)).toEqual(['START', 'ABORT']);
    expect(problems).toHaveLength(3);
  });

  it('stops in time at an endpoint that never answers well', async () => {
    answers = Array.from({ length: 1_000 }, () => 500);
    const sent = emitter([], 60_000);
    sent.told(RUN, 'START', AT);
    const started = performance.now();
    await sent.stop(50);
    expect(performance.now() - started).toBeLessThan(STOP_MS);
    expect(got).toEqual([]);
    answers = [];
  });
});
