/**
 * The DuckDB instances of a gateway. The engine's can read the folders of the lake and its own run folder and
 * nothing else, and cannot be told otherwise afterwards. The judge's can read nothing: it only parses.
 */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { quoteText } from '../../core/sql/duckdb/identifier.js';

export interface InstanceOptions {
  /** Absolute folders that may be read. */
  readonly directories: readonly string[];
  /** Absolute; FIFOs and spool files. */
  readonly runDirectory: string;
  readonly spillDirectory: string;
  readonly spillBytesMax: number;
  readonly memoryBytesMax?: number;
  readonly threads?: number;
}

export interface EngineInstance {
  readonly instance: DuckDBInstance;
  readonly version: string;
  readonly threads: number;
  /** As DuckDB prints it. */
  readonly memoryLimit: string;
}

const NO_EXTENSIONS = [
  'SET GLOBAL autoinstall_known_extensions = false',
  'SET GLOBAL autoload_known_extensions = false',
  'SET GLOBAL allow_community_extensions = false',
];
/** Last: after these two nothing can be set any more. */
const LOCK = ['SET GLOBAL enable_external_access = false', 'SET GLOBAL lock_configuration = true'];

export async function openEngineInstance(options: InstanceOptions): Promise<EngineInstance> {
  const allowed = [...options.directories, options.runDirectory, options.spillDirectory];
  const instance = await DuckDBInstance.create(':memory:', {
    temp_directory: options.spillDirectory,
    ...(options.memoryBytesMax === undefined ? {} : { memory_limit: `${options.memoryBytesMax}B` }),
    ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
  });
  const connection = await instance.connect();
  try {
    for (const sql of [
      "SET GLOBAL TimeZone = 'UTC'",
      // Given when the instance is made, it is shown but not kept to (1.5.6).
      `SET GLOBAL max_temp_directory_size = '${options.spillBytesMax}B'`,
      'SET GLOBAL scalar_subquery_error_on_multiple_rows = true',
      'SET GLOBAL preserve_insertion_order = true',
      `SET GLOBAL allowed_directories = [${allowed.map((folder) => quoteText(withSlash(folder))).join(', ')}]`,
      ...NO_EXTENSIONS,
      ...LOCK,
    ]) {
      await connection.run(sql);
    }
    const [version, threads, memoryLimit] = await row(
      connection,
      "SELECT version(), current_setting('threads'), current_setting('memory_limit')",
    );
    return { instance, version: String(version), threads: Number(threads), memoryLimit: String(memoryLimit) };
  } catch (error) {
    instance.closeSync();
    throw error;
  } finally {
    connection.closeSync();
  }
}

const CONVERTER_MEMORY = '512MB';

/** Reads and writes nothing but pipes in its own folder, and what does not fit into memory, sealed. */
export async function openConverterInstance(
  directory: string,
  spillBytesMax: number,
): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: CONVERTER_MEMORY,
    temp_directory: `${withSlash(directory)}spill`,
  });
  const connection = await instance.connect();
  try {
    for (const sql of [
      "SET GLOBAL TimeZone = 'UTC'",
      'SET GLOBAL temp_file_encryption = true',
      `SET GLOBAL max_temp_directory_size = '${spillBytesMax}B'`,
      `SET GLOBAL allowed_directories = [${quoteText(withSlash(directory))}]`,
      ...NO_EXTENSIONS,
      ...LOCK,
    ]) {
      await connection.run(sql);
    }
    return instance;
  } catch (error) {
    instance.closeSync();
    throw error;
  } finally {
    connection.closeSync();
  }
}

/** Parses SQL and says what it saw; one thread, no files, no tables. */
export async function openJudge(): Promise<{ parse(sql: string): Promise<string>; close(): void }> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '256MB' });
  const connection = await instance.connect();
  for (const sql of LOCK) await connection.run(sql);
  const serialize = await connection.prepare('SELECT json_serialize_sql(CAST($1 AS VARCHAR))::VARCHAR');
  let last: Promise<unknown> = Promise.resolve();
  return {
    parse: (sql) => {
      const answer = last.then(async () => {
        serialize.bindVarchar(1, sql);
        const result = await serialize.runAndReadAll();
        return String(result.getRowsJson()[0]?.[0]);
      });
      last = answer.catch(() => {});
      return answer;
    },
    close: () => {
      serialize.destroySync();
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function row(connection: DuckDBConnection, sql: string): Promise<readonly unknown[]> {
  const result = await connection.runAndReadAll(sql);
  return result.getRowsJson()[0] ?? [];
}

/** Without it `/lake` would let `/lake-of-others` in. */
const withSlash = (folder: string): string => (folder.endsWith('/') ? folder : `${folder}/`);
