/**
 * Spark's types in DuckDB's words and back. What comes from a file is mapped as Spark reads Parquet; a type
 * that Spark has no counterpart for is not served (`undefined`), never guessed.
 */
import {
  array,
  BIGINT,
  BINARY,
  BOOLEAN,
  DATE,
  type DataType,
  DOUBLE,
  decimal,
  FLOAT,
  INT,
  map,
  SMALLINT,
  STRING,
  type StructField,
  struct,
  TIMESTAMP,
  TIMESTAMP_NTZ,
  TINYINT,
} from '../../plan/types.js';
import { quoteIdentifier } from './identifier.js';

const ATOMIC = {
  // An untyped NULL has to have some type in an engine; INTEGER is DuckDB's own choice for it.
  void: 'INTEGER',
  boolean: 'BOOLEAN',
  tinyint: 'TINYINT',
  smallint: 'SMALLINT',
  int: 'INTEGER',
  bigint: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  string: 'VARCHAR',
  binary: 'BLOB',
  date: 'DATE',
  timestamp: 'TIMESTAMP WITH TIME ZONE',
  timestamp_ntz: 'TIMESTAMP',
} as const;

/**
 * The DuckDB type that holds values of a Spark type. Both interval families are INTERVAL (months only,
 * microseconds only).
 */
export function duckDbType(type: DataType): string {
  switch (type.kind) {
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'interval':
      return 'INTERVAL';
    case 'array':
      return `${duckDbType(type.element)}[]`;
    case 'map':
      return `MAP(${duckDbType(type.key)}, ${duckDbType(type.value)})`;
    case 'struct':
      return `STRUCT(${type.fields.map((f) => `${quoteIdentifier(f.name)} ${duckDbType(f.type)}`).join(', ')})`;
    default:
      return ATOMIC[type.kind];
  }
}

/** DuckDB's type names as DESCRIBE writes them. Unsigned integers widen as Spark widens them. */
const FROM_NAME: ReadonlyMap<string, DataType> = new Map<string, DataType>([
  ['BOOLEAN', BOOLEAN],
  ['TINYINT', TINYINT],
  ['SMALLINT', SMALLINT],
  ['INTEGER', INT],
  ['BIGINT', BIGINT],
  ['UTINYINT', SMALLINT],
  ['USMALLINT', INT],
  ['UINTEGER', BIGINT],
  ['UBIGINT', decimal(20, 0)],
  ['FLOAT', FLOAT],
  ['DOUBLE', DOUBLE],
  ['VARCHAR', STRING],
  ['JSON', STRING],
  ['UUID', STRING],
  ['BLOB', BINARY],
  ['DATE', DATE],
  ['TIMESTAMP', TIMESTAMP_NTZ],
  ['TIMESTAMP_S', TIMESTAMP_NTZ],
  ['TIMESTAMP_MS', TIMESTAMP_NTZ],
  ['TIMESTAMP WITH TIME ZONE', TIMESTAMP],
  ['TIMESTAMPTZ', TIMESTAMP],
]);

/** Types nest at most this deep in a file that is served. */
const TYPE_DEPTH_MAX = 64;

/**
 * The Spark type of a DuckDB type as DESCRIBE writes it, or undefined: the column is not served (HUGEINT,
 * TIME, INTERVAL, BIT, UNION, nanosecond timestamps, ... have no counterpart that Spark would read).
 */
export function fromDuckDbType(text: string): DataType | undefined {
  const reader = new TypeReader(text);
  const type = reader.type(0);
  return reader.atEnd() ? type : undefined;
}

/**
 * Reads `STRUCT("a b" INTEGER, c VARCHAR[])[3]` and the like. Gives undefined for the whole at the first
 * unknown part.
 */
class TypeReader {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#text.slice(this.#at).trim() === '';
  }

  type(depth: number): DataType | undefined {
    if (depth > TYPE_DEPTH_MAX) return undefined;
    let type = this.#base(depth);
    while (type !== undefined && this.#match(/\s*\[\d*\]/y) !== undefined) type = array(type);
    return type;
  }

  #base(depth: number): DataType | undefined {
    const name = this.#match(/\s*(TIMESTAMP WITH TIME ZONE|[A-Z_]+)/y)?.trim();
    switch (name) {
      case undefined:
        return undefined;
      case 'STRUCT':
        return this.#struct(depth);
      case 'MAP':
        return this.#map(depth);
      case 'ENUM':
        return this.#match(/\((?:\s*'(?:[^']|'')*'\s*,?)*\)/y) === undefined ? undefined : STRING;
      case 'DECIMAL': {
        const size = /\((\d+),\s*(\d+)\)/.exec(this.#match(/\(\d+,\s*\d+\)/y) ?? '');
        return size === null ? undefined : decimal(Number(size[1]), Number(size[2]));
      }
      default:
        return FROM_NAME.get(name);
    }
  }

  #struct(depth: number): DataType | undefined {
    if (this.#match(/\(/y) === undefined) return undefined;
    const fields: StructField[] = [];
    do {
      const name = this.#fieldName();
      const type = name === undefined ? undefined : this.type(depth + 1);
      if (name === undefined || type === undefined) return undefined;
      fields.push({ name, type });
    } while (this.#match(/\s*,/y) !== undefined);
    return this.#match(/\s*\)/y) === undefined ? undefined : struct(fields);
  }

  #map(depth: number): DataType | undefined {
    if (this.#match(/\(/y) === undefined) return undefined;
    const key = this.type(depth + 1);
    if (key === undefined || this.#match(/\s*,/y) === undefined) return undefined;
    const value = this.type(depth + 1);
    return value === undefined || this.#match(/\s*\)/y) === undefined ? undefined : map(key, value);
  }

  #fieldName(): string | undefined {
    const quoted = this.#match(/\s*"(?:[^"]|"")*"/y)?.trim();
    if (quoted !== undefined) return quoted.slice(1, -1).replaceAll('""', '"');
    return this.#match(/\s*[\p{L}_][\p{L}\p{N}_$]*/uy)?.trim();
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found[0];
  }
}
