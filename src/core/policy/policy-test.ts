/**
 * Policy tests (`*.test.yaml`): who asks what, and what the policies are to decide. Names of people may be
 * said once for all tests of a file.
 */
import { z } from 'zod';
import { maskSchema, placed, policyInvalid, problemsOf } from './document.js';
import { readYaml } from './policy-yaml.js';

const TESTS_MAX = 1_000;
const STATEMENT_LENGTH_MAX_CHARS = 20_000;

const text = z.string().min(1).max(200);
const attribute = z.union([text, z.number(), z.boolean(), z.array(z.union([text, z.number()]))]);
const principal = z.strictObject({
  user: text.optional(),
  roles: z.array(text).default([]),
  groups: z.array(text).default([]),
  attributes: z.record(text, attribute).default({}),
});
const action = z.enum(['browse', 'read', 'write', 'explain', 'code', 'administer']);

/** What is left out is not looked at; what is there is the whole of it. */
const expectation = z.strictObject({
  allowed: z.boolean(),
  /** The error code of a refusal. */
  code: text.optional(),
  /** Row rules by table, as `policy/rule`. `none`: no row at all. */
  rows: z.record(text, z.union([z.array(text), z.literal('none')])).optional(),
  /** Masks by `catalog.schema.table.column`, as a policy writes them. */
  masks: z.record(text, maskSchema).optional(),
  /** Actions by table. */
  actions: z.record(text, z.array(action)).optional(),
  /** Resource group by engine, as `policy/name`, or `default`. */
  resources: z.strictObject({ duckdb: text.optional(), spark: text.optional() }).optional(),
});

const test = z.strictObject({
  name: z.string().min(1).max(300),
  /** One of `principals`, or somebody described here. */
  principal: z.union([text, principal]),
  statement: z.string().min(1).max(STATEMENT_LENGTH_MAX_CHARS),
  purpose: text.optional(),
  /** The moment of asking; now when left out. */
  at: z.iso.datetime({ offset: true }).optional(),
  expect: expectation,
});

export const policyTestsSchema = z.strictObject({
  kind: z.literal('policy-tests'),
  principals: z.record(text, principal).default({}),
  tests: z.array(test).min(1).max(TESTS_MAX),
});

export type PolicyTestFile = z.infer<typeof policyTestsSchema>;
export type PolicyTest = PolicyTestFile['tests'][number];
export type TestPrincipal = z.infer<typeof principal>;
export type Expectation = z.infer<typeof expectation>;

/** Throws POLICY_INVALID with every problem and its line. */
export function parsePolicyTests(yaml: string): PolicyTestFile {
  const { value, lineOf } = readYaml(yaml);
  const result = policyTestsSchema.safeParse(value);
  const found = result.success ? strangers(result.data) : result.error.issues.flatMap(problemsOf);
  if (!result.success || found.length > 0)
    throw policyInvalid(
      found.map((problem) => placed(problem, lineOf)),
      'The policy test',
    );
  return result.data;
}

const strangers = ({ principals, tests }: PolicyTestFile) =>
  tests.flatMap(({ principal: who }, i) =>
    typeof who === 'string' && principals[who] === undefined
      ? [{ path: ['tests', i, 'principal'], message: `is ${who}, who is not among principals` }]
      : [],
  );
