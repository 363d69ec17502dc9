import { describe, expect, it } from '@jest/globals';
import type { TableMeta } from '../catalog/catalog.js';
import { STRING } from '../plan/types.js';
import { type ReachedBy, tagFlows } from './tag-flow.js';

const table = (
  id: string,
  columns: Readonly<Record<string, readonly string[]>>,
  tags: readonly string[] = [],
) =>
  ({
    id,
    catalog: 'lake',
    schema: 'main',
    table: id,
    tags,
    columns: Object.entries(columns).map(([name, own]) => ({
      name,
      type: STRING,
      nullable: true,
      tags: own,
    })),
    source: { format: 'parquet', files: [], partitions: [] },
    version: '',
  }) as TableMeta;

const FROM = table('people', { Mail: ['pii.email'], city: [] }, ['crm']);
const TABLES = new Map(
  [table('copy', { mail: ['pii.email', 'crm'] }), table('bare', { m: [], n: [] }, ['crm'])].map((each) => [
    each.id,
    each,
  ]),
);
const reached = (object: string, column: string | null, strength: ReachedBy['strength']): ReachedBy => ({
  object,
  column,
  depth: 1,
  strength,
});

describe('tagFlows', () => {
  it('finds what is there, what is missing, and what only came masked', () => {
    const flows = tagFlows(
      { table: FROM, column: 'Mail' },
      [
        reached('copy', 'mail', 'direct'),
        reached('bare', 'm', 'direct'),
        reached('bare', 'n', 'masked'),
        reached('result.x', 'mail', 'direct'),
        reached('bare', null, 'direct'),
        reached('copy', 'mail', 'indirect'),
      ],
      TABLES,
    );
    expect(flows.map(({ tag, to, state }) => `${tag} ${to.object}.${to.column} ${state}`)).toEqual([
      'crm copy.mail present',
      'pii.email copy.mail present',
      'crm bare.m present',
      'pii.email bare.m missing',
      'crm bare.n present',
      'pii.email bare.n masked',
    ]);
  });
});
