/**
 * CAST to string as Spark writes values: doubles as Java prints them, timestamps without trailing zeros,
 * nested values in brackets with `null` for NULL.
 */
import type { DataType } from '../../plan/types.js';
import { freshVariable, letIn } from './let.js';

/** Does every value of this type have a text that DuckDB can write as Spark does? Intervals have not. */
export function hasText(type: DataType): boolean {
  switch (type.kind) {
    case 'interval':
      return false;
    case 'array':
      return hasText(type.element);
    case 'map':
      return hasText(type.key) && hasText(type.value);
    case 'struct':
      return type.fields.every((field) => hasText(field.type));
    default:
      return true;
  }
}

/** Spark's text of a value, NULL for NULL. Only for types that `hasText`. */
export function toText(sql: string, from: DataType): string {
  switch (from.kind) {
    case 'boolean':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'void':
      return `CAST(${sql} AS VARCHAR)`;
    case 'string':
      return sql;
    case 'binary':
      return `decode(${sql})`;
    case 'float':
    case 'double':
      return letIn(sql, floatText);
    case 'date':
      return letIn(sql, (v) => calendarText(v, `CAST(${v} AS VARCHAR)`, `strftime(${v}, '-%m-%d')`));
    case 'timestamp':
      return toText(`make_timestamp(epoch_us(${sql}))`, { kind: 'timestamp_ntz' });
    case 'timestamp_ntz':
      return letIn(sql, (v) => calendarText(v, `CAST(${v} AS VARCHAR)`, timestampTail(v)));
    case 'array':
      return letIn(sql, (v) => {
        const items = listText(v, from.element);
        return orNull(v, `'[' || ${items} || ']'`);
      });
    case 'map':
      return mapText(sql, from.key, from.value);
    case 'struct':
      return letIn(sql, (v) => {
        const fields = from.fields.map((field, i) =>
          elementText(`struct_extract_at(${v}, ${i + 1})`, field.type),
        );
        return orNull(v, `'{' || ${fields.join(" || ', ' || ") || "''"} || '}'`);
      });
    case 'interval':
      throw new Error('an interval has no text here');
  }
}

const orNull = (name: string, sql: string): string => `CASE WHEN ${name} IS NULL THEN NULL ELSE ${sql} END`;

const elementText = (sql: string, type: DataType): string => `coalesce(${toText(sql, type)}, 'null')`;

function listText(list: string, element: DataType): string {
  const name = freshVariable(list);
  const texts = `list_transform(${list}, lambda ${name}: ${elementText(name, element)})`;
  return `coalesce(list_aggregate(${texts}, 'string_agg', ', '), '')`;
}

function mapText(sql: string, key: DataType, value: DataType): string {
  return letIn(sql, (v) => {
    const name = freshVariable(v);
    const entry = `${elementText(`${name}.key`, key)} || ' -> ' || ${elementText(`${name}.value`, value)}`;
    const texts = `list_transform(map_entries(${v}), lambda ${name}: ${entry})`;
    return orNull(v, `'{' || coalesce(list_aggregate(${texts}, 'string_agg', ', '), '') || '}'`);
  });
}

/** Years of five digits carry a plus, years before 1 a minus: DuckDB writes neither. */
const calendarText = (v: string, plain: string, tail: string): string =>
  `CASE WHEN year(${v}) BETWEEN 0 AND 9999 AND year(${v}) > 0 THEN ${plain} ` +
  `WHEN year(${v}) > 9999 THEN '+' || ${plain} ` +
  `ELSE CASE WHEN year(${v}) < 0 THEN '-' ELSE '' END || lpad(CAST(abs(year(${v})) AS VARCHAR), 4, '0') || ${tail} END`;

const timestampTail = (v: string): string =>
  `strftime(${v}, '-%m-%d %H:%M:%S') || rtrim(rtrim(strftime(${v}, '.%f'), '0'), '.')`;

/**
 * Java's Double.toString: plain digits from 1e-3 up to 1e7, else `d.dddE<n>`. DuckDB's shortest digits are
 * taken apart and put together again.
 */
function floatText(v: string): string {
  const plain = `CAST(${v} AS VARCHAR)`;
  const digits = `ltrim(replace(regexp_replace(CAST(abs(${v}) AS VARCHAR), 'e.*$', ''), '.', ''), '0')`;
  const significant = `rtrim(${digits}, '0')`;
  const mantissa = `left(${digits}, 1) || '.' || CASE WHEN length(${significant}) > 1 THEN substring(${significant}, 2) ELSE '0' END`;
  return (
    `CASE WHEN isnan(${v}) THEN 'NaN' WHEN isinf(${v}) THEN CASE WHEN ${v} > 0 THEN 'Infinity' ELSE '-Infinity' END ` +
    `WHEN ${v} = 0 OR (abs(${v}) >= 0.001 AND abs(${v}) < 10000000) THEN ${plain} ` +
    `ELSE CASE WHEN ${v} < 0 THEN '-' ELSE '' END || ${mantissa} || 'E' || ${exponent(v)} END`
  );
}

/**
 * DuckDB writes an exponent itself below 1e-4 and from 1e16; between, the digits before or the zeros after
 * the point count.
 */
function exponent(v: string): string {
  const text = `CAST(abs(${v}) AS VARCHAR)`;
  return (
    `CASE WHEN contains(${text}, 'e') THEN CAST(CAST(regexp_extract(${text}, 'e(.*)$', 1) AS INTEGER) AS VARCHAR) ` +
    `WHEN abs(${v}) >= 1 THEN CAST(strpos(${text}, '.') - 2 AS VARCHAR) ` +
    `ELSE CAST(-(length(regexp_extract(${text}, '^0\\.(0*)', 1)) + 1) AS VARCHAR) END`
  );
}
