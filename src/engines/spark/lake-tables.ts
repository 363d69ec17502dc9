/**
 * The lake's tables on Spark: views that belong to no session, over exactly the files that the catalogue knows, under
 * names drawn at random. A name that nobody was given is no table. A view, not a table, because it has no hidden
 * columns (`_metadata`) and no file that the catalogue has not seen.
 */
import { randomBytes } from 'node:crypto';
import type { CatalogSnapshot, ObjectId, TableMeta } from '../../core/catalog/catalog.js';
import { printIdentifier } from '../../core/sql/print-literal.js';
import { deltaFiles } from './delta-files.js';
import type { SparkSession } from './session.js';
import { readStream } from './stream-files.js';
import { type Relation, readFiles } from './table-files.js';

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
  /** By object id; those that are read as a stream by how that is done as well. */
  readonly #tables = new Map<string, Registered>();
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
      return [id, await this.#nameOf(id, table, () => plainlyNamed(table, readFiles(table)))] as const;
    });
    return new Map(await Promise.all(entries));
  }

  /** The same for a table that is read as a stream. */
  async streamName(table: TableMeta, options: Readonly<Record<string, string>>): Promise<string> {
    const { source } = table;
    return this.#nameOf(`${table.id} ${JSON.stringify(options)}`, table, async () => {
      const files = source.format === 'delta' ? await deltaFiles(this.#session, source) : undefined;
      return plainlyNamed(table, readStream(table, options, files));
    });
  }

  /** The same for a table as it was; that never changes. */
  async earlierName(table: TableMeta, logVersion: number): Promise<string> {
    if (table.source.format !== 'delta') throw new Error(`${table.id} does not remember what it was`);
    const then: TableMeta = {
      ...table,
      version: `${table.source.folder} ${logVersion}`,
      source: { ...table.source, logVersion },
    };
    return this.#nameOf(`${table.id} as of ${logVersion}`, then, () => plainlyNamed(then, readFiles(then)));
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

  #nameOf(key: string, table: TableMeta, input: () => Relation | Promise<Relation>): Promise<string> {
    const known = this.#tables.get(key);
    if (known?.version === table.version) return known.name;
    const name = this.#register(input);
    this.#tables.set(key, { version: table.version, name });
    name.catch(() => {
      if (this.#tables.get(key)?.name === name) this.#tables.delete(key);
    });
    if (known !== undefined) void known.name.then((old) => this.#retire(old)).catch(() => undefined);
    return name;
  }

  async #register(read: () => Relation | Promise<Relation>): Promise<string> {
    const input = await read();
    const name = `t${randomBytes(NAME_BYTES).toString('hex')}`;
    await this.#session.command({
      commandType: {
        case: 'createDataframeView',
        value: { input, name, isGlobal: true, replace: false },
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
function plainlyNamed(table: TableMeta, input: Relation): Relation {
  if (table.columns.every((column) => PLAIN_NAME.test(column.name))) return input;
  const expressions = table.columns.map((column) => {
    const unparsedIdentifier = printIdentifier(column);
    const expr = { exprType: { case: 'unresolvedAttribute', value: { unparsedIdentifier } } };
    return { exprType: { case: 'alias', value: { expr, name: [viewColumn(table, column.name)] } } };
  });
  return { relType: { case: 'project', value: { input, expressions } } };
}
