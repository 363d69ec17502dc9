/**
 * A Parquet table with one column for each kind of input of test/corpus/functions.yaml. One row in ten is
 * harmless; the others hold what is worst for a function of that type: limits, infinite dates, NaN, NUL,
 * broken numbers. Few distinct values, so that Parquet keeps them in dictionaries, which DuckDB evaluates
 * whole.
 */

export const NASTY_ROWS = 6_000;
const HARMLESS_EVERY = 10;

interface Column {
  readonly type: string;
  readonly harmless: string;
  readonly nasty: readonly string[];
}

const TEXTS = [
  "''",
  "' '",
  'chr(0)',
  "'a' || chr(0) || 'b'",
  "repeat('xyz', 3000)",
  "repeat('9', 400)",
  "'NaN'",
  "'-'",
  "'1e999'",
  "'2024-13-45 99:99:99+99'",
  "'%_\\'",
  "'((['",
  "'''\"'",
  "'ﬃßİΣ'",
  "'😀e' || chr(769) || chr(8238) || chr(65279)",
  'chr(1114111)',
  'chr(13) || chr(10)',
  'NULL',
];
const INTS = ['-2147483648', '2147483647', '0', '-1', 'NULL'];
const DOUBLES = [
  "'nan'",
  "'inf'",
  "'-inf'",
  "'-0.0'",
  "'5e-324'",
  "'1.7976931348623157e308'",
  "'-1.7976931348623157e308'",
  "'9223372036854775807'",
  'NULL',
];
const DATES = [
  "'infinity'",
  "'-infinity'",
  "'5881580-07-10'",
  "'5877642-06-25 (BC)'",
  "'0001-01-01'",
  "'9999-12-31'",
  'NULL',
];
const MOMENTS = [
  "'infinity'",
  "'-infinity'",
  // The first and the last that DuckDB knows.
  'make_timestamptz(9223372036854775806)',
  'make_timestamptz(-9223372022400000000)',
  "'0001-01-01 00:00:00'",
  "'1969-12-31 23:59:59.999999'",
  'NULL',
];
const text: Column = { type: 'VARCHAR', harmless: "'calm'", nasty: TEXTS };
const int: Column = { type: 'INTEGER', harmless: '2', nasty: INTS };
const double: Column = { type: 'DOUBLE', harmless: '0.5', nasty: DOUBLES };

/** Input name to column; intervals are no type of a lake, so the corpus' own stand for them. */
export const NASTY_COLUMNS: Readonly<Record<string, Column>> = {
  text,
  word: text,
  small: int,
  index: int,
  part: int,
  int,
  tiny: { type: 'TINYINT', harmless: '2', nasty: ['-128', '127', '0', 'NULL'] },
  long: {
    type: 'BIGINT',
    harmless: '2',
    nasty: ["'-9223372036854775808'", '9223372036854775807', '0', '-1', 'NULL'],
  },
  dec: {
    type: 'DECIMAL(28,2)',
    harmless: '2.5',
    nasty: ["'99999999999999999999999999.99'", "'-99999999999999999999999999.99'", '0', 'NULL'],
  },
  money: { type: 'DECIMAL(10,2)', harmless: '2.5', nasty: ["'99999999.99'", "'-99999999.99'", '0', 'NULL'] },
  flt: { type: 'FLOAT', harmless: '0.5', nasty: ["'nan'", "'inf'", "'-inf'", "'-0.0'", "'3.4e38'", 'NULL'] },
  dbl: double,
  unit: double,
  date: { type: 'DATE', harmless: "'2024-02-29'", nasty: DATES },
  time: { type: 'TIMESTAMPTZ', harmless: "'2024-02-29 12:00:00+00'", nasty: MOMENTS },
  ntz: {
    type: 'TIMESTAMP',
    harmless: "'2024-02-29 12:00:00'",
    nasty: MOMENTS.map((moment) => moment.replace('timestamptz', 'timestamp')),
  },
  bool: { type: 'BOOLEAN', harmless: 'true', nasty: ['false', 'NULL'] },
  bin: {
    type: 'BLOB',
    harmless: "'a'",
    nasty: ["from_hex('FFFE00C3')", "from_hex('')", "from_hex('80')", 'NULL'],
  },
  arr: {
    type: 'INTEGER[]',
    harmless: '[1, 2]',
    nasty: ['[]', '[NULL]', '[-2147483648, 2147483647]', 'range(500)', 'NULL'],
  },
  words: {
    type: 'VARCHAR[]',
    harmless: "['a', 'b']",
    nasty: ['[]', '[NULL]', "['', chr(0)]", "[repeat('x', 999)]", 'NULL'],
  },
  dbls: {
    type: 'DOUBLE[]',
    harmless: '[0.5]',
    nasty: ['[]', "['nan'::DOUBLE, NULL]", "['inf'::DOUBLE, '-0.0'::DOUBLE]", 'NULL'],
  },
  nested: {
    type: 'INTEGER[][]',
    harmless: '[[1], [2]]',
    nasty: ['[]', '[NULL]', '[[], NULL, [NULL]]', '[[]]', 'NULL'],
  },
  map: {
    type: 'MAP(VARCHAR, INTEGER)',
    harmless: "MAP {'a': 1}",
    nasty: ['MAP {}', "MAP {'': NULL}", "MAP {'a': 2147483647, chr(0): 0}", 'NULL'],
  },
  rec: {
    type: 'STRUCT(a INTEGER, b VARCHAR)',
    harmless: "{'a': 1, 'b': 'x'}",
    nasty: ["{'a': NULL, 'b': chr(0)}", "{'a': -2147483648, 'b': ''}", 'NULL'],
  },
};

const DICTIONARY_OF = "'calm', 'nasty'";

/** DuckDB SQL of its rows. */
export function nastyRows(): string {
  const columns = Object.entries(NASTY_COLUMNS).map(([name, { type, harmless, nasty }]) => {
    const values = nasty.map((value) => `CAST(${value} AS ${type})`).join(', ');
    // Every column walks through its values at its own pace, so that they meet.
    const value = `list_extract([${values}], CAST(1 + hash(i, '${name}') % ${nasty.length} AS BIGINT))`;
    return `CASE WHEN i % ${HARMLESS_EVERY} = 0 THEN CAST(${harmless} AS ${type}) ELSE ${value} END AS "${name}"`;
  });
  const kind = `list_extract([${DICTIONARY_OF}], CASE WHEN i % ${HARMLESS_EVERY} = 0 THEN 1 ELSE 2 END) AS kind`;
  return `SELECT CAST(i AS INTEGER) AS id, ${kind}, ${columns.join(', ')} FROM range(${NASTY_ROWS}) AS t(i)`;
}
