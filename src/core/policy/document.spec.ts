import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mutated } from '../../../test/support/mutated.js';
import { documents } from '../../../test/support/random-policies.js';
import { GovernanceError } from '../errors.js';
import { DOCUMENT_LENGTH_MAX_CHARS, type Problem, parsePolicy } from './document.js';

const problems = (value: unknown): readonly Problem[] => {
  try {
    parsePolicy(value);
    return [];
  } catch (error) {
    if (!(error instanceof GovernanceError) || error.code !== 'POLICY_INVALID') throw error;
    expect(error.details.remedy).toBe('Correct the document; nothing was changed.');
    return error.details.problems ?? [];
  }
};
const grant = { allow: ['read'], to: ['role:analyst'], on: ['shop.crm.*'] };
const row = { name: 'r', on: ['shop'], to: ['all'], where: 'true' };
const column = { on: ['shop.crm.customers.email'], to: ['all'], mask: 'email' };
const policy = (rest: object): unknown => ({ kind: 'policy', name: 'p', ...rest });
const grants = (rest: object): unknown => policy({ grants: [{ ...grant, ...rest }] });
const columns = (rest: object): unknown => policy({ columns: [{ ...column, ...rest }] });

describe('a document', () => {
  it('is read, with what may be left out filled in', () => {
    expect(parsePolicy(policy({ rows: [row] }))).toEqual({
      kind: 'policy',
      name: 'p',
      grants: [],
      rows: [{ ...row, mode: 'restrictive' }],
      columns: [],
      purposes: [],
      resources: [],
    });
  });

  it('is read again as it was stored', () => {
    fc.assert(
      fc.property(documents, (written) => {
        for (const document of written) {
          const parsed = parsePolicy(document);
          expect(parsePolicy(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
        }
      }),
      { numRuns: 50 },
    );
  });

  const refused: readonly (readonly [string, unknown, string, RegExp])[] = [
    ['nothing', undefined, '', /must be of type object|is missing/],
    ['a list', [], '', /must be of type object/],
    ['another kind', { kind: 'role', name: 'p' }, 'kind', /must be policy/],
    ['no name', { kind: 'policy' }, 'name', /is missing/],
    ['a name with a slash', { kind: 'policy', name: 'a/b' }, 'name', /must be letters/],
    ['an unknown key', policy({ grant: [] }), 'grant', /not a key that is known here/],
    ['an unknown key of a rule', grants({ form: 1 }), 'grants.0.form', /not a key that is known here/],
    ['a prototype for a key', policy(JSON.parse('{"__proto__": {}}')), '__proto__', /not a key/],
    ['text for a list', grants({ to: 'role:analyst' }), 'grants.0.to', /must be of type array/],
    [
      'an unknown action',
      grants({ allow: ['select'] }),
      'grants.0.allow.0',
      /browse, read, .* or administer/,
    ],
    ['no action', grants({ allow: [] }), 'grants.0.allow', /at least 1/],
    ['a bare subject', grants({ to: ['analyst'] }), 'grants.0.to.0', /must be all, user:<name>/],
    ['a subject of another kind', grants({ to: ['team:a'] }), 'grants.0.to.0', /must be all/],
    ['a subject with a space behind it', grants({ to: ['role:a '] }), 'grants.0.to.0', /must be all/],
    ['a bare exception', grants({ except: ['ana'] }), 'grants.0.except.0', /must be all/],
    ['allow and deny', grants({ deny: ['read'] }), 'grants.0', /must have either allow or deny/],
    ['neither', policy({ grants: [{ to: ['all'], on: ['shop'] }] }), 'grants.0', /either allow or deny/],
    ['a star alone', grants({ on: ['*'] }), 'grants.0.on.0', /must be catalog/],
    ['a star in a name', grants({ on: ['shop.cr*'] }), 'grants.0.on.0', /must be catalog/],
    [
      'a column for a table',
      grants({ on: ['shop.crm.customers.email'] }),
      'grants.0.on.0',
      /must be catalog/,
    ],
    ['a tag with a star', grants({ on: ['tag:pii.*'] }), 'grants.0.on.0', /must be catalog/],
    ['an empty part', grants({ on: ['shop..t'] }), 'grants.0.on.0', /must be catalog/],
    ['a table for a column', columns({ on: ['shop.crm.customers'] }), 'columns.0.on.0', /table\.column/],
    ['a star for a column', columns({ on: ['shop.crm.customers.*'] }), 'columns.0.on.0', /table\.column/],
    ['no condition', policy({ rows: [{ ...row, where: '' }] }), 'rows.0.where', /at least 1/],
    ['an unnamed row rule', policy({ rows: [{ ...row, name: undefined }] }), 'rows.0.name', /is missing/],
    ['another mode', policy({ rows: [{ ...row, mode: 'and' }] }), 'rows.0.mode', /permissive or restrictive/],
    ['no mask and no predicate', columns({ mask: undefined }), 'columns.0', /a mask or a predicate/],
    ['an unknown mask', columns({ mask: 'blur' }), 'columns.0.mask', /must be clear, hide, "null"/],
    ['null for a mask', columns({ mask: null }), 'columns.0.mask', /"null" \(in quotes\)/],
    ['half a character', columns({ mask: { showLast: 1.5 } }), 'columns.0.mask', /must be clear/],
    ['two masks', columns({ mask: { showLast: 1, showFirst: 1 } }), 'columns.0.mask', /must be clear/],
    ['buckets in disorder', columns({ mask: { bucket: [1, 1] } }), 'columns.0.mask.bucket', /ascending/],
    ['rounding to nothing', columns({ mask: { round: 0 } }), 'columns.0.mask.round', /more than 0/],
    ['two rules of a name', policy({ rows: [row, row] }), 'rows.1.name', /used twice/],
    [
      'a day that is none',
      grants({ valid: { from: '2026-02-30' } }),
      'grants.0.valid.from',
      /must be a date/,
    ],
    [
      'a time without zone',
      grants({ valid: { from: '2026-02-03T10:00' } }),
      'grants.0.valid.from',
      /its zone/,
    ],
    [
      'a date in words',
      grants({ valid: { until: 'May 1, 2026' } }),
      'grants.0.valid.until',
      /must be a date/,
    ],
    [
      'an end before the start',
      grants({ valid: { from: '2026-02-03', until: '2026-02-03' } }),
      'grants.0.valid',
      /must end after it starts/,
    ],
    ['no purpose', policy({ purposes: [{ on: ['shop'], require: [] }] }), 'purposes.0.require', /at least 1/],
    ['a schema to open', policy({ open: ['shop.crm'] }), 'open.0', /the name of a catalog/],
  ];

  it.each(refused)('with %s is refused', (_, value, path, message) => {
    expect(problems(value)).toContainEqual({ path, message: expect.stringMatching(message) });
  });

  it('tells every problem, up to a screenful', () => {
    expect(problems(policy({ grants: [{}, {}], rows: [{}] })).length).toBeGreaterThan(4);
    expect(problems(policy({ grants: Array.from({ length: 400 }, () => ({})) }))).toHaveLength(50);
  });

  it('is bounded', () => {
    const long = policy({ description: 'x'.repeat(DOCUMENT_LENGTH_MAX_CHARS) });
    expect(problems(long)[0]?.message).toMatch(/is longer than/);
    const deep = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
    expect(problems(policy({ deep }))).toHaveLength(1);
  });

  it('may name columns as files do', () => {
    const on = [
      'lake.main.my file.Full Name',
      'lake.main.t.a.b',
      'LAKE.main.t.E-mail (work)',
      'lake.a:b.t.c|d',
    ];
    expect(problems(columns({ on }))).toEqual([]);
  });

  it('never fails but with a problem, whatever it is', () => {
    const anything = fc.anything({ maxDepth: 4, withNullPrototype: true, withBigInt: true, withMap: true });
    fc.assert(
      fc.property(documents, anything, fc.nat(), fc.string(), ([document], value, n, key) => {
        expect(problems(value).length).toBeGreaterThan(0);
        expect(problems(mutated(document, value, n, key))).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });
});
