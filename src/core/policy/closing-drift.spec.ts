/** A column that a rule names and that is gone or of another type closes its table, to everybody. */
import { describe, expect, it } from '@jest/globals';
import type { TableMeta } from '../catalog/catalog.js';
import type { DriftChange } from '../catalog/drift.js';
import { STRING } from '../plan/types.js';
import { closingDrift } from './closing-drift.js';
import { compilePolicies } from './compile.js';
import { decide } from './decide.js';
import { parsePolicy } from './document.js';

const grants = [{ allow: ['browse', 'read', 'explain'], to: ['all'], on: ['lake'] }];
const policies = (parts: object) =>
  compilePolicies(
    [{ version: 1, document: parsePolicy({ kind: 'policy', name: 'p', grants, ...parts }) }],
    1,
  );
const tableOf = (column: string, change: DriftChange, tags: readonly string[] = []): TableMeta => ({
  id: 'lake.main.t',
  catalog: 'lake',
  schema: 'main',
  table: 't',
  columns: [{ name: 'id', type: STRING, nullable: true, tags: [] }],
  tags: ['gold'],
  source: { format: 'parquet', files: [], partitions: [] },
  drift: [{ column, change, before: 'string', after: null, tags }],
  version: '1',
});
const mask = (on: string) => ({ columns: [{ on: [on], to: ['role:nobody'], mask: 'null' }] });
const rows = (on: string, where: string) => ({
  rows: [{ name: 'r', on: [on], to: ['role:nobody'], mode: 'restrictive', where }],
});
const closes = (parts: object, table: TableMeta): boolean => closingDrift(policies(parts), table).length > 0;

describe('closingDrift', () => {
  it.each([
    ['a mask by name', mask('lake.main.t.Email'), []],
    ['a mask by a tag of the column', mask('tag:pii'), ['PII']],
    ['a row rule of the table', rows('lake.main.t', "EMAIL = 'x'"), []],
    ['a row rule of the catalog', rows('lake.*', 'email IS NOT NULL'), []],
    ['a row rule by a tag of the column', rows('tag:pii', 'length(email) > 3'), ['pii']],
  ] as const)('closes for %s, when the column is gone or of another type', (_, parts, tags) => {
    for (const change of ['removed', 'retyped'] as const)
      expect(closes(parts, tableOf('Email', change, tags))).toBe(true);
    for (const change of ['added', 'nullability', 'disagrees'] as const)
      expect(closes(parts, tableOf('Email', change, tags))).toBe(false);
  });

  it.each([
    ['a mask of another column', mask('lake.main.t.id')],
    ['a mask of a column of another table', mask('lake.main.u.email')],
    ['a mask by a tag that it does not have', mask('tag:pii')],
    ['a row rule that does not name it', rows('lake.main.t', 'id = 1')],
    ['a row rule of another table', rows('lake.main.u', 'email = 1')],
    ['a row rule with a longer name', rows('lake.main.t', 'email_at = 1')],
    ['no rule', {}],
  ])('does not close for %s', (_, parts) => {
    expect(closes(parts, tableOf('email', 'removed'))).toBe(false);
  });

  it('closes for a column whose name is no word, wherever it stands', () => {
    expect(closes(rows('lake.main.t', '`E-mail` = 1'), tableOf('e-mail', 'removed'))).toBe(true);
    expect(closes(rows('lake.main.t', 'mail = 1'), tableOf('e-mail', 'removed'))).toBe(false);
  });
});

describe('the decision over a closed table', () => {
  const ask = (table: TableMeta, parts: object) =>
    decide(policies(parts), {
      principal: { user: 'ana', roles: [], groups: [], attributes: {}, via: 'test' },
      tables: [table],
      now: 0,
    });

  it('refuses to read and says what can be done, without the name of the column', () => {
    const decision = ask(tableOf('email', 'removed'), mask('lake.main.t.email'));
    expect(decision.allowed).toBe(false);
    expect(decision.tables.get('lake.main.t')?.actions).toMatchObject({ browse: true, read: false });
    expect(decision.notices.map(({ code }) => code)).toEqual(['TABLE_CLOSED']);
    expect(decision.remedy).toMatch(/lake\.main\.t/);
    expect(JSON.stringify([decision.notices, decision.remedy])).not.toMatch(/email/);
  });

  it('is the ordinary one where nothing closes it, or where one may not read it anyway', () => {
    expect(ask(tableOf('email', 'removed'), {}).allowed).toBe(true);
    const denied = ask(tableOf('email', 'removed'), { ...mask('lake.main.t.email'), grants: [] });
    expect([denied.allowed, denied.notices]).toEqual([false, []]);
  });
});
