/**
 * Written tables beside those of the lake, in one snapshot. A commit is told by Postgres; what is shown of a table, its
 * files and its tags, is from one moment.
 */
import { createHash } from 'node:crypto';
import {
  type CatalogSnapshot,
  type ColumnMeta,
  foldName,
  type ObjectId,
  type TableMeta,
  type TableSource,
} from '../core/catalog/catalog.js';
import { typeName } from '../core/plan/types.js';
import { Listener } from '../store/listener.js';
import { type ManagedTable, TABLES_CHANNEL } from '../store/managed-tables.js';
import { METADATA_CHANNEL } from '../store/object-metadata.js';

/** The safety net under the notifications. */
const POLL_MS = 5_000;
const VERSION_HEX_DIGITS = 32;

export interface ManagedCatalogOptions {
  readonly all: () => Promise<readonly ManagedTable[]>;
  readonly lake: () => CatalogSnapshot;
  readonly url: string;
  readonly onProblem: (error: unknown) => void;
}

export class ManagedCatalog {
  private readonly listener: Listener;
  private timer: NodeJS.Timeout | undefined;
  private tables: readonly TableMeta[] = [];
  private additions: ReadonlyMap<ObjectId, ManagedTable> = new Map();
  private merged: { readonly lake: CatalogSnapshot; readonly snapshot: CatalogSnapshot } | undefined;
  private known: ReadonlyMap<string, TableMeta> = new Map();
  private loading: Promise<void> | undefined;
  private again = false;

  constructor(private readonly options: ManagedCatalogOptions) {
    const refresh = (): void => void this.refresh().catch(options.onProblem);
    this.listener = new Listener({
      url: options.url,
      channels: [TABLES_CHANNEL, METADATA_CHANNEL],
      onNotify: refresh,
      onReconnect: refresh,
      onLost: () => undefined,
    });
  }

  async start(): Promise<void> {
    await this.refresh();
    await this.listener.start();
    this.timer = setInterval(() => void this.refresh().catch(this.options.onProblem), POLL_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.listener.stop();
  }

  /** The same object as long as nothing changed: others remember what they made of it. */
  snapshot(): CatalogSnapshot {
    const lake = this.options.lake();
    if (this.merged?.lake !== lake) this.merged = { lake, snapshot: this.merge(lake) };
    return this.merged.snapshot;
  }

  /** Reads the tables now. Calls that come meanwhile share one more reading, so none misses a change. */
  refresh(): Promise<void> {
    this.again = true;
    this.loading ??= this.load();
    return this.loading;
  }

  private async load(): Promise<void> {
    try {
      while (this.again) {
        this.again = false;
        this.take(await this.options.all());
      }
    } finally {
      this.loading = undefined;
    }
  }

  private take(all: readonly ManagedTable[]): void {
    const known = new Map<string, TableMeta>();
    const tables = all
      .filter((table) => !table.lake)
      .map((table) => {
        const version = versionOf(table);
        const meta = this.known.get(`${table.object} ${version}`) ?? ownTable(table, version);
        known.set(`${table.object} ${version}`, meta);
        return meta;
      });
    this.known = known;
    this.tables = tables;
    this.additions = new Map(all.filter((table) => table.lake).map((table) => [table.object, table]));
    this.merged = undefined;
  }

  private merge(lake: CatalogSnapshot): CatalogSnapshot {
    const tables = new Map(lake.tables);
    for (const [id, addition] of this.additions) {
      const table = tables.get(id);
      if (table?.source.format === 'parquet') tables.set(id, addedTo(table, addition));
    }
    for (const table of this.tables) tables.set(table.id, table);
    const version = hash([...tables.values()].map((table) => `${table.id} ${table.version}`).sort());
    return { version, tables };
  }
}

function ownTable(table: ManagedTable, version: string): TableMeta {
  const [catalog = '', schema = '', name = ''] = table.object.split('.');
  const tagsOf = (column: string): readonly string[] => table.tags.get(foldName(column)) ?? [];
  return {
    id: table.object,
    catalog,
    schema,
    table: name,
    columns: table.columns.map((column) => ({ ...column, nullable: true, tags: tagsOf(column.name) })),
    tags: tagsOf(''),
    owner: table.owner,
    source: sourceOf(table),
    version,
    managed: { version: table.version, lake: false },
  };
}

function sourceOf({ delta, files }: ManagedTable): TableSource {
  if (delta === undefined) return { format: 'parquet', files, partitions: [] };
  const logVersion = delta.versions.at(-1)?.logVersion ?? 0;
  return { format: 'delta', ...delta, logVersion, files: [], partitions: [] };
}

/** Tags that came with the added rows are there with them, whenever the lake is looked at next. */
function addedTo(table: TableMeta, addition: ManagedTable): TableMeta {
  if (table.source.format !== 'parquet') return table;
  const union = (tags: readonly string[], column: string): readonly string[] => [
    ...new Set([...tags, ...(addition.tags.get(foldName(column)) ?? [])]),
  ];
  const columns: readonly ColumnMeta[] = table.columns.map((column) => ({
    ...column,
    // A file that was added may hold NULL where the lake's own do not.
    nullable: true,
    tags: union(column.tags, column.name),
  }));
  return {
    ...table,
    columns,
    tags: union(table.tags, ''),
    source: { ...table.source, files: [...table.source.files, ...addition.files] },
    version: hash([table.version, versionOf(addition)]),
    managed: { version: addition.version, lake: true },
  };
}

const versionOf = (table: ManagedTable): string =>
  hash([
    String(table.version),
    table.format,
    table.owner,
    ...table.columns.map(({ name, type }) => `${name} ${typeName(type)}`),
    ...table.files,
    ...[...table.tags].map(([column, tags]) => `${column}: ${[...tags].sort().join()}`).sort(),
  ]);

const hash = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, VERSION_HEX_DIGITS);
