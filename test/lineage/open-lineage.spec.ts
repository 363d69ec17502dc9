/**
 * Whatever event we emit is valid under the schemas that OpenLineage publishes, in two validators that are not ours:
 * Ajv, and Python's jsonschema.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import type { Flow } from '../../src/core/lineage/flow.js';
import {
  type LineageRun,
  type RunEnd,
  type RunState,
  runEvent,
} from '../../src/core/lineage/open-lineage.js';
import { ROOT } from '../support/sources.js';

const FOLDER = join(ROOT, 'test', 'lineage', 'openlineage');
const CHECK = join(ROOT, 'test', 'lineage', 'openlineage_check.py');
const SPEC = 'https://openlineage.io/spec/';
const EVENTS = 200;
const PRODUCER = { uri: 'urn:sluice:gateway:1.2.3', name: 'sluice', version: '1.2.3' };
const STATES: readonly RunState[] = ['START', 'COMPLETE', 'FAIL', 'ABORT'];

const text = fc.string({ unit: 'binary', maxLength: 20 });
const name = text.filter((value) => value !== '');
const flow: fc.Arbitrary<Flow> = fc.oneof(
  fc.record({
    type: fc.constant('DIRECT' as const),
    subtype: fc.constantFrom('IDENTITY' as const, 'TRANSFORMATION' as const, 'AGGREGATION' as const),
    masking: fc.boolean(),
    policy: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('INDIRECT' as const),
    subtype: fc.constantFrom('JOIN', 'GROUP_BY', 'FILTER', 'SORT', 'WINDOW', 'CONDITIONAL'),
    masking: fc.boolean(),
    policy: fc.boolean(),
  }) as fc.Arbitrary<Flow>,
);
const inputs = fc.array(fc.record({ table: name, column: name, flows: fc.array(flow, { maxLength: 3 }) }), {
  maxLength: 4,
});
const columns = fc.array(fc.record({ name, type: name }), { maxLength: 4 });
const run: fc.Arbitrary<LineageRun> = fc
  .record(
    {
      statementId: fc.uuid(),
      namespace: name,
      jobHash: fc.stringMatching(/^[0-9a-f]{64}$/),
      shape: fc.string({ maxLength: 6_000 }),
      planHash: text,
      engine: fc.constantFrom('duckdb', 'spark'),
      policyVersion: fc.nat(),
      decisionId: fc.uuid(),
      purpose: fc.option(text),
      objects: fc.array(name, { maxLength: 3 }),
      filteredTables: fc.array(fc.record({ object: name, rules: fc.array(text, { maxLength: 2 }) }), {
        maxLength: 2,
      }),
      maskedColumns: fc.array(fc.record({ object: name, column: name, rule: text }), { maxLength: 2 }),
      schema: columns,
      named: fc.boolean(),
      lineage: fc.record({
        outputs: fc.array(fc.record({ name, inputs }), { maxLength: 4 }),
        dataset: inputs,
        truncated: fc.boolean(),
        approximate: fc.boolean(),
      }),
      target: fc.record({
        object: name,
        change: fc.constantFrom('CREATE' as const, 'OVERWRITE' as const, 'DROP' as const),
      }),
    },
    {
      requiredKeys: [
        'statementId',
        'namespace',
        'jobHash',
        'shape',
        'planHash',
        'engine',
        'policyVersion',
        'decisionId',
        'purpose',
        'objects',
        'filteredTables',
        'maskedColumns',
        'schema',
        'named',
        'lineage',
      ],
    },
  )
  .map((made) => made as LineageRun);
const end: fc.Arbitrary<RunEnd> = fc.record(
  { rowCount: fc.nat(), bytes: fc.nat(), code: fc.constantFrom('ENGINE_ERROR', 'STATEMENT_TIMEOUT') },
  { requiredKeys: [] },
);
const event = fc
  .tuple(
    run,
    fc.constantFrom(...STATES),
    fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2200-01-01') }),
    end,
  )
  .map(([each, state, at, ended]) => ({
    state,
    event: runEvent(PRODUCER, each, state, at.toISOString(), ended),
  }));

/** Each state with and without a target, and others at random. */
const made = fc.sample(event, { numRuns: EVENTS, seed: 20261125 });
const asSent = made.map((each) => JSON.parse(JSON.stringify(each.event)) as Record<string, unknown>);

/** Facets that name a published schema as their own. */
function facetsIn(value: unknown): readonly Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(facetsIn);
  const url = (value as Record<string, unknown>)._schemaURL;
  return typeof url === 'string' && url.startsWith(SPEC)
    ? [value as Record<string, unknown>, ...inner]
    : inner;
}

function openLineageAjv(): (value: unknown, reference: string) => readonly string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (formats as unknown as (target: typeof ajv) => void)(ajv);
  for (const file of readdirSync(FOLDER).filter((each) => each.endsWith('.json'))) {
    ajv.addSchema(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')));
  }
  return (value, reference) => {
    const validate = ajv.getSchema(reference);
    if (validate === undefined) return [`no schema ${reference} is published`];
    return validate(value) === true ? [] : (validate.errors ?? []).map((error) => JSON.stringify(error));
  };
}

const { auditPython } = (await import(
  pathToFileURL(join(ROOT, 'scripts', 'audit-venv.mjs')).href
)) as unknown as { auditPython(): string | undefined };
const python = auditPython();
if (python === undefined && process.env.CI) throw new Error('no second validator in CI');
if (python === undefined)
  process.stderr.write('jsonschema is not here (node scripts/audit-venv.mjs fetches it): not asked.\n');

describe('OpenLineage events', () => {
  it('are tried in every state, with tables and with results', () => {
    const kinds = new Set(
      made.map(({ state }, i) => `${state} ${JSON.stringify(asSent[i]).includes('lifecycle')}`),
    );
    expect(kinds.size).toBeGreaterThan(6);
  });

  it('are valid for Ajv, each facet by its own schema', () => {
    const problems = openLineageAjv();
    for (const sent of asSent) {
      expect(problems(sent, String(sent.schemaURL))).toEqual([]);
      const facets = facetsIn(sent);
      expect(facets.length).toBeGreaterThan(2);
      for (const facet of facets) expect(problems(facet, String(facet._schemaURL))).toEqual([]);
    }
  });

  it('would not be, were a field wrong', () => {
    const problems = openLineageAjv();
    const [sent = {}] = asSent;
    expect(problems({ ...sent, eventTime: 'yesterday' }, String(sent.schemaURL))).not.toEqual([]);
    expect(problems({ ...sent, run: { runId: 7 } }, String(sent.schemaURL))).not.toEqual([]);
    const facet = facetsIn(sent)[0] ?? {};
    expect(problems({ ...facet, _producer: 7 }, String(facet._schemaURL))).not.toEqual([]);
  });

  const judged = (): void => {
    const input = asSent.map((sent) => JSON.stringify(sent)).join('\n');
    const wrong = JSON.stringify({ ...asSent[0], run: { runId: 7 } });
    const { stdout, stderr } = spawnSync(python ?? '', [CHECK], {
      input: `${input}\n${wrong}\n`,
      encoding: 'utf8',
    });
    const found = stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as readonly string[]);
    expect({ found: found.slice(0, -1).flat(), stderr }).toEqual({ found: [], stderr: '' });
    expect(found).toHaveLength(EVENTS + 1);
    expect(found.at(-1)).not.toEqual([]);
  };
  if (python !== undefined) it('are valid for jsonschema', judged);
});
