/**
 * What tables there are. Names are folded once, here; decisions are made on object ids only.
 */
import type { DataType } from '../plan/types.js';
import type { ColumnDrift } from './drift.js';

/** Canonical id: `catalog.schema.table`, each part lower-cased. */
export type ObjectId = string;

export interface ColumnMeta {
  /** As the data has it; compared without case. */
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly tags: readonly string[];
}

/** Where the rows are. Files are absolute paths on the gateway's own machine and never leave it. */
export type TableSource =
  | { readonly format: 'parquet'; readonly files: readonly string[]; readonly partitions: readonly string[] }
  | {
      readonly format: 'csv';
      readonly files: readonly string[];
      readonly partitions: readonly string[];
      readonly delimiter: string;
      readonly quote: string;
      readonly escape: string;
      readonly header: boolean;
    }
  | {
      readonly format: 'json';
      readonly files: readonly string[];
      readonly partitions: readonly string[];
      readonly layout: 'newline_delimited' | 'array';
    }
  /** Its log says which files are the table: they are Spark's to list. */
  | {
      readonly format: 'delta';
      readonly folder: string;
      /** Of the log, as last committed in Postgres: readers read this one, whatever Spark has committed since. */
      readonly logVersion: number;
      /** Those that may be read, oldest first; `logVersion` is the last. A write that was taken back is in the log, not here. */
      readonly versions: readonly TableVersion[];
      readonly files: readonly string[];
      readonly partitions: readonly string[];
    };

export interface TableVersion {
  readonly logVersion: number;
  /** ISO 8601 in UTC. */
  readonly committedAt: string;
}

/** A table that came about by writing, or one of the lake that was added to. */
export interface ManagedState {
  /** Raised by every commit; compared by the next one. */
  readonly version: number;
  /** Only added to: the lake's own files cannot be replaced or dropped. */
  readonly lake: boolean;
}

/** A file that others may change, and what it was when it was looked at. */
export interface SeenFile {
  readonly path: string;
  /** Another one as soon as anything of the file is another. */
  readonly identity: string;
}

export interface TableMeta {
  readonly id: ObjectId;
  readonly catalog: string;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly ColumnMeta[];
  readonly tags: readonly string[];
  readonly owner?: string;
  readonly source: TableSource;
  /** Changes when the files or the schema change; part of cache keys. */
  readonly version: string;
  /** What is not as it was when its policies were written. Absent: nothing. */
  readonly drift?: readonly ColumnDrift[];
  /** Of `source.files`, those that are not Sluice's own. */
  readonly seen?: readonly SeenFile[];
  /** Absent: nobody ever wrote to it through Sluice. */
  readonly managed?: ManagedState;
}

/** An immutable picture of the lake at one moment. */
export interface CatalogSnapshot {
  readonly version: string;
  readonly tables: ReadonlyMap<ObjectId, TableMeta>;
}

/** Folds a name the one way names are folded. */
export const foldName = (name: string): string => name.toLowerCase();

export const objectId = (catalog: string, schema: string, table: string): ObjectId =>
  `${foldName(catalog)}.${foldName(schema)}.${foldName(table)}`;

export const findColumn = (table: TableMeta, name: string): ColumnMeta | undefined => {
  const folded = foldName(name);
  return table.columns.find((c) => foldName(c.name) === folded);
};
