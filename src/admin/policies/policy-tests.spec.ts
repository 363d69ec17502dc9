/** The starter policies against their own tests, over the sample lake; and the runner against wrong ones. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GovernanceError } from '../../core/errors.js';
import { compilePolicies } from '../../core/policy/compile.js';
import { DecidingPolicies } from '../../core/policy/memo.js';
import { parsePolicyTests } from '../../core/policy/policy-test.js';
import { parsePolicyYaml } from '../../core/policy/policy-yaml.js';
import { validatePolicy } from '../../core/policy/validate.js';
import { ruleProblems } from '../../gateway/rule-problems.js';
import { type Lake, openLake } from '../../lake/lake.js';
import { SILENT } from '../../lake/progress.js';
import { ensureSampleLake, SAMPLE_SEED } from '../../lake/sample/sample-lake.js';
import { type PolicyTestContext, type PolicyTestResult, runPolicyTests } from './policy-tests.js';

const POLICIES = fileURLToPath(new URL('../../../policies/', import.meta.url));
const inFolder = (ending: RegExp): readonly string[] =>
  readdirSync(POLICIES)
    .filter((file) => ending.test(file))
    .map((file) => readFileSync(join(POLICIES, file), 'utf8'));
const starters = inFolder(/(?<!\.test)\.yaml$/).map((text) => parsePolicyYaml(text).document);
const starterTests = inFolder(/\.test\.yaml$/).map(parsePolicyTests);

const root = mkdtempSync(join(tmpdir(), 'sluice-policy-tests-'));
let lake: Lake;
let context: PolicyTestContext;
beforeAll(async () => {
  const sampleDir = await ensureSampleLake(root, { seed: SAMPLE_SEED, scale: 0.001 }, SILENT);
  lake = await openLake({ sampleDir, metadata: async () => [] });
  const compiled = compilePolicies(
    starters.map((document) => ({ document, version: 1 })),
    1,
  );
  context = {
    policies: new DecidingPolicies(compiled),
    catalog: lake.snapshot(),
    now: new Date('2026-06-01T00:00:00Z'),
    defaultCatalog: 'shop',
  };
}, 30_000);
afterAll(() => {
  lake.close();
  rmSync(root, { recursive: true, force: true });
});

describe('the starter policies', () => {
  it('have tests, and pass them', () => {
    const results = starterTests.flatMap((file) => runPolicyTests(file, context));
    expect(results.length).toBeGreaterThan(10);
    expect(results.filter((result) => result.differences.length > 0)).toEqual([]);
  });

  it('validate over the sample, without a warning about it', () => {
    const inForce = compilePolicies(
      starters.map((document) => ({ document, version: 1 })),
      1,
    );
    const ruleProblem = ruleProblems(context.catalog, {
      attributes: new Set(['countries']),
      readsRaw: () => true,
    });
    const warnings = starters.flatMap((document) =>
      validatePolicy(document, { catalog: context.catalog, ruleProblem, inForce }),
    );
    expect(warnings.map((warning) => warning.text)).toEqual(['lake.* is no table now']);
  });
});

describe('a policy test', () => {
  const run = (test: string): PolicyTestResult | undefined =>
    runPolicyTests(
      parsePolicyTests(
        `kind: policy-tests\nprincipals: { eu: { roles: [analyst], attributes: { countries: [DE] } } }\ntests:\n  - { name: t, principal: eu, ${test} }`,
      ),
      context,
    )[0];
  const customers = 'statement: SELECT id FROM crm.customers';

  it.each([
    [`${customers}, expect: { allowed: false }`, /is allowed/],
    [
      `${customers}, expect: { allowed: true, code: ACCESS_DENIED }`,
      /code: expected ACCESS_DENIED, was none/,
    ],
    [`${customers}, expect: { allowed: true, masks: {} }`, /masks: expected {}, was {.*birth_date/],
    [
      `${customers}, expect: { allowed: true, rows: { shop.crm.customers: [] } }`,
      /rows of shop.crm.customers: expected \[\], was \["eu-analysts\/eu-only"\]/,
    ],
    [
      `${customers}, expect: { allowed: true, rows: { shop.crm.customers: none } }`,
      /expected "none", was \["eu-analysts\/eu-only"\]/,
    ],
    [
      `${customers}, expect: { allowed: true, actions: { shop.crm.customers: [browse] } }`,
      /expected \["browse"\], was \["browse","read"\]/,
    ],
    [`${customers}, expect: { allowed: true, rows: { shop.sales.orders: [] } }`, /was nothing/],
    [
      `${customers}, expect: { allowed: true, resources: { duckdb: default, spark: shares/analysts } }`,
      /^resources on spark: expected "shares\/analysts", was "default"$/,
    ],
    ['statement: SELECT nope FROM crm.customers, expect: { allowed: true }', /is refused: UNRESOLVED_COLUMN/],
    ['statement: DROP TABLE x, expect: { allowed: true }', /is refused: STATEMENT_NOT_ALLOWED/],
  ])('%s fails, and says how', (test, difference) => {
    expect(run(test)?.differences).toEqual([expect.stringMatching(difference)]);
  });

  it.each([
    ['kind: policy-tests\ntests: []', /at least 1/],
    [
      'kind: policy-tests\ntests:\n- name: t\n  principal: bo\n  statement: a\n  expect: {allowed: true}',
      /line 4\) is bo, who/,
    ],
    [
      'kind: policy-tests\ntests:\n- name: t\n  principal: {}\n  statement: a\n  expect: {allow: true}',
      /not a key|missing/,
    ],
    ['kind: policy\nname: p', /must be policy-tests/],
  ])('that is malformed is refused: %j', (text, message) => {
    expect(() => parsePolicyTests(text)).toThrow(GovernanceError);
    expect(() => parsePolicyTests(text)).toThrow(message);
  });
});
