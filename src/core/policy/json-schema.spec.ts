/** The schema for editors against the reading of documents: they never say the opposite without a reason. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { parse } from 'yaml';
import { mutated } from '../../../test/support/mutated.js';
import { documents } from '../../../test/support/random-policies.js';
import { projectFiles, readProjectFile } from '../../../test/support/sources.js';
import { GovernanceError } from '../errors.js';
import { parsePolicy } from './document.js';
import { BEYOND_JSON_SCHEMA, policyJsonSchema, policyTestsJsonSchema } from './json-schema.js';
import { parsePolicyTests } from './policy-test.js';

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
const valid = ajv.compile(policyJsonSchema());
const validTests = ajv.compile(policyTestsJsonSchema());

/** Why a document is refused; empty: it is accepted. */
function problemsOf(value: unknown): readonly string[] {
  try {
    parsePolicy(value);
    return [];
  } catch (error) {
    if (!(error instanceof GovernanceError)) throw error;
    return (error.details.problems ?? []).map(({ message }) => message);
  }
}

/** Undefined: both say the same, or the schema cannot know. */
function contradiction(value: unknown): string | undefined {
  const problems = problemsOf(value);
  if (problems.length === 0)
    return valid(value) ? undefined : `accepted, but ${ajv.errorsText(valid.errors)}`;
  if (!valid(value)) return undefined;
  const unsaid = problems.filter((message) => !BEYOND_JSON_SCHEMA.some((known) => known.test(message)));
  return unsaid.length === 0 ? undefined : `valid, but ${unsaid.join('; ')}`;
}

describe('the schema of policy documents', () => {
  it('agrees with what reads them, on documents that are right', () => {
    fc.assert(
      fc.property(documents, (written) => {
        for (const document of written) expect(contradiction(document)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it('agrees with what reads them, on documents that are nearly right', () => {
    const piece = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(
        'read',
        'role:a',
        'shop.crm.*',
        'tag:pii',
        '',
        '*',
        '30s',
        '5',
        '2026-02-30',
        'email',
        0,
        -1,
        1.5,
      ),
      fc.constantFrom({ showLast: 4 }, { showLast: -1 }, { bucket: [2, 1] }, { hash: {} }, {}, []),
    );
    const key = fc.oneof(
      fc.constantFrom('name', 'allow', 'deny', 'mask', 'mode', 'valid', 'open'),
      fc.string(),
    );
    fc.assert(
      fc.property(documents, piece, fc.nat(), key, ([document], value, n, name) => {
        const plain: unknown = JSON.parse(JSON.stringify(mutated(document, value, n, name)));
        expect(contradiction(plain)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it('agrees with what reads them, on rules with a key too many or too few', () => {
    const keys = fc.constantFrom(
      'name',
      'allow',
      'deny',
      'to',
      'on',
      'mask',
      'predicate',
      'where',
      'rows',
      'time',
    );
    const list = fc.constantFrom('grants', 'rows', 'columns', 'purposes', 'resources');
    const given = fc.constantFrom(undefined, ['read'], 'email', 'deny', '30s', 7);
    fc.assert(
      fc.property(documents, list, keys, given, ([document], name, key, value) => {
        const plain = JSON.parse(JSON.stringify(document)) as Record<string, object[] | undefined>;
        for (const rule of plain[name] ?? []) Object.assign(rule, { [key]: value });
        expect(contradiction(JSON.parse(JSON.stringify(plain)))).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(projectFiles().filter((file) => /^policies\/.*\.yaml$/.test(file)))('takes %s', (file) => {
    const text = readProjectFile(file);
    const isTest = file.endsWith('.test.yaml');
    if (isTest) parsePolicyTests(text);
    else expect(problemsOf(parse(text))).toEqual([]);
    const check = isTest ? validTests : valid;
    expect([check(parse(text)), check.errors]).toEqual([true, null]);
  });

  it('is the one that editors get', () => {
    const file = new URL('../../../docs/reference/policy-schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(policyJsonSchema());
  });
});
