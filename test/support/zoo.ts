/** A table with values of every type, nested and NULL ones among them. */
/** A third is NULL. */
const orNull = (sql: string): string => `CASE WHEN hash(i, 7) % 3 > 0 THEN ${sql} END`;
/** Values of every type, in DuckDB's words. */
const COLUMNS: Readonly<Record<string, string>> = {
  b: 'hash(i) % 2 = 0',
  i8: '((hash(i) % 256)::INTEGER - 128)::TINYINT',
  i16: '(i - 3000)::SMALLINT',
  i32: '((hash(i) % 4000000000)::BIGINT - 2000000000)::INTEGER',
  i64: '(hash(i) >> 1)::BIGINT - 4611686018427387904',
  f32: "CASE i % 5 WHEN 0 THEN 'NaN'::FLOAT WHEN 1 THEN '-Infinity'::FLOAT ELSE (i / 7)::FLOAT END",
  f64: "CASE i % 5 WHEN 0 THEN 'NaN'::DOUBLE WHEN 1 THEN 'Infinity'::DOUBLE ELSE -i / 7.0 END",
  d4: '((i % 1999 - 999) / 10)::DECIMAL(4, 1)',
  d9: '((i - 3000) * 1.01)::DECIMAL(9, 2)',
  d18: '(((hash(i) % 1000000000000)::BIGINT - 500000000000) / 7)::DECIMAL(18, 3)',
  d38: '(i - 3000)::DECIMAL(19, 5) * 1234567890123456::DECIMAL(16, 0)',
  s: "CASE i % 4 WHEN 0 THEN '' WHEN 1 THEN 'Köln ' || i WHEN 2 THEN repeat('long ☃', i % 50) ELSE md5(i::VARCHAR) END",
  code: "'one of the few long values ' || i % 5",
  bin: "encode(CASE i % 2 WHEN 0 THEN 'x' ELSE md5(i::VARCHAR) END)",
  day: "DATE '1969-01-01' + i::INTEGER",
  ts: "TIMESTAMPTZ '1969-12-31 23:00:00.000001+00' + to_seconds(i)",
  ntz: "TIMESTAMP '1969-12-31 23:00:00.5' + to_seconds(i)",
  l: "list_transform(range(i % 4), lambda x: CASE WHEN x = 1 THEN NULL ELSE 'item number ' || x || ' of ' || i END)",
  ll: '[[i, NULL], [], NULL]',
  st: "{'a': i, 'b': CASE WHEN i % 2 = 0 THEN [i] END, 'c': {'d': 'deep within it all ' || i}}",
  m: "map {'k' || i: i, 'other': NULL}",
};
/** And what only Spark's words give, over the table `zoo`. */
export const ZOO_MADE = [
  'NULL',
  "INTERVAL '1-2' YEAR TO MONTH",
  "INTERVAL '-3 04:05:06.7' DAY TO SECOND",
  'coalesce(l, array(s))',
];

export const ZOO_COLUMNS = Object.keys(COLUMNS);

/** DuckDB SQL of its rows: `id` and a column of each type. */
export function zoo(rows: number): string {
  const items = Object.entries(COLUMNS).map(([name, sql]) => `${orNull(sql)} AS ${name}`);
  return `SELECT i AS id, ${items.join(', ')} FROM range(${rows}) AS t(i)`;
}
