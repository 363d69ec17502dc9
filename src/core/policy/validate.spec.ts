import { describe, expect, it } from '@jest/globals';
import type { CatalogSnapshot, ColumnMeta, TableMeta } from '../catalog/catalog.js';
import { GovernanceError } from '../errors.js';
import { BIGINT, type DataType, STRING } from '../plan/types.js';
import { compilePolicies } from './compile.js';
import { type Problem, parsePolicy } from './document.js';
import { parsePolicyYaml } from './policy-yaml.js';
import { type RuleProblem, validatePolicy, type Warning, type WarningCode } from './validate.js';

const column = (name: string, type: DataType, ...tags: readonly string[]): ColumnMeta => ({
  name,
  type,
  nullable: true,
  tags,
});
const table = (id: string, tags: readonly string[], ...columns: readonly ColumnMeta[]): TableMeta => {
  const [catalog = '', schema = '', name = ''] = id.split('.');
  const source = { format: 'parquet', files: [], partitions: [] } as const;
  return { id, catalog, schema, table: name, columns, tags, source, version: '1' };
};
const CATALOG: CatalogSnapshot = {
  version: '1',
  tables: new Map(
    [
      table('shop.crm.customers', [], column('Id', BIGINT), column('Email', STRING, 'PII.email', 'contact')),
      table('shop.hr.people', ['staff'], column('id', BIGINT), column('name', STRING)),
    ].map((one) => [one.id, one]),
  ),
};
/** Knows the column `id` and nothing else. */
const ruleProblem: RuleProblem = (where, over) => {
  if (where === '((') return 'it does not end';
  if (over === undefined) return undefined;
  return where === 'id > 0' ? undefined : `there is no column ${where}`;
};

const validated = (document: object, inForce: readonly object[] = []): readonly Warning[] => {
  const versioned = inForce.map((other) => ({ document: parsePolicy(other), version: 1 }));
  return validatePolicy(parsePolicy(document), {
    catalog: CATALOG,
    ruleProblem,
    inForce: compilePolicies(versioned, 1),
  });
};
const policy = (rest: object, name = 'p'): object => ({ kind: 'policy', name, ...rest });
const mask = (on: string, kind: unknown, rest: object = {}): object => ({
  on: [on],
  to: ['all'],
  mask: kind,
  ...rest,
});
const problems = (document: object): readonly Problem[] => {
  try {
    validated(document);
    return [];
  } catch (error) {
    if (!(error instanceof GovernanceError) || error.code !== 'POLICY_INVALID') throw error;
    return error.details.problems ?? [];
  }
};
const codes = (document: object, inForce: readonly object[] = []): readonly WarningCode[] =>
  validated(document, inForce).map((warning) => warning.code);

describe('row rules', () => {
  const row = (where: string, ...on: readonly string[]): object =>
    policy({ rows: [{ name: 'r', on, to: ['all'], where }] });

  it('are refused when they do not fit a table that they are over', () => {
    expect(problems(row('id > 0', 'shop'))).toEqual([]);
    expect(problems(row('nope', 'SHOP.crm.*', 'tag:Staff'))).toEqual([
      { path: 'rows.0.where', message: 'does not fit shop.crm.customers: there is no column nope' },
      { path: 'rows.0.where', message: 'does not fit shop.hr.people: there is no column nope' },
    ]);
  });

  it('are refused when they are no condition at all, over no table too', () => {
    expect(problems(row('((', 'lake.not.yet'))).toEqual([
      { path: 'rows.0.where', message: 'is no condition: it does not end' },
    ]);
  });

  it('say on which line they are wrong', () => {
    const { document, lineOf } = parsePolicyYaml(
      'kind: policy\nname: p\nrows:\n  - name: r\n    on: [shop.crm.*]\n    to: [all]\n    where: nope',
    );
    const context = { catalog: CATALOG, ruleProblem, lineOf };
    expect(() => validatePolicy(document, context)).toThrow(/rows\.0\.where \(line 7\) does not fit/);
  });

  it('are tried over so many tables and no more', () => {
    const tables = Array.from({ length: 3_000 }, (_, i) => table(`big.s.t${i}`, [], column('id', BIGINT)));
    const catalog = { version: '2', tables: new Map(tables.map((one) => [one.id, one])) };
    let tries = 0;
    const counting: RuleProblem = (_, over) => {
      tries += over === undefined ? 0 : 1;
      return undefined;
    };
    const document = parsePolicy(row('id > 0', 'big'));
    const warnings = validatePolicy(document, { catalog, ruleProblem: counting });
    expect(warnings.map((warning) => warning.code)).toEqual(['NOT_TRIED']);
    expect(tries).toBe(2_000);
  });
});

describe('masks', () => {
  it('are refused on a column whose type they do not fit', () => {
    expect(problems(policy({ columns: [mask('shop.crm.customers.ID', 'email')] }))).toEqual([
      { path: 'columns.0.mask', message: 'email does not fit shop.crm.customers.id, which is bigint' },
    ]);
    expect(problems(policy({ columns: [mask('tag:pii.EMAIL', 'year')] }))).toHaveLength(1);
    expect(problems(policy({ columns: [mask('tag:pii.email', 'email')] }))).toEqual([]);
  });

  it('that reach a column by the tag of its table only are NULL there, with a warning', () => {
    const warnings = validated(policy({ columns: [mask('tag:staff', 'redact')] }));
    expect(warnings).toEqual([
      {
        code: 'MASK_NULLS',
        path: 'columns.0.mask',
        text: 'redact does not fit shop.hr.people.id, which is bigint: it is NULL there',
      },
    ]);
  });

  it('that cannot be compared are a warning', () => {
    const both = policy({ columns: [mask('tag:pii.email', 'email'), mask('tag:PII.email', 'redact')] });
    expect(validated(both)).toEqual([
      {
        code: 'MASKS_CONFLICT',
        path: 'columns.1.mask',
        text: expect.stringContaining('cannot be compared with columns.0: where both apply,'),
      },
    ]);
    const compared = policy({ columns: [mask('tag:pii.email', 'email'), mask('tag:pii.email', 'null')] });
    expect(validated(compared)).toEqual([]);
  });

  it('conflict across tags and documents, where they meet on a column', () => {
    const other = policy({ columns: [mask('tag:contact', 'redact')] }, 'other');
    const mine = policy({ columns: [mask('tag:pii.email', 'email')] });
    expect(codes(mine, [other])).toEqual(['MASKS_CONFLICT']);
    expect(codes(policy({ columns: [mask('shop.crm.customers.email', 'email')] }), [other])).toEqual([
      'MASKS_CONFLICT',
    ]);
    const elsewhere = policy({ columns: [mask('shop.hr.people.name', 'redact')] }, 'other');
    expect(codes(mine, [elsewhere])).toEqual([]);
    // The document that is replaced does not count.
    expect(codes(mine, [policy({ columns: [mask('tag:contact', 'redact')] })])).toEqual([]);
  });

  it('do not conflict where one excepts everyone the other speaks to', () => {
    const most = mask('tag:pii.email', 'email', { except: ['role:support', 'role:steward'] });
    const some = mask('tag:pii.email', 'redact', { to: ['role:support'] });
    expect(codes(policy({ columns: [most, some] }))).toEqual([]);
    const more = mask('tag:pii.email', 'redact', { to: ['role:support', 'role:sales'] });
    expect(codes(policy({ columns: [most, more] }))).toEqual(['MASKS_CONFLICT']);
  });
});

describe('names', () => {
  it('of nothing are a warning: it may come', () => {
    const document = policy({
      open: ['nowhere'],
      grants: [{ allow: ['read'], to: ['all'], on: ['shop.crm', 'shop.sales.*', 'tag:none'] }],
      columns: [mask('shop.crm.customers.nope', 'null')],
      purposes: [{ on: ['tag:contact', 'lake'], require: ['care'] }],
    });
    expect(validated(document).map(({ code, text }) => [code, text])).toEqual([
      ['UNKNOWN_OBJECT', 'shop.sales.* is no table now'],
      ['UNKNOWN_OBJECT', 'tag:none is no table now'],
      ['UNKNOWN_OBJECT', 'lake is no table now'],
      ['UNKNOWN_OBJECT', 'nowhere is no table now'],
      ['UNKNOWN_OBJECT', 'shop.crm.customers.nope is no column now'],
    ]);
  });

  it('of a tag on columns deny the whole table and allow nothing, which is said', () => {
    const grant = (effect: string): object =>
      policy({ grants: [{ [effect]: ['read'], to: ['all'], on: ['tag:contact'] }] });
    expect(codes(grant('deny'))).toEqual(['TAG_DENIES_TABLE']);
    expect(codes(grant('allow'))).toEqual(['NO_EFFECT']);
    const staff = policy({ grants: [{ allow: ['read'], to: ['all'], on: ['tag:staff'] }] });
    expect(codes(staff)).toEqual([]);
  });
});
