import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ScopeRules } from './scope-rules.js';

const key = fc.constantFrom('all', 'user:a', 'role:a', 'role:b', 'group:a');

describe('the rules of a scope', () => {
  it('that speak to somebody are found once each, few rules or many', () => {
    const rule = fc.array(key, { minLength: 1, maxLength: 4 }).map((to) => ({ to }));
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 20 }), fc.uniqueArray(key), (rules, subjects) => {
        const scope = new ScopeRules<{ readonly to: readonly string[] }>();
        for (const one of rules) scope.add(one);
        const expected = rules.filter((one) => one.to.some((to) => subjects.includes(to)));
        const found = [...scope.speakingTo(subjects)];
        expect(found).toHaveLength(expected.length);
        expect(new Set(found)).toEqual(new Set(expected));
      }),
    );
  });
});
