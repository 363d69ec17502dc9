/**
 * Random policies over a small world in which everything meets: users called like roles and groups, names in
 * every case, tags on tables and on columns, validities that touch.
 */
import fc from 'fast-check';
import type { TableMeta } from '../../src/core/catalog/catalog.js';
import { BIGINT, DATE, type DataType, STRING } from '../../src/core/plan/types.js';
import type { Principal } from '../../src/core/policy/decision.js';

const NAMES = ['ana', 'analyst', 'steward', 'eu'];
const TAGS = ['pii', 'pii.email', 'gold'];
const DAYS = ['2026-01-01', '2026-01-02', '2026-01-03T12:00:00Z', '2026-01-05'];
export const PURPOSES = ['care', 'research'];

const COLUMNS: Readonly<Record<string, DataType>> = {
  Id: BIGINT,
  Email: STRING,
  'Full Name': STRING,
  Born: DATE,
};
const PATHS = [
  ['shop', 'crm', 'customers'],
  ['shop', 'crm', 'orders'],
  ['shop', 'hr', 'customers'],
  ['lake', 'main', 'a b'],
] as const;

const someOf = <T>(values: readonly T[], minLength = 0): fc.Arbitrary<T[]> =>
  fc.subarray([...values], { minLength });
/** The same name in another case. */
const anyCase = (text: string): fc.Arbitrary<string> =>
  fc.constantFrom(text, text.toUpperCase(), `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`);

const subject = fc.oneof(
  { weight: 2, arbitrary: fc.constant('all') },
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom('user', 'role', 'group'), fc.constantFrom(...NAMES))
      .map(([kind, name]) => `${kind}:${name}`),
  },
);
const subjects = fc.array(subject, { minLength: 1, maxLength: 3 });

const objectPattern = fc.oneof(
  fc.constantFrom(...TAGS).chain((tag) => anyCase(tag).map((cased) => `tag:${cased}`)),
  fc.constantFrom(...PATHS).chain((path) =>
    fc.oneof(
      anyCase(path[0]),
      anyCase(path[0]).map((catalog) => `${catalog}.*`),
      anyCase(`${path[0]}.${path[1]}`),
      anyCase(`${path[0]}.${path[1]}`).map((schema) => `${schema}.*`),
      anyCase(path.join('.')),
    ),
  ),
);
const objects = fc.array(objectPattern, { minLength: 1, maxLength: 2 });
const columnPattern = fc.oneof(
  fc.constantFrom(...TAGS).chain((tag) => anyCase(tag).map((cased) => `tag:${cased}`)),
  fc
    .tuple(fc.constantFrom(...PATHS), fc.constantFrom(...Object.keys(COLUMNS)))
    .chain(([path, column]) => anyCase(`${path.join('.')}.${column}`)),
);

const valid = fc
  .tuple(fc.integer({ min: 0, max: DAYS.length - 1 }), fc.integer({ min: 0, max: DAYS.length - 1 }))
  .chain(([a, b]) => {
    const [from, until] = [DAYS[Math.min(a, b)], DAYS[Math.max(a, b)]];
    return a === b
      ? fc.constantFrom({ from }, { until }, {})
      : fc.constantFrom({ from, until }, { from }, { until });
  });
/** Absent more often than not. */
const perhaps = <K extends string, T>(key: K, value: fc.Arbitrary<T>): fc.Arbitrary<Partial<Record<K, T>>> =>
  fc.option(value, { freq: 2 }).map((chosen) => (chosen === null ? {} : { [key]: chosen })) as never;

const audience = fc
  .tuple(subjects, perhaps('except', subjects), perhaps('valid', valid))
  .map(([to, except, validity]) => ({ to, ...except, ...validity }));
const actions = someOf(['browse', 'read', 'write', 'explain', 'code', 'administer'], 1);

const grant = fc
  .tuple(fc.constantFrom('allow', 'allow', 'deny'), actions, objects, audience)
  .map(([effect, chosen, on, rest]) => ({ [effect]: chosen, on, ...rest }));
const row = fc
  .tuple(fc.constantFrom('permissive', 'restrictive'), objects, audience)
  .map(([mode, on, rest]) => ({ mode, on, where: 'true', ...rest }));

export const maskText = fc.constantFrom(
  'clear',
  'hide',
  'null',
  'redact',
  'email',
  'year',
  'month',
  'day',
  { constant: 'n/a' },
  { constant: 7 },
  { showFirst: 1 },
  { showLast: 2 },
  { showLast: 4 },
  { hash: { domain: 'crm' } },
  { hash: { domain: 'hr' } },
  { round: 1000 },
  { bucket: [0, 100] },
);
const column = fc
  .tuple(
    fc.array(columnPattern, { minLength: 1, maxLength: 2 }),
    maskText,
    perhaps('predicate', fc.constantFrom('allow', 'deny')),
    audience,
  )
  .map(([on, mask, predicate, rest]) => ({ on, mask, ...predicate, ...rest }));
const purpose = fc.record({ on: objects, require: someOf(PURPOSES, 1) });

/** Documents as people write them. */
export const documents: fc.Arbitrary<readonly Record<string, unknown>[]> = fc
  .array(
    fc.record({
      grants: fc.array(grant, { maxLength: 4 }),
      rows: fc.array(row, { maxLength: 3 }),
      columns: fc.array(column, { maxLength: 4 }),
      purposes: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(purpose, { maxLength: 1 })),
      open: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(anyCase('lake'), { maxLength: 1 })),
      validity: perhaps('valid', valid),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((written) =>
    written.map(({ validity, rows, ...rest }, i) => ({
      kind: 'policy',
      name: `p${i}`,
      ...rest,
      rows: rows.map((rule, r) => ({ name: `r${r}`, ...rule })),
      ...validity,
    })),
  );

export const principal: fc.Arbitrary<Principal> = fc
  .record({ user: fc.constantFrom(...NAMES), roles: someOf(NAMES), groups: someOf(NAMES) })
  .map((who) => ({ ...who, attributes: { countries: ['DE'] }, via: 'test' }));

export const table: fc.Arbitrary<TableMeta> = fc
  .tuple(
    fc.constantFrom(...PATHS),
    fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      fc.array(fc.constantFrom(...TAGS).chain(anyCase), { maxLength: 1 }),
    ),
    fc.array(fc.array(fc.constantFrom(...TAGS).chain(anyCase), { maxLength: 2 }), {
      minLength: 4,
      maxLength: 4,
    }),
  )
  .map(([[catalog, schema, name], tags, columnTags]) => ({
    id: `${catalog}.${schema}.${name}`,
    catalog,
    schema,
    table: name,
    tags,
    columns: Object.entries(COLUMNS).map(([column, type], i) => ({
      name: column,
      type,
      nullable: true,
      tags: columnTags[i] ?? [],
    })),
    source: { format: 'parquet', files: [], partitions: [] },
    version: JSON.stringify([tags, columnTags]),
  }));

/** Boundaries, the moments beside them, and moments between. */
export const moment: fc.Arbitrary<number> = fc
  .tuple(fc.constantFrom(...DAYS), fc.constantFrom(-1, 0, 1, 43_200_000))
  .map(([day, offset]) => Date.parse(day) + offset);
