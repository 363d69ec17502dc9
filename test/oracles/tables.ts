/**
 * Four small tables whose rows the oracles know by value: raw rows in TypeScript, written to Parquet as they
 * are and as a physically filtered and masked copy, so that the truth never goes through the rewriter.
 */
import {
  array,
  BOOLEAN,
  DATE,
  type DataType,
  decimal,
  INT,
  STRING,
  struct,
  TIMESTAMP,
} from '../../src/core/plan/types.js';
import type { Random } from './random.js';

export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };
export type Row = Readonly<Record<string, Value>>;
export type ColumnKind =
  | 'int'
  | 'string'
  | 'decimal'
  | 'date'
  | 'timestamp'
  | 'boolean'
  | 'array'
  | 'struct'
  | 'map';

export interface OracleColumn {
  readonly kind: ColumnKind;
  readonly tags?: readonly string[];
}
export interface OracleTable {
  readonly name: string;
  readonly tags: readonly string[];
  readonly columns: Readonly<Record<string, OracleColumn>>;
  readonly row: (random: Random, index: number) => Row;
  readonly rowCount: number;
}
export type Data = Readonly<Record<string, readonly Row[]>>;

export const DUCKDB_TYPES: Readonly<Record<ColumnKind, string>> = {
  int: 'INTEGER',
  string: 'VARCHAR',
  decimal: 'DECIMAL(10,2)',
  date: 'DATE',
  timestamp: 'TIMESTAMPTZ',
  boolean: 'BOOLEAN',
  array: 'INTEGER[]',
  struct: 'STRUCT(city VARCHAR, zip INTEGER)',
  map: 'MAP(VARCHAR, INTEGER)',
};
export const SPARK_TYPES: Readonly<Record<ColumnKind, DataType>> = {
  int: INT,
  string: STRING,
  decimal: decimal(10, 2),
  date: DATE,
  timestamp: TIMESTAMP,
  boolean: BOOLEAN,
  array: array(INT),
  struct: struct([
    { name: 'city', type: STRING },
    { name: 'zip', type: INT },
  ]),
  map: { kind: 'map', key: STRING, value: INT },
};

const NAMES = ['Ana', 'Bo', 'Çelik', 'Dai', "O'Neil", 'Zoë', 'x', ''];
const COUNTRIES = ['DE', 'FR', 'US', 'BR'];
const TENANTS = ['a', 'b', 'c'];
const WORDS = ['call back', 'a@b.de wrote', 'Paid 12 EUR', 'x', '', '100%_off', 'ΑΒΓ abc', '17'];

const maybe = (random: Random, value: Value): Value => (random.chance(0.15) ? null : value);
const pad = (n: number): string => String(n).padStart(2, '0');
const day = (random: Random): string =>
  `20${random.int(10, 24)}-${pad(random.int(1, 12))}-${pad(random.int(1, 28))}`;
const money = (random: Random): string => `${random.int(-50, 900)}.${pad(random.int(0, 99))}`;

const PEOPLE: OracleTable = {
  name: 'people',
  tags: ['pii'],
  rowCount: 36,
  columns: {
    id: { kind: 'int' },
    tenant: { kind: 'string' },
    name: { kind: 'string', tags: ['pii.name'] },
    email: { kind: 'string', tags: ['pii.email'] },
    country: { kind: 'string', tags: ['geo'] },
    age: { kind: 'int' },
    amount: { kind: 'decimal', tags: ['money'] },
    born: { kind: 'date', tags: ['pii.date'] },
    seen: { kind: 'timestamp', tags: ['pii.date'] },
    active: { kind: 'boolean' },
    marks: { kind: 'array' },
    address: { kind: 'struct', tags: ['geo.address'] },
    props: { kind: 'map' },
  },
  row: (r, index) => ({
    id: index,
    tenant: maybe(r, r.pick(TENANTS)),
    name: maybe(r, r.pick(NAMES)),
    email: maybe(
      r,
      r.pick([`p${index}@x.de`, `q${index % 5}@y.org`, 'no mail', '@odd', 'two@at@z.com', 'ö@ü.de']),
    ),
    country: maybe(r, r.pick(COUNTRIES)),
    age: maybe(r, r.int(15, 24)),
    amount: maybe(r, money(r)),
    born: maybe(r, day(r)),
    seen: maybe(r, `${day(r)} ${pad(r.int(0, 23))}:${pad(r.int(0, 59))}:00`),
    active: maybe(r, r.chance(0.5)),
    marks: maybe(
      r,
      Array.from({ length: r.int(0, 3) }, () => maybe(r, r.int(0, 9))),
    ),
    address: maybe(r, { city: maybe(r, r.pick(['Ulm', 'Lyon', 'Rio'])), zip: maybe(r, r.int(1, 9)) }),
    props: maybe(r, Object.fromEntries(r.some(['a', 'b', 'c'], 0, 2).map((key) => [key, r.int(0, 5)]))),
  }),
};

const ORDERS: OracleTable = {
  name: 'orders',
  tags: ['sales'],
  rowCount: 60,
  columns: {
    id: { kind: 'int' },
    tenant: { kind: 'string' },
    person_id: { kind: 'int' },
    status: { kind: 'string' },
    total: { kind: 'decimal', tags: ['money'] },
    quantity: { kind: 'int' },
    placed: { kind: 'date' },
    country: { kind: 'string', tags: ['geo'] },
  },
  row: (r, index) => ({
    id: index,
    tenant: maybe(r, r.pick(TENANTS)),
    person_id: maybe(r, r.int(0, 40)),
    status: maybe(r, r.pick(['new', 'paid', 'sent', 'lost'])),
    total: maybe(r, money(r)),
    quantity: maybe(r, r.int(0, 6)),
    placed: maybe(r, day(r)),
    country: maybe(r, r.pick(COUNTRIES)),
  }),
};

const NOTES: OracleTable = {
  name: 'notes',
  tags: ['pii'],
  rowCount: 24,
  columns: {
    person_id: { kind: 'int' },
    tenant: { kind: 'string' },
    kind: { kind: 'string' },
    body: { kind: 'string', tags: ['pii.email'] },
    score: { kind: 'int' },
  },
  row: (r) => ({
    person_id: maybe(r, r.int(0, 40)),
    tenant: maybe(r, r.pick(TENANTS)),
    kind: maybe(r, r.pick(['a', 'b', 'c'])),
    body: maybe(r, r.pick(WORDS)),
    score: maybe(r, r.int(-3, 3)),
  }),
};

/** The table that random grants close more often than others. */
const VAULT: OracleTable = {
  name: 'vault',
  tags: ['secret'],
  rowCount: 20,
  columns: {
    id: { kind: 'int' },
    tenant: { kind: 'string' },
    code: { kind: 'string', tags: ['pii.name'] },
    level: { kind: 'int' },
  },
  row: (r, index) => ({
    id: index,
    tenant: maybe(r, r.pick(TENANTS)),
    code: maybe(r, r.pick(['k1', 'k2', 'zz'])),
    level: maybe(r, r.int(0, 4)),
  }),
};

export const TABLES: readonly OracleTable[] = [PEOPLE, ORDERS, NOTES, VAULT];

export function randomData(random: Random): Data {
  return Object.fromEntries(
    TABLES.map((table) => [
      table.name,
      Array.from({ length: table.rowCount }, (_, index) => table.row(random, index)),
    ]),
  );
}

export const tableNamed = (name: string): OracleTable => {
  const table = TABLES.find((t) => t.name === name);
  if (table === undefined) throw new Error(`no oracle table ${name}`);
  return table;
};
