/**
 * The barrier (DESIGN section 4): an optimiser may evaluate an expression before a row rule has hidden the
 * rows, so whatever is not spooled must not raise over any value. Every call of test/corpus/functions.yaml
 * that is not spooled runs here over a Parquet table of nasty values: all of them seen, hidden by a row rule
 * that DuckDB pushes into the scan, by one that it does not, and by a semi join.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { GovernanceError } from '../src/core/errors.js';
import type { Expr, ScanColumn } from '../src/core/plan/plan.js';
import { BOOLEAN, STRING } from '../src/core/plan/types.js';
import { mayRaiseOverRestricted } from '../src/core/rewrite/raising.js';
import { quoteText } from '../src/core/sql/duckdb/identifier.js';
import { printDuckDb } from '../src/core/sql/duckdb/print.js';
import { functionTable } from '../src/core/sql/functions/table.js';
import { NASTY_COLUMNS, nastyRows } from './golden/nasty-table.js';
import type { FunctionCorpus } from './oracles/function-questions.mjs';
import type { Securing } from './support/duckdb-plans.js';
import { EngineLake } from './support/engine-lake.js';
import { ROOT } from './support/sources.js';

const corpus = parse(readFileSync(`${ROOT}/test/corpus/functions.yaml`, 'utf8')) as FunctionCorpus;
const known = functionTable.all().filter((entry) => entry.internal !== true);

const kindIs = (fn: string, value: string): Securing => ({
  filter: (raw: readonly ScanColumn[]): Expr | undefined => {
    const column = raw.find(({ source }) => source === 'kind');
    if (column === undefined) return undefined;
    const kind: Expr = { kind: 'column', id: column.id, type: column.type, nullable: true };
    const literal: Expr = { kind: 'literal', type: STRING, nullable: false, value };
    return { kind: 'call', fn, args: [kind, literal], type: BOOLEAN, nullable: true };
  },
});
const PUSHED = kindIs('=', 'calm');
const NOT_PUSHED = kindIs('rlike', '^(c|d)+a');

const CAST_TYPES = [
  'BOOLEAN',
  'TINYINT',
  'INT',
  'BIGINT',
  'FLOAT',
  'DOUBLE',
  'DECIMAL(5,2)',
  'DECIMAL(38,18)',
  'STRING',
  'BINARY',
  'DATE',
  'TIMESTAMP',
  'TIMESTAMP_NTZ',
  'ARRAY<INT>',
  'ARRAY<STRING>',
  'MAP<STRING, BIGINT>',
  'STRUCT<x: STRING, y: STRING>',
];

/** Patterns, formats, units and counts are literals: out of a column they could show it by an error. */
const NOT_LITERAL = [
  'text LIKE word',
  'text ILIKE word',
  'text RLIKE word',
  'regexp_like(text, word)',
  "regexp_replace(text, word, 'x')",
  "regexp_replace(text, 'x', word)",
  'regexp_extract(text, word)',
  "regexp_extract(text, '(a)', int)",
  'date_format(time, word)',
  'trunc(date, word)',
  'date_trunc(word, time)',
  'date_part(word, time)',
  'next_day(date, word)',
  'sha2(text, int)',
  'round(dec, int)',
  'lag(text, int) OVER (ORDER BY id)',
  'lead(text, int) OVER (ORDER BY id)',
  'nth_value(text, int) OVER (ORDER BY id)',
  'ntile(int) OVER (ORDER BY id)',
  'named_struct(word, 1)',
  'array_join(words, word)',
  'split(text, word)',
  'regexp_count(text, word)',
  'regexp_substr(text, word)',
  'regexp_extract_all(text, word)',
  'substring_index(text, word, 1)',
  'from_unixtime(long, word)',
  'encode(text, word)',
  'decode(bin, word)',
  'bround(dbl, int)',
];

/** Rows of the corpus' aggregates, out of the nasty columns. */
const AS_ROWS =
  '(SELECT kind, id AS n, word AS g, int AS i, money AS d, dbl AS x, text AS s, bool AS b, time AS t, flt AS f, long AS big, arr AS a FROM nasty)';

/** A call over columns; what has no column keeps the first of its inputs. */
const overColumns = (template: string): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) =>
    name in NASTY_COLUMNS ? `\`${name}\`` : (corpus.inputs[name]?.[0] ?? ''),
  );

/** Function name to its calls over columns, each as a statement's FROM and the call. */
function callsOf(name: string): readonly (readonly [call: string, from: string, aggregates: boolean])[] {
  return [
    ...(corpus.calls[name] ?? []).map((call) => [overColumns(call), 'nasty', false] as const),
    ...(corpus.aggregates[name] ?? []).map((call) => [call, AS_ROWS, true] as const),
    ...(corpus.windows[name] ?? []).map((call) => [call, AS_ROWS, true] as const),
  ];
}

function statements(call: string, from: string, aggregates: boolean): readonly string[] {
  if (aggregates) {
    const grouped = call.includes(' OVER ') ? [] : [`SELECT ${call} AS v FROM ${from} GROUP BY g`];
    return [
      `SELECT kind, ${call} AS v FROM ${from}`.replace(/^SELECT kind, (?!.* OVER )/, 'SELECT '),
      ...grouped,
    ];
  }
  return [
    `SELECT kind, ${call} AS v FROM nasty`,
    `SELECT id FROM nasty WHERE kind <> '' AND (${call}) IS NOT NULL`,
  ];
}

let lake: EngineLake;
let duckdb: DuckDBInstance;
beforeAll(async () => {
  lake = await EngineLake.open({
    'nasty.parquet': nastyRows(),
    'few.parquet': 'SELECT CAST(i * 10 AS INTEGER) AS id FROM range(5) AS t(i)',
  });
  duckdb = await DuckDBInstance.create(':memory:', { threads: '2' });
}, 60_000);
afterAll(async () => {
  duckdb.closeSync();
  await lake.close();
});

const fileOf = (table: string): string => join(lake.folder, 'lake', `${table.split('.').at(-1)}.parquet`);

/** Spooled, or does it run as it comes? Undefined: it is refused, as Spark does. */
function isSpooled(sql: string): boolean | undefined {
  try {
    return mayRaiseOverRestricted(lake.statement(sql, { securing: PUSHED }).plan);
  } catch (error) {
    if (error instanceof GovernanceError && error.code === 'TYPE_MISMATCH') return undefined;
    throw error;
  }
}

/** Some casts are not to be had on DuckDB: what is refused runs nowhere. */
function isPrinted(sql: string): boolean {
  try {
    const { plan, output } = lake.statement(sql);
    printDuckDb(plan, { source: fileOf, output });
    return true;
  } catch (error) {
    if (error instanceof GovernanceError && error.code === 'FEATURE_NOT_ALLOWED') return false;
    throw error;
  }
}

/** Runs a statement to its end in every way; a sentence for each that raised. */
async function raised(sql: string): Promise<readonly string[]> {
  const semi = sql.replaceAll(
    'FROM nasty',
    'FROM (SELECT * FROM nasty WHERE id IN (SELECT id FROM few)) AS nasty',
  );
  const ways: readonly (readonly [string, Securing | undefined])[] = [
    [sql, undefined],
    [sql, PUSHED],
    [sql, NOT_PUSHED],
    [semi, undefined],
  ];
  const connection = await duckdb.connect();
  const problems: string[] = [];
  try {
    await connection.run("SET TimeZone = 'UTC'");
    for (const [text, securing] of ways) {
      const { plan, output } = lake.statement(text, securing === undefined ? {} : { securing });
      const source = (table: string): string => `read_parquet([${quoteText(fileOf(table))}])`;
      const printed = printDuckDb(plan, { source, output });
      await connection.run(printed).catch((error: unknown) => {
        problems.push(`${text}: ${String(error).split('\n')[0]}`);
      });
    }
  } finally {
    connection.closeSync();
  }
  return problems;
}

describe('the nasty table', () => {
  it('has its values in dictionaries', async () => {
    const connection = await duckdb.connect();
    const reader = await connection.runAndReadAll(
      `SELECT path_in_schema FROM parquet_metadata(${quoteText(fileOf('nasty'))}) WHERE encodings LIKE '%DICTIONARY%'`,
    );
    const encoded = reader.getRows().map(([name]) => String(name));
    connection.closeSync();
    expect(encoded).toEqual(
      expect.arrayContaining(['kind', 'text', 'int', 'long', 'dbl', 'date', 'time', 'money']),
    );
  });

  it('raises over a hidden value where a statement is not spooled though it should be', async () => {
    const sql = 'SELECT kind, CAST(text AS INT) AS v FROM nasty';
    expect(isSpooled(sql)).toBe(true);
    expect((await raised(sql)).length).toBeGreaterThan(0);
  });
});

describe('not spooled, so it never raises', () => {
  for (const entry of known) {
    it(entry.name, async () => {
      const problems: string[] = [];
      let asked = 0;
      for (const [call, from, aggregates] of callsOf(entry.name)) {
        for (const sql of statements(call, from, aggregates)) {
          const spooled = isSpooled(sql);
          if (spooled === false) problems.push(...(await raised(sql)));
          if (spooled !== undefined) asked += 1;
        }
      }
      expect(problems).toEqual([]);
      expect(asked).toBeGreaterThan(0);
    }, 60_000);
  }

  for (const to of CAST_TYPES) {
    it(`CAST and TRY_CAST to ${to}`, async () => {
      const problems: string[] = [];
      for (const name of Object.keys(NASTY_COLUMNS)) {
        for (const cast of ['CAST', 'TRY_CAST']) {
          const call = `${cast}(\`${name}\` AS ${to})`;
          for (const sql of statements(call, 'nasty', false)) {
            if (isSpooled(sql) === false && isPrinted(sql)) problems.push(...(await raised(sql)));
          }
        }
      }
      expect(problems).toEqual([]);
    }, 60_000);
  }
});

describe('what must be written out is refused otherwise', () => {
  it.each(NOT_LITERAL)('%s', (call) => {
    const sql = `SELECT ${call} AS v FROM nasty`;
    expect(() => lake.statement(sql)).toThrow(expect.objectContaining({ code: 'TYPE_MISMATCH' }));
  });
});

describe('what is not the same each time', () => {
  it('is marked', () => {
    const marked = known.filter((entry) => !entry.deterministic).map((entry) => entry.name);
    // Without an order of the rows; ties of max_by, min_by and mode.
    expect(marked.sort()).toEqual([
      'any_value',
      'collect_list',
      'collect_set',
      'first',
      'last',
      'listagg',
      'max_by',
      'min_by',
      'mode',
    ]);
  });

  it('but random numbers, identifiers and clocks are no functions; the moment is one of the statement', () => {
    for (const call of ['rand()', 'randn()', 'uuid()', 'random()', 'shuffle(arr)', 'version()'])
      expect(() => lake.statement(`SELECT ${call} AS v FROM nasty`)).toThrow(
        expect.objectContaining({ code: 'FUNCTION_NOT_ALLOWED' }),
      );
    expect(() => lake.statement('SELECT unix_timestamp() AS v FROM nasty')).toThrow(
      expect.objectContaining({ code: 'TYPE_MISMATCH' }),
    );
    const { plan } = lake.statement('SELECT current_timestamp() AS v, current_date() AS d FROM nasty');
    expect(JSON.stringify(plan, (_, value) => (typeof value === 'bigint' ? String(value) : value))).toContain(
      '2026-01-31 12:00:00.000000',
    );
  });
});
