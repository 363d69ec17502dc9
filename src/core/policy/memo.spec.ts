import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { documents, moment, PURPOSES, principal, table } from '../../../test/support/random-policies.js';
import type { TableMeta } from '../catalog/catalog.js';
import { STRING } from '../plan/types.js';
import { type CompiledPolicies, compilePolicies } from './compile.js';
import { canBrowse, decide, holdsAnywhere } from './decide.js';
import type { Principal } from './decision.js';
import { parsePolicy } from './document.js';
import { DecidingPolicies } from './memo.js';

const compiled = (written: readonly unknown[]): CompiledPolicies =>
  compilePolicies(
    written.map((document) => ({ document: parsePolicy(document), version: 1 })),
    3,
  );
const ANA: Principal = { user: 'ana', roles: ['b', 'a'], groups: [], attributes: {}, via: 'test' };
const TABLE: TableMeta = {
  id: 'lake.main.t',
  catalog: 'lake',
  schema: 'main',
  table: 't',
  columns: [{ name: 'c', type: STRING, nullable: true, tags: [] }],
  tags: [],
  source: { format: 'parquet', files: [], partitions: [] },
  version: '1',
};

describe('a remembered decision', () => {
  it('is the one that would be made now, in any order of people, tables, purposes and times', () => {
    const question = fc.record({
      principal,
      tables: fc.uniqueArray(table, { maxLength: 2, selector: (one) => one.id }),
      now: moment,
      purpose: fc.constantFrom(...PURPOSES, ''),
    });
    fc.assert(
      fc.property(documents, fc.array(question, { minLength: 2, maxLength: 12 }), (written, questions) => {
        const policies = compiled(written);
        const deciding = new DecidingPolicies(policies);
        for (const asked of [...questions, ...questions.toReversed()]) {
          expect(deciding.decide(asked)).toEqual(decide(policies, asked));
          for (const one of asked.tables) {
            const browse = canBrowse(policies, asked.principal, one, asked.now);
            expect(deciding.canBrowse(asked.principal, one, asked.now)).toBe(browse);
          }
          const explains = holdsAnywhere(policies, asked.principal, 'explain', asked.now);
          expect(deciding.holdsAnywhere(asked.principal, 'explain', asked.now)).toBe(explains);
        }
      }),
      { numRuns: 50 },
    );
  });

  const grant = { allow: ['read'], to: ['user:ana'], on: ['lake'] };
  const timed = { ...grant, valid: { from: '2026-01-01', until: '2026-01-02T12:00:00+02:00' } };
  const policies = compiled([{ kind: 'policy', name: 'p', grants: [timed] }]);
  const [from, until] = [Date.parse('2026-01-01T00:00:00Z'), Date.parse('2026-01-02T10:00:00Z')];

  it('ends at the moment at which a rule starts or ends, also when the clock is set back', () => {
    const deciding = new DecidingPolicies(policies);
    const allowed = (now: number): boolean =>
      deciding.decide({ principal: ANA, tables: [TABLE], now }).allowed;
    const times = [from - 1, from, until - 1, until, until - 1, from - 1];
    expect(times.map(allowed)).toEqual([false, true, true, false, true, false]);
  });

  it('says until when it holds', () => {
    const at = (now: number): number | undefined =>
      decide(policies, { principal: ANA, tables: [TABLE], now }).validUntil;
    expect([from - 1, from, until - 1, until].map(at)).toEqual([from, until, until, undefined]);
  });

  it('is given again while nothing differs, whatever order the roles come in', () => {
    const deciding = new DecidingPolicies(policies);
    const first = deciding.decide({ principal: ANA, tables: [TABLE], now: from });
    const same = { ...ANA, roles: [...ANA.roles].reverse() };
    expect(deciding.decide({ principal: same, tables: [TABLE], now: from + 1 })).toBe(first);
    const changed = { ...TABLE, version: '2' };
    expect(deciding.decide({ principal: ANA, tables: [changed], now: from })).not.toBe(first);
  });

  it('cannot be had for another question by a purpose that looks like one', () => {
    const deciding = new DecidingPolicies(policies);
    const other = { ...TABLE, id: 'lake.main.u', table: 'u' };
    const both = { principal: ANA, purpose: 'p', tables: [other, TABLE], now: from };
    deciding.decide(both);
    for (const purpose of ['p\u0001lake.main.u\u00011', '"p"\u0001lake.main.u\u00011']) {
      const decision = deciding.decide({ ...both, purpose, tables: [TABLE] });
      expect([decision.purpose, [...decision.tables.keys()]]).toEqual([purpose, ['lake.main.t']]);
    }
  });
});
