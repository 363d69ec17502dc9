/** Index and memo against Casbin over all rules, and against policies read once more, slowly. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { type Enforcer, newEnforcer, newModelFromString } from 'casbin';
import fc from 'fast-check';
import {
  type Asked,
  columnRules,
  combined,
  isOn,
  isOpen,
  isValid,
  keepsRow,
  keysOf,
  lacksPurpose,
  standingMasks,
  type Truth,
  type WrittenPolicy,
} from '../../../test/support/policy-reference.js';
import { documents, moment, PURPOSES, principal, table } from '../../../test/support/random-policies.js';
import type { TableMeta } from '../catalog/catalog.js';
import { CASBIN_MODEL } from './casbin.js';
import { compilePolicies } from './compile.js';
import { ACTIONS } from './decide.js';
import type { Decision, Mask, Principal, RowCondition, TableDecision } from './decision.js';
import { parsePolicy } from './document.js';
import { maskFits, maskOf } from './masks.js';
import { DecidingPolicies } from './memo.js';

const MODEL = readFileSync(fileURLToPath(new URL('../../../policies/model.conf', import.meta.url)), 'utf8');
const RUNS = process.env.SLUICE_LONG ? 5_000 : 100;
const REQUESTS = 6;

const compiled = (written: readonly unknown[]): DecidingPolicies =>
  new DecidingPolicies(
    compilePolicies(
      written.map((document, i) => ({ document: parsePolicy(document), version: i + 1 })),
      7,
    ),
  );
const asked: fc.Arbitrary<Asked> = fc
  .record({ principal, table, now: moment, purpose: fc.constantFrom(undefined, ...PURPOSES) })
  .map(({ purpose, ...rest }) => (purpose === undefined ? rest : { ...rest, purpose }));
const requests = fc.array(asked, { minLength: REQUESTS, maxLength: REQUESTS });
const decided = (policies: DecidingPolicies, { table: one, ...rest }: Asked): Decision =>
  policies.decide({ ...rest, tables: [one] });
const only = (decision: Decision): TableDecision => {
  const [first] = decision.tables.values();
  if (first === undefined) throw new Error('no table was decided on');
  return first;
};
/** The same questions again, so that the memo answers; between them others, at other times. */
const twice = (questions: readonly Asked[]): readonly Asked[] => [...questions, ...questions];

/** Every grant of every document, whoever it speaks to and whenever: Casbin has to find its way. */
async function everyRule(policies: readonly WrittenPolicy[]): Promise<Enforcer> {
  const enforcer = await newEnforcer(newModelFromString(MODEL));
  await enforcer.addFunction('subjectMatch', (who: string, written: string) => {
    const { keys, now } = JSON.parse(who);
    const { to, except, valid } = JSON.parse(written);
    return (
      keys.includes(to) &&
      !except.some((key: string) => keys.includes(key)) &&
      valid.every((one: { from?: string }) => isValid(one, now))
    );
  });
  await enforcer.addFunction('objectMatch', (what: string, written: string) => {
    const { pattern, narrows } = JSON.parse(written);
    return isOn(pattern, JSON.parse(what), narrows);
  });
  const lines = policies.flatMap((policy) =>
    policy.grants.flatMap((rule) =>
      rule.to.flatMap((to) =>
        rule.on.flatMap((pattern) =>
          (rule.allow ?? rule.deny ?? []).map((action) => [
            JSON.stringify({ to, except: rule.except ?? [], valid: [policy.valid ?? {}, rule.valid ?? {}] }),
            JSON.stringify({ pattern, narrows: rule.deny !== undefined }),
            action,
            rule.deny === undefined ? 'allow' : 'deny',
          ]),
        ),
      ),
    ),
  );
  // Without a line Casbin would try its functions on nothing.
  lines.push([
    JSON.stringify({ to: '', except: [], valid: [] }),
    JSON.stringify({ pattern: '' }),
    'read',
    'deny',
  ]);
  const unique = [...new Map(lines.map((line) => [JSON.stringify(line), line])).values()];
  await enforcer.addPolicies(unique);
  return enforcer;
}

describe('the Casbin model', () => {
  it('is the one in policies/model.conf', () => {
    expect(CASBIN_MODEL).toBe(MODEL);
  });
});

describe('a decision on actions', () => {
  it('is the one of Casbin over all rules, remembered or not', async () => {
    await fc.assert(
      fc.asyncProperty(documents, requests, async (written, questions) => {
        const policies = written as unknown as readonly WrittenPolicy[];
        const casbin = await everyRule(policies);
        const deciding = compiled(written);
        const expected = questions.map((question) => {
          const who = JSON.stringify({ keys: keysOf(question.principal), now: question.now });
          const open = isOpen(policies, question);
          const allowed = ACTIONS.filter(
            (action) =>
              casbin.enforceSync(who, JSON.stringify(question.table), action) ||
              (open && (action === 'browse' || action === 'read')),
          );
          const missing = lacksPurpose(policies, question);
          return {
            browse: allowed.includes('browse'),
            actions: allowed.filter((a) => a !== 'read' || !missing),
          };
        });
        for (const round of [questions, questions]) {
          const found = round.map((question) => {
            const { actions } = only(decided(deciding, question));
            const browse = deciding.canBrowse(question.principal, question.table, question.now);
            return { browse, actions: ACTIONS.filter((action) => actions[action]) };
          });
          expect(found).toEqual(expected);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('is no, when any rule in force that speaks to the person denies', () => {
    fc.assert(
      fc.property(documents, asked, (written, question) => {
        const deny = {
          kind: 'policy',
          name: 'no',
          grants: [{ deny: [...ACTIONS], to: [`user:${question.principal.user}`], on: [question.table.id] }],
        };
        const { actions } = only(decided(compiled([...written, deny]), question));
        expect(Object.values(actions)).toEqual(ACTIONS.map(() => false));
      }),
      { numRuns: RUNS },
    );
  });

  it('is no by default, and yes for browse and read in an open catalog that no grant speaks of', () => {
    const question = (catalog: string): Asked => ({
      principal: { user: 'ana', roles: [], groups: [], attributes: {}, via: 'test' },
      table: plainTable(catalog),
      now: 0,
    });
    const open = { kind: 'policy', name: 'open', open: ['Lake'] };
    const yes = ACTIONS.filter((action) => only(decided(compiled([open]), question('lake'))).actions[action]);
    expect(yes).toEqual(['browse', 'read']);
    const ended = { ...open, valid: { until: '1970-01-01' } };
    expect(Object.values(only(decided(compiled([ended]), question('lake'))).actions)).not.toContain(true);
    const shop = only(decided(compiled([open]), question('shop'))).actions;
    expect(Object.values(shop)).not.toContain(true);
    const grants = [
      { allow: ['read'], to: ['user:bo'], on: ['lake.main.t'], valid: { until: '1960-01-01' } },
    ];
    const spoken = only(decided(compiled([{ ...open, grants }]), question('lake'))).actions;
    expect(Object.values(spoken)).not.toContain(true);
  });

  it('does not take a user for the role, nor a strange name for two subjects', () => {
    const grants = [{ allow: ['read'], to: ['role:analyst'], on: ['lake'] }];
    const deciding = compiled([{ kind: 'policy', name: 'p', grants }]);
    for (const user of ['analyst', 'role:analyst', 'x|role:analyst', 'x|role:analyst|']) {
      const who: Principal = { user, roles: [], groups: ['analyst'], attributes: {}, via: 'test' };
      expect(decided(deciding, { principal: who, table: plainTable('lake'), now: 0 }).allowed).toBe(false);
    }
  });
});

describe('a refusal', () => {
  it('names no column that is hidden', () => {
    const { columns, ...rest } = plainTable('lake');
    const table: TableMeta = {
      ...rest,
      columns: [...columns, ...columns.map((c) => ({ ...c, name: 'Secret' }))],
    };
    const hide = { on: ['lake.main.t.secret'], to: ['all'], mask: 'hide' };
    const who: Principal = { user: 'ana', roles: [], groups: [], attributes: {}, via: 'test' };
    const deciding = compiled([{ kind: 'policy', name: 'p', columns: [hide] }]);
    const { denied } = decided(deciding, { principal: who, table, now: 0 });
    expect(denied).toEqual([{ object: 'lake.main.t', columns: ['c'], action: 'read' }]);
  });
});

describe('a decision on rows', () => {
  it('keeps the rows that the policies keep, whatever the rules say of a row', () => {
    const says = fc.func(fc.constantFrom<Truth>(true, false, null));
    fc.assert(
      fc.property(documents, requests, says, (written, questions, truth) => {
        const policies = written as unknown as readonly WrittenPolicy[];
        const deciding = compiled(written);
        for (const question of twice(questions)) {
          const { rows } = only(decided(deciding, question));
          const rule = (id: string): Truth => truth(id);
          expect(holds(rows, rule) === true).toBe(keepsRow(policies, question, rule));
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('is none, with a notice, where permissive rules exist and none is for the person', () => {
    const document = {
      kind: 'policy',
      name: 'p',
      grants: [{ allow: ['read'], to: ['all'], on: ['lake'] }],
      rows: [{ name: 'bo-only', on: ['lake.main.t'], to: ['user:bo'], mode: 'permissive', where: 'true' }],
    };
    const who: Principal = { user: 'ana', roles: [], groups: [], attributes: {}, via: 'test' };
    const decision = decided(compiled([document]), { principal: who, table: plainTable('lake'), now: 0 });
    expect(decision.allowed).toBe(true);
    expect(only(decision).rows).toEqual({ kind: 'none' });
    expect(decision.notices.map((notice) => notice.code)).toEqual(['ROWS_NONE']);
  });
});

describe('a decision on columns', () => {
  it('is the strictest of what stands, and forbids predicates where any rule does', () => {
    fc.assert(
      fc.property(documents, requests, (written, questions) => {
        const policies = written as unknown as readonly WrittenPolicy[];
        const deciding = compiled(written);
        for (const question of twice(questions)) {
          const found = only(decided(deciding, question)).columns;
          const expected = question.table.columns.map(({ type }, i) => {
            const mask = maskOf(combined(standingMasks(policies, question, i)) as never);
            const fitting: Mask = maskFits(mask, type) ? mask : { kind: 'null' };
            const deny = columnRules(policies, question, i).some((rule) => rule.predicate === 'deny');
            return { mask: fitting, predicate: deny ? 'deny' : 'allow', because: fitting.kind !== 'clear' };
          });
          expect(
            found.map(({ mask, predicate, rules }) => ({ mask, predicate, because: rules.length > 0 })),
          ).toEqual(expected);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('a decision on a purpose', () => {
  it('says which, and how to send it', () => {
    const granted = { kind: 'policy', name: 'g', grants: [{ allow: ['read'], to: ['all'], on: ['lake'] }] };
    const document = {
      kind: 'policy',
      name: 'p',
      purposes: [{ on: ['tag:health'], require: ['care', 'research'] }],
    };
    const { columns, ...rest } = plainTable('lake');
    const tagged = { ...rest, columns: columns.map((column) => ({ ...column, tags: ['Health'] })) };
    const who: Principal = { user: 'ana', roles: [], groups: [], attributes: {}, via: 'test' };
    const ask = (purpose?: string, rest: object = {}) =>
      decided(compiled([granted, { ...document, ...rest }]), {
        principal: who,
        table: tagged,
        now: 0,
        ...(purpose === undefined ? {} : { purpose }),
      });
    expect(ask('care')).toMatchObject({ allowed: true, purpose: 'care', notices: [] });
    expect(ask('sales')).toMatchObject({
      allowed: false,
      remedy: 'Send "purpose": "care" or "research".',
      notices: [{ code: 'PURPOSE_REQUIRED' }],
    });
    expect(ask('sales', { valid: { until: '1970-01-01' } }).allowed).toBe(true);
    expect(ask().denied).toEqual([{ object: 'lake.main.t', columns: ['c'], action: 'read' }]);
  });
});

/** SQL's three-valued logic over the tree of rules. */
function holds(rows: RowCondition, says: (rule: string) => Truth): Truth {
  switch (rows.kind) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'rule':
      return says(`${rows.rule.policy}/${rows.rule.rule}`);
    default: {
      const parts = rows.parts.map((part) => holds(part, says));
      const decisive = rows.kind === 'or';
      if (parts.includes(decisive)) return decisive;
      return parts.includes(null) ? null : !decisive;
    }
  }
}

function plainTable(catalog: string): TableMeta {
  const columns = [{ name: 'c', type: { kind: 'string' }, nullable: true, tags: [] }] as const;
  const source = { format: 'parquet', files: [], partitions: [] } as const;
  return {
    id: `${catalog}.main.t`,
    catalog,
    schema: 'main',
    table: 't',
    columns,
    tags: [],
    source,
    version: '1',
  };
}
