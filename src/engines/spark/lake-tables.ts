/**
 * The lake's tables on Spark: views that belong to no session, over exactly the files that the catalogue knows, under
 * names drawn at random. A name that nobody was given is no table. A view, not a table, because it has no hidden
 * columns (`_metadata`) and no file that the catalogue has not seen.
 */
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import type { CatalogSnapshot, ColumnMeta, ObjectId, TableMeta } from '../../core/catalog/catalog.js';
import { foldName } from '../../core/catalog/catalog.js';
import { printIdentifier, printType } from '../../core/sql/print-literal.js';
import type { SparkSession } from './session.js';

const NAME_BYTES = 16;
/** A statement that was prepared over the files of before may still be waiting for its turn. */
const REPLACED_KEPT_MS = 15 * 60_000;
/** A name that reads like nothing else in the text of a plan. */
const PLAIN_NAME = /^[\p{L}\p{N}_ $.%:@/"-]+$/u;

interface Registered {
  readonly version: string;
  readonly name: Promise<string>;
}

export class LakeTables {
  readonly #session: SparkSession;
  /** What Spark calls the schema of such views. */
  readonly #schema: string;
  readonly #tables = new Map<ObjectId, Registered>();
  readonly #leaving = new Map<NodeJS.Timeout, string>();

  private constructor(session: SparkSession, schema: string) {
    this.#session = session;
    this.#schema = schema;
  }

  static async open(session: SparkSession): Promise<LakeTables> {
    return new LakeTables(session, (await session.setting('spark.sql.globalTempDatabase')) ?? 'global_temp');
  }

  /** Names of these tables, made where they are not there yet: object id -> `schema.name` as the plan shows it. */
  async names(tables: Iterable<ObjectId>, catalog: CatalogSnapshot): Promise<ReadonlyMap<ObjectId, string>> {
    const entries = [...new Set(tables)].map(async (id) => {
      const table = catalog.tables.get(id);
      if (table === undefined) throw new Error(`${id} is not in the catalogue`);
      return [id, await this.#nameOf(table)] as const;
    });
    return new Map(await Promise.all(entries));
  }

  /** Takes every view away. */
  async close(): Promise<void> {
    const names = [...this.#tables.values()].map(({ name }) => name.catch(() => undefined));
    const leaving = [...this.#leaving].map(([timer, name]) => {
      clearTimeout(timer);
      return name;
    });
    this.#tables.clear();
    this.#leaving.clear();
    for (const name of [...(await Promise.all(names)), ...leaving]) {
      if (name !== undefined) await this.#drop(name).catch(() => undefined);
    }
  }

  #nameOf(table: TableMeta): Promise<string> {
    const known = this.#tables.get(table.id);
    if (known?.version === table.version) return known.name;
    const name = this.#register(table);
    this.#tables.set(table.id, { version: table.version, name });
    name.catch(() => {
      if (this.#tables.get(table.id)?.name === name) this.#tables.delete(table.id);
    });
    if (known !== undefined) void known.name.then((old) => this.#retire(old)).catch(() => undefined);
    return name;
  }

  async #register(table: TableMeta): Promise<string> {
    const name = `t${randomBytes(NAME_BYTES).toString('hex')}`;
    await this.#session.command({
      commandType: {
        case: 'createDataframeView',
        value: { input: plainlyNamed(table), name, isGlobal: true, replace: false },
      },
    });
    return `${this.#schema}.${name}`;
  }

  #retire(name: string): void {
    const timer = setTimeout(() => {
      this.#leaving.delete(timer);
      void this.#drop(name).catch(() => undefined);
    }, REPLACED_KEPT_MS);
    timer.unref();
    this.#leaving.set(timer, name);
  }

  async #drop(name: string): Promise<void> {
    const viewName = name.slice(this.#schema.length + 1);
    const catType = { case: 'dropGlobalTempView', value: { viewName } };
    await this.#session.run({ relType: { case: 'catalog', value: { catType } } });
  }
}

/** `schema.name` as SQL. */
export const quotedName = (name: string): string => {
  const at = name.lastIndexOf('.');
  return [name.slice(0, at), name.slice(at + 1)].map((part) => printIdentifier({ name: part })).join('.');
};

/** What the view of a table calls a column: its own name, unless that could pass for a piece of a plan. */
export function viewColumn(table: TableMeta | undefined, name: string): string {
  if (PLAIN_NAME.test(name)) return name;
  return `column ${table?.columns.findIndex((column) => column.name === name)} of the table`;
}

/** The files, with columns that have other names in the view called by these. */
function plainlyNamed(table: TableMeta): Readonly<Record<string, unknown>> {
  const input = readFiles(table);
  if (table.columns.every((column) => PLAIN_NAME.test(column.name))) return input;
  const expressions = table.columns.map((column) => {
    const unparsedIdentifier = printIdentifier(column);
    const expr = { exprType: { case: 'unresolvedAttribute', value: { unparsedIdentifier } } };
    return { exprType: { case: 'alias', value: { expr, name: [viewColumn(table, column.name)] } } };
  });
  return { relType: { case: 'project', value: { input, expressions } } };
}

function readFiles({ source, columns }: TableMeta): Readonly<Record<string, unknown>> {
  const base =
    source.partitions.length === 0 ? undefined : basePath(source.files[0] ?? '', source.partitions);
  const value = {
    format: source.format,
    paths: (source.format === 'delta' ? [source.folder] : source.files).map(fileUrl),
    options: {
      ...OPTIONS[source.format](source as never),
      ...(base === undefined ? {} : { basePath: fileUrl(base) }),
    },
    // Parquet and Delta say themselves what they hold; the leaf casts it to what the catalogue says.
    ...(source.format === 'parquet' || source.format === 'delta' ? {} : { schema: schemaOf(columns) }),
  };
  return { relType: { case: 'read', value: { readType: { case: 'dataSource', value } } } };
}

/** Files are on a file system that every worker sees under the same paths. */
export const fileUrl = (path: string): string => `file://${path}`;

const schemaOf = (columns: readonly ColumnMeta[]): string =>
  columns.map((column) => `${printIdentifier(column)} ${printType(column.type)}`).join(', ');

/** The folder that the first `key=value` folder lies in. */
function basePath(file: string, partitions: readonly string[]): string {
  const keys = new Set(partitions.map(foldName));
  let folder = dirname(file);
  let base = folder;
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    const key = /^([^=]+)=/.exec(folder.slice(folder.lastIndexOf('/') + 1))?.[1];
    if (key !== undefined && keys.has(foldName(key))) base = dirname(folder);
  }
  return base;
}

/** What is in the files does not move with the time zone of whoever asks. */
const ZONE = { timeZone: 'UTC' } as const;

type Source = TableMeta['source'];
type Options = Readonly<Record<string, string>>;
const OPTIONS: { readonly [F in Source['format']]: (source: Extract<Source, { format: F }>) => Options } = {
  parquet: ({ files }) => ({ mergeSchema: String(files.length > 1) }),
  csv: (source) => ({
    sep: source.delimiter,
    quote: source.quote,
    escape: source.escape,
    header: String(source.header),
    multiLine: 'true',
    // An empty field is NULL, `""` the empty text: Spark calls both NULL unless NULL is spelt in a third way.
    nullValue: randomBytes(NAME_BYTES).toString('hex'),
    mode: 'FAILFAST',
    ...ZONE,
  }),
  delta: ({ logVersion }) => ({ versionAsOf: String(logVersion) }),
  json: ({ layout }) => ({ multiLine: String(layout === 'array'), mode: 'FAILFAST', ...ZONE }),
};
