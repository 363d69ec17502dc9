/** What a decision says of itself: grants, rows as a tree, notices, remedies; and rights that are about no table. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isValid, keysOf, type WrittenPolicy } from '../../../test/support/policy-reference.js';
import { documents, moment, principal } from '../../../test/support/random-policies.js';
import type { TableMeta } from '../catalog/catalog.js';
import { STRING } from '../plan/types.js';
import { compilePolicies } from './compile.js';
import { ACTIONS, decide, holdsAnywhere } from './decide.js';
import type { Principal } from './decision.js';
import { parsePolicy } from './document.js';
import { DecidingPolicies } from './memo.js';

const RUNS = 150;
const ANA: Principal = { user: 'ana', roles: [], groups: [], attributes: {}, via: 'test' };
const table = (name: string, more: Partial<TableMeta> = {}): TableMeta => ({
  id: `lake.main.${name}`,
  catalog: 'lake',
  schema: 'main',
  table: name,
  columns: [{ name: 'c', type: STRING, nullable: true, tags: [] }],
  tags: [],
  source: { format: 'parquet', files: [], partitions: [] },
  version: '1',
  ...more,
});
const compiled = (...written: readonly Record<string, unknown>[]) =>
  compilePolicies(
    written.map((document, i) => ({
      document: parsePolicy({ kind: 'policy', ...document }),
      version: i + 1,
    })),
    7,
  );
const READ = { name: 'readers', allow: ['browse', 'read'], to: ['all'], on: ['lake'] };
const ask = (policies: ReturnType<typeof compiled>, tables: readonly TableMeta[], purpose?: string) =>
  decide(policies, { principal: ANA, tables, now: 0, ...(purpose === undefined ? {} : { purpose }) });

describe('a right that is about no table', () => {
  it('is held where some grant gives it and none in force takes it, remembered or not', () => {
    fc.assert(
      fc.property(documents, principal, moment, fc.constantFrom(...ACTIONS), (written, who, now, action) => {
        const policies = written as unknown as readonly WrittenPolicy[];
        const keys = keysOf(who);
        const speaking = policies.flatMap((policy) =>
          policy.grants.filter(
            (rule) =>
              isValid(policy.valid, now) &&
              isValid(rule.valid, now) &&
              rule.to.some((key) => keys.includes(key)) &&
              !(rule.except ?? []).some((key) => keys.includes(key)),
          ),
        );
        const held =
          speaking.some((rule) => rule.allow?.includes(action)) &&
          !speaking.some((rule) => rule.deny?.includes(action));
        const own = compilePolicies(
          written.map((document, i) => ({ document: parsePolicy(document), version: i + 1 })),
          1,
        );
        expect(holdsAnywhere(own, who, action, now)).toBe(held);
        const deciding = new DecidingPolicies(own);
        for (let time = 0; time < 2; time += 1) expect(deciding.holdsAnywhere(who, action, now)).toBe(held);
      }),
      { numRuns: RUNS },
    );
  });

  it('is told apart by action, principal and moment when it is remembered', () => {
    const grants = [
      { allow: ['write'], to: ['user:ana'], on: ['lake'], valid: { until: '1970-01-02' } },
      { allow: ['read'], to: ['role:analyst', 'group:eu'], on: ['lake'] },
    ];
    const deciding = new DecidingPolicies(compiled({ name: 'p', grants }));
    expect(deciding.version).toBe(7);
    const day = Date.parse('1970-01-02');
    expect(deciding.holdsAnywhere(ANA, 'write', day - 1)).toBe(true);
    expect(deciding.holdsAnywhere(ANA, 'read', day - 1)).toBe(false);
    expect(deciding.holdsAnywhere({ ...ANA, roles: ['analyst'] }, 'read', day - 1)).toBe(true);
    expect(deciding.holdsAnywhere({ ...ANA, groups: ['eu'] }, 'read', day - 1)).toBe(true);
    expect(deciding.holdsAnywhere({ ...ANA, user: 'bo' }, 'write', day - 1)).toBe(false);
    expect(deciding.holdsAnywhere(ANA, 'write', day)).toBe(false);
    expect(deciding.holdsAnywhere(ANA, 'write', day - 1)).toBe(true);
  });
});

describe('a decision tells', () => {
  it('of each grant which action it allows or denies, by whose word', () => {
    const policies = compiled(
      { name: 'p', grants: [READ] },
      { name: 'q', grants: [{ name: 'no', deny: ['write'], to: ['user:ana'], on: ['lake.main'] }] },
    );
    const { grants } = ask(policies, [table('t')]).tables.get('lake.main.t')!;
    const told = grants.map((one) => [one.policy, one.rule, one.version, one.effect, one.action].join(' '));
    expect(told.sort()).toEqual(['p readers 1 allow browse', 'p readers 1 allow read', 'q no 2 deny write']);
  });

  it('of the own schema that it is built in, and that a document beats it', () => {
    const own = table('t', { id: 'work.ana.t', catalog: 'work', schema: 'ana' });
    const decided = (...written: readonly Record<string, unknown>[]) =>
      ask(compiled(...written), [own]).tables.get('work.ana.t')!;
    const { grants, actions } = decided();
    expect(
      grants.map(({ policy, rule, version, effect, action }) => [policy, rule, version, effect, action]),
    ).toEqual(['browse', 'read', 'write'].map((action) => ['built-in', 'own-schema', 0, 'allow', action]));
    expect(ACTIONS.filter((action) => actions[action])).toEqual(['browse', 'read', 'write']);
    const denied = decided({ name: 'p', grants: [{ deny: ['write'], to: ['all'], on: ['work'] }] });
    expect(denied.actions).toMatchObject({ read: true, write: false });
    const stranger = { ...own, id: 'work.bo.t', schema: 'bo' };
    expect(ask(compiled(), [stranger]).allowed).toBe(false);
  });

  it('whom to ask for what, of the first table that is refused', () => {
    const nobody = ask(compiled(), [table('a', { owner: 'bo' }), table('b')]);
    expect(nobody.remedy).toBe('Ask its owner, bo, or a steward for the read right on lake.main.a.');
    expect(ask(compiled(), [table('b'), table('a', { owner: 'bo' })]).remedy).toBe(
      'Ask its owner or a steward for the read right on lake.main.b.',
    );
    const allowed = ask(compiled({ name: 'p', grants: [READ] }), [table('a')]);
    expect(Object.keys(allowed)).not.toContain('remedy');
    expect(Object.keys(allowed)).not.toContain('purpose');
    expect(Object.keys(allowed)).not.toContain('validUntil');
    expect(ask(compiled({ name: 'p', grants: [READ] }), [table('a')], 'care').purpose).toBe('care');
  });

  it('of a purpose only to whom it would help', () => {
    const purposes = [{ on: ['lake'], require: ['care', 'research'] }];
    const may = ask(compiled({ name: 'p', grants: [READ], purposes }), [table('t')]);
    expect(may.notices).toEqual([
      { code: 'PURPOSE_REQUIRED', text: 'lake.main.t may be read for care or research.' },
    ]);
    expect(may.tables.get('lake.main.t')!.actions).toMatchObject({ browse: true, read: false });
    const mayNot = ask(compiled({ name: 'p', grants: [], purposes }), [table('t')]);
    expect(mayNot.notices).toEqual([]);
    expect(mayNot.remedy).toMatch(/^Ask its owner/);
    const later = { name: 'q', purposes, valid: { from: '1970-01-02' } };
    const before = ask(compiled({ name: 'p', grants: [READ] }, later), [table('t')]);
    expect([before.allowed, before.validUntil]).toEqual([true, Date.parse('1970-01-02')]);
  });

  it('of rows a tree with no more in it than there is to say', () => {
    const rows = (...rules: readonly [string, string][]) =>
      ask(
        compiled({
          name: 'p',
          grants: [READ],
          rows: rules.map(([mode, to], i) => ({
            name: `r${i}`,
            on: ['lake.main.t'],
            to: [to],
            mode,
            where: 'true',
          })),
        }),
        [table('t')],
      );
    const shape = (node: { kind: string; parts?: readonly never[]; rule?: { rule: string } }): unknown =>
      node.parts === undefined ? (node.rule?.rule ?? node.kind) : [node.kind, ...node.parts.map(shape)];
    const shapeOf = (...rules: readonly [string, string][]): unknown =>
      shape(rows(...rules).tables.get('lake.main.t')!.rows as never);
    expect(shapeOf()).toBe('all');
    expect(shapeOf(['permissive', 'all'])).toBe('r0');
    expect(shapeOf(['restrictive', 'all'])).toBe('r0');
    expect(shapeOf(['permissive', 'all'], ['permissive', 'user:ana'])).toEqual(['or', 'r0', 'r1']);
    expect(shapeOf(['permissive', 'all'], ['restrictive', 'all'])).toEqual(['and', 'r0', 'r1']);
    expect(shapeOf(['restrictive', 'all'], ['restrictive', 'user:bo'])).toBe('r0');
    expect(rows(['permissive', 'user:bo']).notices).toEqual([
      { code: 'ROWS_NONE', text: 'No row rule of lake.main.t applies to you, so it has no rows for you.' },
    ]);
  });
});
