/**
 * Walks the user's folder and says which files make which table; opens none of them. `DIR/a/b.parquet` is
 * `a.b`, a folder `DIR/a/b/` is `a.b`, what lies at the top is `main.x`. What cannot be served is a problem,
 * never an exception.
 */
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { foldName } from '../core/catalog/catalog.js';
import { fileState } from './file-identity.js';

export const FILES_MAX = 100_000;
export const TABLES_MAX = 10_000;
export const FOLDER_DEPTH_MAX = 12;
export const TOP_SCHEMA = 'main';

/** Told to the operator; `path` is relative to the folder. */
export interface LakeProblem {
  readonly path: string;
  readonly message: string;
}

export type FileFormat = 'parquet' | 'csv' | 'json';

export interface FoundFile {
  /** Absolute, links resolved. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly identity: string;
}

export interface FoundTable {
  readonly schema: string;
  readonly table: string;
  readonly format: FileFormat;
  readonly files: readonly FoundFile[];
  /** Keys of `k=v` folders, outermost first. */
  readonly partitions: readonly string[];
  /** Relative to the folder. */
  readonly path: string;
}

export interface Found {
  readonly tables: readonly FoundTable[];
  /** Absolute; where a change may show. */
  readonly folders: readonly string[];
  readonly problems: readonly LakeProblem[];
}

const EXTENSION = /\.(?:(parquet)|(csv|tsv)(?:\.gz)?|(json|ndjson|jsonl)(?:\.gz)?)$/i;
const PARTITION = /^([^=]+)=(.*)$/;
/** What DuckDB would expand in a path, and what a name of ours cannot hold. */
const GLOB = /[*?[\]{}]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const UNFIT_NAME = /[.`*/\\\u0000-\u001f\u007f]/;
const NAME_LENGTH_MAX = 128;

interface Walk {
  readonly root: string;
  readonly tables: FoundTable[];
  readonly folders: string[];
  readonly problems: LakeProblem[];
  files: number;
}

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'file' | 'folder';
}

export async function discover(directory: string): Promise<Found> {
  const root = await realpath(directory);
  const walk: Walk = { root, tables: [], folders: [], problems: [], files: 0 };
  if (GLOB.test(root)) {
    return {
      tables: [],
      folders: [],
      problems: [{ path: '.', message: 'The path of the folder holds one of * ? [ ] { }.' }],
    };
  }
  for (const entry of await entries(walk, root)) {
    if (entry.kind === 'file') await addFile(walk, TOP_SCHEMA, entry);
    else await addTopFolder(walk, entry);
  }
  return { tables: withoutCollisions(walk), folders: walk.folders, problems: walk.problems };
}

/** A schema, or a table when it is partitioned right here. */
async function addTopFolder(walk: Walk, folder: Entry): Promise<void> {
  const inside = await entries(walk, folder.path);
  if (inside.length > 0 && inside.every((entry) => entry.kind === 'folder' && PARTITION.test(entry.name))) {
    await addFolder(walk, TOP_SCHEMA, folder);
    return;
  }
  if (!fitName(walk, folder.name, folder.path)) return;
  for (const entry of inside) {
    if (entry.kind === 'file') await addFile(walk, folder.name, entry);
    else await addFolder(walk, folder.name, entry);
  }
}

async function addFile(walk: Walk, schema: string, entry: Entry): Promise<void> {
  const format = formatOf(entry.name);
  if (format === undefined) {
    problem(walk, entry.path, 'Not a Parquet, CSV or JSON file.');
    return;
  }
  const table = entry.name.replace(EXTENSION, '');
  const file = await found(walk, entry.path);
  if (file !== undefined && fitName(walk, table, entry.path)) {
    add(walk, { schema, table, format, files: [file], partitions: [], path: entry.path });
  }
}

async function addFolder(walk: Walk, schema: string, folder: Entry): Promise<void> {
  if (!fitName(walk, folder.name, folder.path)) return;
  const files: { readonly file: FoundFile; readonly format: FileFormat; readonly keys: readonly string[] }[] =
    [];
  const refused = await collect(walk, folder, [], 0, files);
  const first = files[0];
  if (refused !== undefined) problem(walk, folder.path, refused);
  else if (first === undefined) problem(walk, folder.path, 'The folder holds no Parquet, CSV or JSON file.');
  else if (files.some((f) => f.format !== first.format)) {
    problem(walk, folder.path, 'The folder holds files of more than one format.');
  } else if (files.some((f) => f.keys.join('/') !== first.keys.join('/'))) {
    problem(walk, folder.path, 'The folder is not partitioned the same way everywhere.');
  } else {
    const { format, keys } = first;
    add(walk, {
      schema,
      table: folder.name,
      format,
      files: files.map((f) => f.file),
      partitions: keys,
      path: folder.path,
    });
  }
}

/** Files of one table folder; returns why the folder cannot be a table. */
async function collect(
  walk: Walk,
  folder: Entry,
  keys: readonly string[],
  depth: number,
  into: { file: FoundFile; format: FileFormat; keys: readonly string[] }[],
): Promise<string | undefined> {
  if (depth > FOLDER_DEPTH_MAX) return `Folders nest deeper than ${FOLDER_DEPTH_MAX}.`;
  const inside = await entries(walk, folder.path, true);
  if (inside.some((entry) => entry.name === '_delta_log')) {
    return 'A Delta table: its Parquet files alone would show deleted rows.';
  }
  if (inside.some((entry) => entry.name === 'metadata') && inside.some((entry) => entry.name === 'data')) {
    return 'An Iceberg table: its Parquet files alone would show deleted rows.';
  }
  for (const entry of inside.filter((candidate) => !hidden(candidate.name))) {
    const key = PARTITION.exec(entry.name)?.[1];
    if (entry.kind === 'folder') {
      if (key === undefined) return 'The folder has folders that are not partitions (key=value).';
      const refused = await collect(walk, entry, [...keys, key], depth + 1, into);
      if (refused !== undefined) return refused;
      continue;
    }
    const format = formatOf(entry.name);
    const file = format === undefined ? undefined : await found(walk, entry.path);
    if (format !== undefined && file !== undefined) into.push({ file, format, keys });
    else if (format === undefined) problem(walk, entry.path, 'Not a Parquet, CSV or JSON file.');
  }
  return undefined;
}

async function entries(walk: Walk, folder: string, withHidden = false): Promise<readonly Entry[]> {
  let listed: Dirent[];
  try {
    listed = await readdir(folder, { withFileTypes: true });
    walk.folders.push(folder);
  } catch {
    problem(walk, folder, 'The folder cannot be read.');
    return [];
  }
  const resolved: Entry[] = [];
  for (const entry of listed.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!withHidden && hidden(entry.name)) continue;
    const known = await resolve(walk, join(folder, entry.name), entry);
    if (known !== undefined) resolved.push(known);
  }
  return resolved;
}

/** Links are followed only to places inside the folder, and never to a folder: that could go in circles. */
async function resolve(walk: Walk, path: string, entry: Dirent): Promise<Entry | undefined> {
  if (entry.isFile()) return { name: entry.name, path, kind: 'file' };
  if (entry.isDirectory()) return { name: entry.name, path, kind: 'folder' };
  if (!entry.isSymbolicLink()) {
    problem(walk, path, 'Neither a file nor a folder.');
    return undefined;
  }
  try {
    const target = await realpath(path);
    if (!target.startsWith(walk.root + sep)) {
      problem(walk, path, 'A link that leaves the folder.');
    } else if ((await stat(target)).isFile()) {
      return { name: entry.name, path: target, kind: 'file' };
    } else {
      problem(walk, path, 'A link to a folder.');
    }
  } catch {
    problem(walk, path, 'A link to nothing.');
  }
  return undefined;
}

async function found(walk: Walk, path: string): Promise<FoundFile | undefined> {
  if (walk.files >= FILES_MAX) {
    problem(walk, path, `The folder holds more than ${FILES_MAX} files; this one is not served.`);
    return undefined;
  }
  if (GLOB.test(path)) {
    problem(walk, path, 'The path holds one of * ? [ ] { }.');
    return undefined;
  }
  const state = await fileState(path);
  if (state === undefined) {
    problem(walk, path, 'The file cannot be read.');
    return undefined;
  }
  walk.files += 1;
  return { path, ...state };
}

function add(walk: Walk, table: FoundTable): void {
  const path = relative(walk.root, table.path);
  if (walk.tables.length >= TABLES_MAX) {
    problem(walk, table.path, `The folder holds more than ${TABLES_MAX} tables; this one is not served.`);
  } else walk.tables.push({ ...table, path });
}

/**
 * Two files for one name: which one is meant is not ours to guess, and a policy would cover the wrong one.
 */
function withoutCollisions(walk: Walk): readonly FoundTable[] {
  const byName = new Map<string, FoundTable[]>();
  for (const table of walk.tables) {
    const name = `${foldName(table.schema)}.${foldName(table.table)}`;
    byName.set(name, [...(byName.get(name) ?? []), table]);
  }
  const single: FoundTable[] = [];
  for (const [name, tables] of byName) {
    if (tables.length === 1) single.push(...tables);
    else {
      const message = `More than one file or folder is named ${name}: none of them is served.`;
      for (const table of tables) walk.problems.push({ path: table.path, message });
    }
  }
  return single;
}

function fitName(walk: Walk, name: string, path: string): boolean {
  if (name.length > 0 && name.length <= NAME_LENGTH_MAX && !UNFIT_NAME.test(name)) return true;
  problem(walk, path, 'The name cannot be a table or schema name (. ` * \\ and control characters).');
  return false;
}

function formatOf(name: string): FileFormat | undefined {
  const match = EXTENSION.exec(name);
  if (match === null) return undefined;
  if (match[1] !== undefined) return 'parquet';
  return match[2] === undefined ? 'json' : 'csv';
}

/** As Spark has it: what starts with `.` or `_` is not data. */
const hidden = (name: string): boolean => /^[._]/.test(name) && !PARTITION.test(name);

const problem = (walk: Walk, path: string, message: string): void => {
  walk.problems.push({ path: relative(walk.root, path) || '.', message });
};
