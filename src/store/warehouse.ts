/**
 * The folder of the files of written tables: one folder per write, named by a number drawn at random. What is in it is a
 * table only when Postgres says so.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, realpath, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WrittenFile } from '../core/plan/write.js';
import type { WriteFolder } from '../gateway/table-commits.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const FILE_NAME = /^[\w.-]{1,200}$/;
/** What DuckDB would expand in a path. */
const GLOB = /[*?[\]{}]/;

export class Warehouse {
  private constructor(
    /** Absolute, links resolved. */
    readonly directory: string,
  ) {}

  static async open(directory: string): Promise<Warehouse> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const path = await realpath(directory);
    if (GLOB.test(path)) throw new Error('The path of the warehouse holds one of * ? [ ] { }.');
    return new Warehouse(path);
  }

  async newFolder(): Promise<WriteFolder> {
    const id = randomUUID();
    const path = this.pathOf(id);
    await mkdir(path, { mode: 0o700 });
    return { id, path };
  }

  /** `name` empty: the folder. */
  pathOf(folder: string, name = ''): string {
    if (!UUID.test(folder) || (name !== '' && !isFileName(name)))
      throw new Error('not a file of the warehouse');
    return join(this.directory, folder, name);
  }

  /** On the disk for good, and as large as was said: a power cut after the commit takes nothing away. */
  async seal(folder: WriteFolder, files: readonly WrittenFile[]): Promise<void> {
    for (const { name, bytes } of files) {
      const file = await open(this.pathOf(folder.id, name), 'r');
      try {
        const { size } = await file.stat();
        if (size !== bytes) throw new Error('a written file has not the size that was said');
        await file.sync();
      } finally {
        await file.close();
      }
    }
    for (const path of [this.pathOf(folder.id), this.directory]) await syncFolder(path);
  }

  remove(folder: string): Promise<void> {
    return rm(this.pathOf(folder), { recursive: true, force: true });
  }

  /** One file, and its folder when it was the last. */
  async removeFile(folder: string, name: string): Promise<void> {
    await rm(this.pathOf(folder, name), { recursive: true, force: true });
    if (name === '') return;
    await rmdir(this.pathOf(folder)).catch((error: unknown) => {
      const { code } = error as { code?: string };
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') throw error;
    });
  }

  /** Folders that were last changed before `beforeMs`. */
  async foldersBefore(beforeMs: number): Promise<readonly string[]> {
    const old: string[] = [];
    for (const entry of await readdir(this.directory, { withFileTypes: true })) {
      if (!entry.isDirectory() || !UUID.test(entry.name)) continue;
      const { mtimeMs } = await stat(this.pathOf(entry.name));
      if (mtimeMs < beforeMs) old.push(entry.name);
    }
    return old;
  }
}

/** A plain name: nothing that could lead out of its folder. */
export const isFileName = (name: string): boolean => FILE_NAME.test(name) && !name.startsWith('.');

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
