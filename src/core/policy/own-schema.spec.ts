/** `work.<user>` belongs to that user, whoever else is called nearly so. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldName, objectId, type TableMeta } from '../catalog/catalog.js';
import { WORK_CATALOG, workSchema } from '../catalog/work-schema.js';
import { STRING } from '../plan/types.js';
import { compilePolicies } from './compile.js';
import { canBrowse, decide } from './decide.js';
import type { Principal } from './decision.js';
import { parsePolicy } from './document.js';

const person = (user: string): Principal => ({ user, roles: [], groups: [], attributes: {}, via: 'test' });
const table = (schema: string): TableMeta => ({
  id: objectId(WORK_CATALOG, schema, 't'),
  catalog: WORK_CATALOG,
  schema,
  table: 't',
  columns: [{ name: 'a', type: STRING, nullable: true, tags: ['pii'] }],
  tags: [],
  source: { format: 'parquet', files: [], partitions: [] },
  version: '1',
});
const NOW = Date.parse('2026-01-01');
const policies = (...documents: readonly unknown[]) =>
  compilePolicies(
    documents.map((document) => ({ document: parsePolicy(document), version: 1 })),
    1,
  );
const actions = (user: string, schema: string, ...documents: readonly unknown[]) => {
  const decision = decide(policies(...documents), {
    principal: person(user),
    tables: [table(schema)],
    now: NOW,
  });
  return decision.tables.get(table(schema).id)?.actions;
};
const deny = (action: string, to: string, on: string) => ({
  kind: 'policy',
  name: `no-${action}`,
  grants: [{ deny: [action], to: [to], on: [on] }],
});

describe('the schema of a user', () => {
  it('may be browsed, read and written by that user, and nothing more', () => {
    const own = { browse: true, read: true, write: true, explain: false, code: false, administer: false };
    expect(actions('ana', 'ana')).toEqual(own);
    expect(canBrowse(policies(), person('ana'), table('ana'), NOW)).toBe(true);
    const none = { ...own, browse: false, read: false, write: false };
    expect(actions('ben', 'ana')).toEqual(none);
    expect(canBrowse(policies(), person('ben'), table('ana'), NOW)).toBe(false);
  });

  it('is shared by a policy', () => {
    const allow = {
      kind: 'policy',
      name: 'x',
      grants: [{ allow: ['read'], to: ['user:ben'], on: ['work.ana.*'] }],
    };
    expect(actions('ben', 'ana', allow)).toMatchObject({ read: true, write: false });
  });

  it.each([
    ['the table', 'work.ana.t'],
    ['the schema', 'work.ana.*'],
    ['the catalog', 'work.*'],
    ['a tag of a column', 'tag:pii'],
  ])('is closed by a deny on %s', (_, on) => {
    expect(actions('ana', 'ana', deny('write', 'user:ana', on))).toMatchObject({ read: true, write: false });
    expect(actions('ana', 'ana', deny('read', 'all', on))).toMatchObject({ read: false, write: true });
  });

  it('is called like the user where it can be', () => {
    expect(workSchema('ana')).toBe('ana');
    expect(workSchema('Ana')).not.toBe('ana');
    expect(workSchema('a.b')).toMatch(/^a_b_[0-9a-f]{16}$/);
  });

  it('is never that of another', () => {
    const name = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom('Ana', 'ana', 'a.b', 'a_b', 'a_b_0123456789abcdef'),
    );
    fc.assert(
      fc.property(name, name, (a, b) => {
        fc.pre(a !== b);
        expect(workSchema(a)).not.toBe(workSchema(b));
        // A user of that very name would have another schema.
        expect(workSchema(workSchema(a)) === workSchema(a)).toBe(workSchema(a) === a);
        expect(foldName(workSchema(a))).toBe(workSchema(a));
      }),
      { numRuns: 2_000 },
    );
  });
});
