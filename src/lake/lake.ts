/**
 * Where tables come from: the sample lake (`shop`) and the user's folder (`lake`), as immutable snapshots. A
 * file that cannot be served is a problem that the operator sees; everything else is served.
 */
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import {
  type CatalogSnapshot,
  type ColumnMeta,
  foldName,
  type ObjectId,
  objectId,
  type TableMeta,
} from '../core/catalog/catalog.js';
import { typeName } from '../core/plan/types.js';
import { type Described, describeTable } from './describe-table.js';
import { discover, type FoundTable, type LakeProblem } from './discover.js';
import { SAMPLE_METADATA } from './sample/sample-metadata.js';

const DESCRIBE_MEMORY_LIMIT = '512MB';
export const SAMPLE_CATALOG = 'shop';
export const FOLDER_CATALOG = 'lake';

/** Owners and tags that people set; `column` is empty for the table itself. */
export interface TableMetadata {
  readonly object: ObjectId;
  readonly column: string;
  readonly owner: string | null;
  readonly tags: readonly string[];
}

export interface LakeOptions {
  /** Folder made by `ensureSampleLake`. */
  readonly sampleDir?: string;
  /** The user's own folder. */
  readonly lakeDir?: string;
  readonly metadata?: () => Promise<readonly TableMetadata[]>;
}

export interface Lake {
  snapshot(): CatalogSnapshot;
  problems(): readonly LakeProblem[];
  /** Absolute folders that the engine must be able to read. */
  directories(): readonly string[];
  /** Looks at folders and metadata again; calls that come meanwhile share one more look. */
  refresh(): Promise<void>;
  close(): void;
}

interface Known {
  readonly fileVersion: string;
  readonly described: Described;
}

interface State {
  readonly snapshot: CatalogSnapshot;
  readonly problems: readonly LakeProblem[];
  /** By path of the table, so that an unchanged table is not opened again. */
  readonly known: ReadonlyMap<string, Known>;
}

export async function openLake(options: LakeOptions): Promise<Lake> {
  const roots = await Promise.all(
    [
      { catalog: SAMPLE_CATALOG, directory: options.sampleDir },
      { catalog: FOLDER_CATALOG, directory: options.lakeDir },
    ].flatMap(({ catalog, directory }) =>
      directory === undefined ? [] : [realpath(directory).then((path) => ({ catalog, directory: path }))],
    ),
  );
  let state = await look(roots, options, new Map());
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const refreshNow = async () => {
    state = await look(roots, options, state.known);
  };
  const refresh = (): Promise<void> => {
    if (running === undefined) {
      running = refreshNow().finally(() => {
        running = undefined;
      });
      return running;
    }
    next ??= running
      .catch(() => {})
      .then(() => {
        next = undefined;
        return refresh();
      });
    return next;
  };
  return {
    snapshot: () => state.snapshot,
    problems: () => state.problems,
    directories: () => roots.map((root) => root.directory),
    refresh,
    close: () => {
      state = { ...state, known: new Map() };
    },
  };
}

async function look(
  roots: readonly { readonly catalog: string; readonly directory: string }[],
  options: LakeOptions,
  before: ReadonlyMap<string, Known>,
): Promise<State> {
  const metadata = new Map<string, TableMetadata>();
  for (const row of (await options.metadata?.()) ?? []) metadata.set(`${row.object}/${row.column}`, row);
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: DESCRIBE_MEMORY_LIMIT });
  const connection = await instance.connect();
  const problems: LakeProblem[] = [];
  const known = new Map<string, Known>();
  const tables = new Map<ObjectId, TableMeta>();
  try {
    for (const { catalog, directory } of roots) {
      const found = await discover(directory);
      problems.push(...found.problems);
      for (const table of found.tables) {
        const key = `${directory}/${table.path}`;
        const seen = await describeOnce(connection, table, before.get(key), problems);
        if (seen === undefined) continue;
        known.set(key, seen);
        const meta = tableMeta(catalog, table, seen, metadata);
        tables.set(meta.id, meta);
      }
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return { snapshot: snapshotOf(tables), problems, known };
}

async function describeOnce(
  connection: DuckDBConnection,
  table: FoundTable,
  before: Known | undefined,
  problems: LakeProblem[],
): Promise<Known | undefined> {
  const fileVersion = hash(table.files.map((f) => `${f.path}|${f.sizeBytes}|${f.modifiedMs}`));
  try {
    const described =
      before?.fileVersion === fileVersion ? before.described : await describeTable(connection, table);
    problems.push(...described.problems.map((message) => ({ path: table.path, message })));
    return { fileVersion, described };
  } catch (error) {
    problems.push({ path: table.path, message: `Not served: ${reason(error)}` });
    return undefined;
  }
}

function tableMeta(
  catalog: string,
  found: FoundTable,
  { described, fileVersion }: Known,
  metadata: ReadonlyMap<string, TableMetadata>,
): TableMeta {
  const id = objectId(catalog, found.schema, found.table);
  const sample = catalog === SAMPLE_CATALOG ? SAMPLE_METADATA.get(id) : undefined;
  const set = metadata.get(`${id}/`);
  const owner = set?.owner ?? sample?.owner;
  const columns: readonly ColumnMeta[] = described.columns.map((column) => {
    const name = foldName(column.name);
    return { ...column, tags: metadata.get(`${id}/${name}`)?.tags ?? sample?.columns[name] ?? [] };
  });
  const shape = columns.map((c) => `${c.name} ${typeName(c.type)} ${c.tags.join()}`);
  return {
    id,
    catalog,
    schema: foldName(found.schema),
    table: foldName(found.table),
    columns,
    tags: set?.tags ?? [],
    ...(owner === undefined ? {} : { owner }),
    source: described.source,
    version: hash([fileVersion, ...shape, (set?.tags ?? []).join(), owner ?? '']),
  };
}

function snapshotOf(tables: ReadonlyMap<ObjectId, TableMeta>): CatalogSnapshot {
  return { version: hash([...tables.values()].map((t) => `${t.id} ${t.version}`).sort()), tables };
}

/** DuckDB's first line, without the path (the problem names it) and without what stood in the file. */
function reason(error: unknown): string {
  const message = (error as { message?: unknown } | null)?.message;
  const line = typeof message === 'string' ? (message.split('\n')[0] ?? '') : '';
  return (
    line
      .replace(/"[^"]*"|'[^']*'/g, '')
      .replace(/\s+/g, ' ')
      .trim() || 'the file cannot be read'
  );
}

const VERSION_HEX_DIGITS = 32;
const hash = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, VERSION_HEX_DIGITS);
