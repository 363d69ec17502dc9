import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { documents } from '../../../test/support/random-policies.js';
import { GovernanceError } from '../errors.js';
import { DOCUMENT_LENGTH_MAX_CHARS, parsePolicy } from './document.js';
import { parsePolicyTests } from './policy-test.js';
import { parsePolicyYaml } from './policy-yaml.js';

const POLICIES = fileURLToPath(new URL('../../../policies/', import.meta.url));
const STARTERS = readdirSync(POLICIES)
  .filter((file) => file.endsWith('.yaml') && !file.endsWith('.test.yaml'))
  .map((file) => readFileSync(`${POLICIES}${file}`, 'utf8'));
const GUIDE = readFileSync(
  fileURLToPath(new URL('../../../docs/how-to/policies.md', import.meta.url)),
  'utf8',
);
/** CPU time; without the bounds these take from 4 s to for ever. */
const BOMB_MAX_MS = 2_000;

const refusal = (text: string): GovernanceError | undefined => {
  try {
    parsePolicyYaml(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof GovernanceError) || error.code !== 'POLICY_INVALID') throw error;
    return error;
  }
};

describe('YAML of a policy', () => {
  it('is the document that is meant', () => {
    fc.assert(
      fc.property(documents, ([document]) => {
        expect(parsePolicyYaml(stringify(document)).document).toEqual(parsePolicy(document));
        expect(parsePolicyYaml(JSON.stringify(document)).document).toEqual(parsePolicy(document));
      }),
      { numRuns: 50 },
    );
    for (const text of STARTERS) expect(parsePolicyYaml(text).document.kind).toBe('policy');
  });

  it('is what the guide shows', () => {
    const examples = [...GUIDE.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml);
    expect(examples).toHaveLength(6);
    for (const example of examples) {
      if (example.startsWith('kind: policy-tests')) expect(parsePolicyTests(example).tests).toHaveLength(1);
      else
        expect(
          refusal(example.startsWith('kind:') ? example : `kind: policy\nname: p\n${example}`),
        ).toBeUndefined();
    }
  });

  it('may say things once with an anchor', () => {
    const text = `kind: policy
name: p
columns:
  - { on: [shop.a.b.c], to: [all], except: &officers [role:privacy, role:steward], mask: redact }
  - { on: [shop.a.b.d], to: [all], except: *officers, mask: redact }`;
    expect(parsePolicyYaml(text).document.columns[1]?.except).toEqual(['role:privacy', 'role:steward']);
  });

  it('takes a day for a day', () => {
    const text = 'kind: policy\nname: p\nvalid: { from: 2026-01-01 }';
    expect(parsePolicyYaml(text).document.valid).toEqual({ from: '2026-01-01' });
  });

  const head = 'kind: policy\nname: p\n';
  const placed: readonly (readonly [string, string, number, RegExp])[] = [
    ['an unknown key', `${head}grants:\n  - form: 1\n    allow: [read]`, 4, /not a key/],
    [
      'a bare subject',
      `${head}grants:\n  - allow: [read]\n    on: [shop]\n    to:\n      - analyst`,
      7,
      /must be all/,
    ],
    [
      'a mask without quotes',
      `${head}columns:\n  - on: [a.b.c.d]\n    to: [all]\n    mask: null`,
      6,
      /in quotes/,
    ],
    [
      'a name used twice',
      `${head}rows:\n  - &r {name: r, on: [a], to: [all], where: a}\n  - *r`,
      5,
      /used twice/,
    ],
    ['a key twice', `${head}grants: []\ngrants: []`, 4, /has the key grants twice/],
    ['a key that is a list', `${head}? [a]\n: b`, 3, /no text/],
    ['a tag of its own', `${head}description: !secret x`, 3, /Unresolved tag/],
    ['two documents', `${head}---\n${head}`, 3, /several documents/],
    ['a tab', `${head}grants:\n\t- a`, 4, /is not YAML/],
    ['an open quote', `${head}description: "a`, 3, /is not YAML/],
  ];
  it.each(placed)('with %s says which line', (_, text, line, message) => {
    const problem = expect.objectContaining({ line, message: expect.stringMatching(message) });
    expect(refusal(text)?.details.problems).toContainEqual(problem);
    expect(refusal(text)?.message).toContain(`(line ${line})`);
  });

  const many = (n: number, part: (i: number) => string): string =>
    Array.from({ length: n }, (_, i) => part(i)).join('');
  const bombs: readonly (readonly [string, string, RegExp?])[] = [
    ['brackets', '['.repeat(DOCUMENT_LENGTH_MAX_CHARS), /nests deeper/],
    ['some brackets', '['.repeat(50), /nests deeper/],
    ['braces', '{a: '.repeat(60_000)],
    ['dashes', '- '.repeat(130_000)],
    ['question marks', '? '.repeat(130_000)],
    ['colons', ': '.repeat(130_000)],
    ['indentation', many(700, (i) => `${' '.repeat(i)}a:\n`)],
    ['dashes on lines', many(700, (i) => `${' '.repeat(i)}-\n`)],
    ['anchors', '&a '.repeat(20_000), /anchors and aliases/],
    ['aliases', `a: &a x\nb: [${'*a,'.repeat(80_000)}]`],
    ['laughs', many(20, (i) => `a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}x]\n`)],
    ['a circle', 'kind: &a [*a]'],
    ['an alias of nothing', 'kind: *a'],
    ['one long list, many times', `a: &a [${'x,'.repeat(50_000)}]\nb: [${'*a,'.repeat(90)}]`],
    ['keys', many(30_000, (i) => `a${i}: 1\n`)],
    ['the same key', 'a: 1\n'.repeat(30_000)],
    ['errors', 'a: b: c\n'.repeat(30_000)],
    ['items', `[${'a,\n'.repeat(80_000)}]`],
    ['length', 'x'.repeat(DOCUMENT_LENGTH_MAX_CHARS + 1)],
  ];
  it.each(bombs)('made of %s is refused in time', (_, text, message = /./) => {
    const started = process.cpuUsage();
    expect(refusal(text)?.message).toMatch(message);
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(BOMB_MAX_MS);
  });

  it('never fails but with a problem, whatever the text', () => {
    const edits = fc.array(
      fc.tuple(
        fc.nat(),
        fc.nat({ max: 4 }),
        fc.constantFrom(
          '',
          ':',
          '-',
          '[',
          '}',
          '&a ',
          '*a',
          '|',
          '"',
          '\t',
          '\n',
          '!!x ',
          '0',
          '\u0000',
          '\ud800',
          '%',
          '---\n',
        ),
      ),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...STARTERS), edits, fc.string(), (text, changes, noise) => {
        const edited = changes.reduce((now, [at, length, put]) => {
          const from = at % now.length;
          return now.slice(0, from) + put + now.slice(from + length);
        }, text);
        expect(typeof refusal(edited)).toMatch(/object|undefined/);
        expect(refusal(noise)).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });
});
