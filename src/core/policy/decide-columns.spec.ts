/** Rules that all meet on one column, which random policies rarely do: held to the policies read once more, slowly. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Asked,
  columnRules,
  combined,
  standingMasks,
  type WrittenPolicy,
} from '../../../test/support/policy-reference.js';
import { maskText } from '../../../test/support/random-policies.js';
import type { TableMeta } from '../catalog/catalog.js';
import { BIGINT, STRING } from '../plan/types.js';
import { compilePolicies } from './compile.js';
import { decide } from './decide.js';
import type { Principal } from './decision.js';
import { parsePolicy } from './document.js';
import { compareMasks, maskFits, maskOf } from './masks.js';

const RUNS = 300;
const PRINCIPAL: Principal = { user: 'ana', roles: ['analyst'], groups: [], attributes: {}, via: 'test' };
const TABLE: TableMeta = {
  id: 'shop.crm.people',
  catalog: 'shop',
  schema: 'crm',
  table: 'people',
  columns: [
    { name: 'Email', type: STRING, nullable: true, tags: ['PII'] },
    { name: 'id', type: BIGINT, nullable: true, tags: [] },
  ],
  tags: ['gold'],
  source: { format: 'parquet', files: [], partitions: [] },
  version: '1',
};
const question: Asked = { principal: PRINCIPAL, table: TABLE, now: 0 };

const rule = fc
  .record({
    on: fc.constantFrom(
      'shop.crm.people.email',
      'Shop.crm.people.EMAIL',
      'shop.crm.people.id',
      'tag:pii',
      'tag:gold',
    ),
    to: fc.constantFrom('all', 'role:analyst', 'role:analyst', 'role:other'),
    mask: fc.oneof(
      { weight: 3, arbitrary: fc.constant('clear') },
      { weight: 5, arbitrary: maskText },
      { weight: 1, arbitrary: fc.constant(undefined) },
    ),
    predicate: fc.constantFrom(undefined, undefined, 'deny', 'allow'),
    except: fc.constantFrom(undefined, undefined, undefined, ['user:ana'], ['user:bo']),
  })
  .map(({ on, to, mask, predicate, except }) => ({
    on: [on],
    to: [to],
    ...(mask === undefined ? { predicate: predicate ?? 'allow' } : { mask }),
    ...(predicate === undefined ? {} : { predicate }),
    ...(except === undefined ? {} : { except }),
  }));
const policies = fc
  .array(fc.array(rule, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 2 })
  .map((documents) =>
    documents.map((columns, d) => ({
      kind: 'policy',
      name: `p${d}`,
      columns: columns.map((one, i) => ({ name: `r${i}`, ...one })),
    })),
  );

const decided = (written: readonly Record<string, unknown>[]) => {
  const documents = written.map((document, i) => ({ document: parsePolicy(document), version: i + 1 }));
  const decision = decide(compilePolicies(documents, 1), { principal: PRINCIPAL, tables: [TABLE], now: 0 });
  return decision.tables.get(TABLE.id)?.columns ?? [];
};
/** As the reference wants them. */
const asWritten = (written: readonly Record<string, unknown>[]): readonly WrittenPolicy[] =>
  written.map((document) => ({ grants: [], rows: [], purposes: [], open: [], ...document })) as never;

describe('rules that meet on a column', () => {
  it('give the strictest mask that no clear lifts, and forbid predicates where any forbids', () => {
    fc.assert(
      fc.property(policies, (written) => {
        const reference = asWritten(written);
        const found = decided(written).map(({ mask, predicate }) => ({ mask, predicate }));
        const expected = TABLE.columns.map(({ type }, i) => {
          const mask = maskOf(combined(standingMasks(reference, question, i)) as never);
          const denies = columnRules(reference, question, i).some((one) => one.predicate === 'deny');
          return {
            mask: maskFits(mask, type) ? mask : { kind: 'null' },
            predicate: denies ? 'deny' : 'allow',
          };
        });
        expect(found).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
  });

  it('are told, each that stands and no other, the strictest first', () => {
    fc.assert(
      fc.property(policies, (written) => {
        const reference = asWritten(written);
        decided(written).forEach(({ rules }, i) => {
          const masks = new Map<string, unknown>();
          for (const policy of reference)
            for (const one of standing(reference, policy, i))
              masks.set(`${policy.name}/${one.name}`, one.mask);
          const told = rules.map(({ policy, rule: name }) => `${policy}/${name}`);
          expect([...new Set(told)].sort()).toEqual([...masks.keys()].sort());
          for (const { policy, version } of rules) expect(`p${version - 1}`).toBe(policy);
          const [first, second] = told.map((id) => maskOf(masks.get(id) as never));
          if (told.length === 2 && first !== undefined && second !== undefined)
            expect(compareMasks(first, second) ?? 0).toBeGreaterThanOrEqual(0);
        });
      }),
      { numRuns: RUNS },
    );
  });
});

/** Rules of one document that stand beside all others. */
function standing(all: readonly WrittenPolicy[], policy: WrittenPolicy, column: number) {
  const rules = columnRules(all, question, column);
  const cleared = rules.filter((one) => one.mask === 'clear');
  return columnRules([policy], question, column).filter(
    (one) =>
      one.mask !== undefined &&
      one.mask !== 'clear' &&
      !cleared.some((clear) => clear.scope === one.scope || one.own),
  );
}
