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
  type SeenFile,
  type TableMeta,
} from '../core/catalog/catalog.js';
import { type ColumnDrift, driftBetween, type ShapeColumn } from '../core/catalog/drift.js';
import { shapeOf } from '../core/plan/table-shape.js';
import { typeName } from '../core/plan/types.js';
import type { TableSchemas } from '../store/table-schemas.js';
import { describeTable } from './describe-table.js';
import { discover, type FoundTable, type LakeProblem } from './discover.js';
import { FileNotes, type NotedFiles } from './file-notes.js';
import { SAMPLE_METADATA } from './sample/sample-metadata.js';
import type { Described } from './table-columns.js';

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
  /** Absent: what columns there are is not compared with what they were. */
  readonly schemas?: Pick<TableSchemas, 'all' | 'adopt'>;
}

export interface Lake {
  snapshot(): CatalogSnapshot;
  problems(): readonly LakeProblem[];
  /** Absolute folders that the engine must be able to read. */
  directories(): readonly string[];
  /** All folders that were looked into, absolute. */
  folders(): readonly string[];
  /** Looks at folders and metadata again; calls that come meanwhile share one more look. */
  refresh(): Promise<void>;
  close(): void;
}

interface Known {
  readonly fileVersion: string;
  readonly described: Described;
  readonly seen: readonly SeenFile[];
}

/** Files that could not be read as they were. */
interface Failed {
  readonly fileVersion: string;
  readonly message: string;
}

interface State {
  readonly snapshot: CatalogSnapshot;
  readonly problems: readonly LakeProblem[];
  readonly folders: readonly string[];
  /** By path of the table, so that an unchanged table is not opened again. */
  readonly known: ReadonlyMap<string, Known>;
  readonly failed: ReadonlyMap<string, Failed>;
  readonly files: NotedFiles;
}

const NOTHING: State = {
  snapshot: { version: '', tables: new Map() },
  problems: [],
  folders: [],
  known: new Map(),
  failed: new Map(),
  files: new Map(),
};

interface Root {
  readonly catalog: string;
  readonly directory: string;
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
  let state = await look(roots, options, NOTHING);
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const refreshNow = async () => {
    state = await look(roots, options, state);
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
    folders: () => state.folders,
    refresh,
    close: () => {
      state = { ...NOTHING, snapshot: state.snapshot };
    },
  };
}

async function look(roots: readonly Root[], options: LakeOptions, before: State): Promise<State> {
  const metadata = new Map<string, TableMetadata>();
  for (const row of (await options.metadata?.()) ?? []) metadata.set(`${row.object}/${row.column}`, row);
  const accepted = await options.schemas?.all();
  const looking = new Look(before);
  const tables = new Map<ObjectId, TableMeta>();
  const folders: string[] = [];
  try {
    for (const { catalog, directory } of roots) {
      const found = await discover(directory);
      folders.push(...found.folders);
      looking.problems.push(...found.problems);
      for (const table of found.tables) {
        const seen = await looking.at(`${directory}/${table.path}`, table);
        if (seen === undefined) continue;
        const meta = tableMeta(catalog, table, seen, metadata, accepted);
        const same = before.snapshot.tables.get(meta.id);
        // The same object as long as nothing changed: others remember what they made of it.
        tables.set(meta.id, same?.version === meta.version ? same : meta);
      }
    }
  } finally {
    looking.close();
  }
  const firstSeen = [...tables.values()].filter(
    ({ id, catalog }) => catalog === FOLDER_CATALOG && accepted?.has(id) === false,
  );
  await options.schemas?.adopt(
    firstSeen.map(({ id, columns }) => ({ object: id, columns: shapeOf(columns) })),
  );
  const snapshot = snapshotOf(tables);
  const { problems, known, failed, notes } = looking;
  return {
    snapshot: snapshot.version === before.snapshot.version ? before.snapshot : snapshot,
    problems,
    folders,
    known,
    failed,
    files: notes.now,
  };
}

/** One look at all tables; DuckDB is only there when something has to be read. */
class Look {
  readonly problems: LakeProblem[] = [];
  readonly known = new Map<string, Known>();
  readonly failed = new Map<string, Failed>();
  readonly notes: FileNotes;
  private opened: { readonly instance: DuckDBInstance; readonly connection: DuckDBConnection } | undefined;

  constructor(private readonly before: State) {
    this.notes = new FileNotes(before.files);
  }

  async at(key: string, table: FoundTable): Promise<Known | undefined> {
    const fileVersion = hash(table.files.map((f) => `${f.path}|${f.identity}`));
    for (const file of table.files) this.notes.of(file);
    const before = this.before.known.get(key);
    const seen = before?.fileVersion === fileVersion ? before : await this.read(key, table, fileVersion);
    const shown = seen ?? before;
    if (shown === undefined) return undefined;
    this.known.set(key, shown);
    this.problems.push(...shown.described.problems.map((message) => ({ path: table.path, message })));
    return shown;
  }

  private async read(key: string, table: FoundTable, fileVersion: string): Promise<Known | undefined> {
    const tried = this.before.failed.get(key);
    const failed = tried?.fileVersion === fileVersion ? tried.message : undefined;
    const result = failed ?? (await this.describe(table));
    if (typeof result !== 'string') {
      const seen = table.files.map(({ path, identity }) => ({ path, identity }));
      return { fileVersion, described: result, seen };
    }
    this.failed.set(key, { fileVersion, message: result });
    // What was there before is still shown: who reads it is told that its files have changed, not that it is gone.
    const message = this.before.known.has(key)
      ? `Cannot be read any more: ${result}`
      : `Not served: ${result}`;
    this.problems.push({ path: table.path, message });
    return undefined;
  }

  private async describe(table: FoundTable): Promise<Described | string> {
    try {
      return await describeTable(await this.connection(), table, this.notes);
    } catch (error) {
      return reason(error);
    }
  }

  private async connection(): Promise<DuckDBConnection> {
    if (this.opened === undefined) {
      const instance = await DuckDBInstance.create(':memory:', { memory_limit: DESCRIBE_MEMORY_LIMIT });
      this.opened = { instance, connection: await instance.connect() };
    }
    return this.opened.connection;
  }

  close(): void {
    this.opened?.connection.closeSync();
    this.opened?.instance.closeSync();
  }
}

function tableMeta(
  catalog: string,
  found: FoundTable,
  { described, fileVersion, seen }: Known,
  metadata: ReadonlyMap<string, TableMetadata>,
  accepted: ReadonlyMap<ObjectId, readonly ShapeColumn[]> | undefined,
): TableMeta {
  const id = objectId(catalog, found.schema, found.table);
  const sample = catalog === SAMPLE_CATALOG ? SAMPLE_METADATA.get(id) : undefined;
  const set = metadata.get(`${id}/`);
  const owner = set?.owner ?? sample?.owner;
  const tagsOf = (column: string): readonly string[] => {
    const name = foldName(column);
    return metadata.get(`${id}/${name}`)?.tags ?? sample?.columns[name] ?? [];
  };
  const columns: readonly ColumnMeta[] = described.columns.map((column) => ({
    ...column,
    tags: tagsOf(column.name),
  }));
  const drift = [
    ...driftBetween(accepted?.get(id) ?? shapeOf(columns), shapeOf(columns), tagsOf),
    ...described.disagreements.map(({ column, types }): ColumnDrift => {
      return { column, change: 'disagrees', before: null, after: types.join(' | '), tags: tagsOf(column) };
    }),
  ];
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
    ...(drift.length === 0 ? {} : { drift }),
    seen,
    version: hash([fileVersion, ...shape, (set?.tags ?? []).join(), owner ?? '', JSON.stringify(drift)]),
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
