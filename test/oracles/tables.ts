/**
 * Three small tables whose rows the oracles know by value: raw rows in TypeScript, written to Parquet twice
 * (as they are, and as a physically filtered and masked copy), so that the truth never goes through the
 * rewriter.
 */
import type { Random } from './random.js';

export type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;
export type ColumnKind = 'int' | 'string' | 'decimal' | 'date' | 'timestamp' | 'boolean';

export interface OracleTable {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnKind>>;
  readonly row: (random: Random, index: number) => Row;
  readonly rowCount: number;
}

export const DUCKDB_TYPES: Readonly<Record<ColumnKind, string>> = {
  int: 'INTEGER',
  string: 'VARCHAR',
  decimal: 'DECIMAL(10,2)',
  date: 'DATE',
  timestamp: 'TIMESTAMPTZ',
  boolean: 'BOOLEAN',
};

const NAMES = ['Ana', 'Bo', 'Çelik', 'Dai', "O'Neil", 'Zoë', 'x', ''];
const COUNTRIES = ['DE', 'FR', 'US', 'BR'];
const WORDS = ['call back', 'a@b.de wrote', 'Paid 12 EUR', 'x', '', '100%_off', 'ΑΒΓ abc'];

const maybe = (random: Random, value: Value): Value => (random.chance(0.15) ? null : value);
const day = (random: Random): string =>
  `20${random.int(10, 24)}-${pad(random.int(1, 12))}-${pad(random.int(1, 28))}`;
const pad = (n: number): string => String(n).padStart(2, '0');
const money = (random: Random): string => `${random.int(-50, 900)}.${pad(random.int(0, 99))}`;

export const TABLES: readonly OracleTable[] = [
  {
    name: 'people',
    rowCount: 36,
    columns: {
      id: 'int',
      name: 'string',
      email: 'string',
      country: 'string',
      age: 'int',
      amount: 'decimal',
      born: 'date',
      seen: 'timestamp',
      active: 'boolean',
    },
    row: (r, index) => ({
      id: index,
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
    }),
  },
  {
    name: 'orders',
    rowCount: 60,
    columns: {
      id: 'int',
      person_id: 'int',
      status: 'string',
      total: 'decimal',
      quantity: 'int',
      placed: 'date',
      country: 'string',
    },
    row: (r, index) => ({
      id: index,
      person_id: maybe(r, r.int(0, 40)),
      status: maybe(r, r.pick(['new', 'paid', 'sent', 'lost'])),
      total: maybe(r, money(r)),
      quantity: maybe(r, r.int(0, 6)),
      placed: maybe(r, day(r)),
      country: maybe(r, r.pick(COUNTRIES)),
    }),
  },
  {
    name: 'notes',
    rowCount: 24,
    columns: { person_id: 'int', kind: 'string', body: 'string', score: 'int' },
    row: (r) => ({
      person_id: maybe(r, r.int(0, 40)),
      kind: maybe(r, r.pick(['a', 'b', 'c'])),
      body: maybe(r, r.pick(WORDS)),
      score: maybe(r, r.int(-3, 3)),
    }),
  },
];

export type Data = Readonly<Record<string, readonly Row[]>>;

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
