/** What was read of single files, remembered for as long as they stay what they are. */
import type { FoundFile } from './discover.js';

export interface CsvNote {
  readonly delimiter: string;
  readonly quote: string;
  readonly escape: string;
  readonly header: boolean;
  readonly names: readonly string[];
  /** As DuckDB writes them. */
  readonly types: readonly string[];
}
export type JsonLayout = 'newline_delimited' | 'array';

interface FileNote {
  readonly identity: string;
  /** A name for its schema: the same for two files with the same one. */
  readonly parquet?: string;
  readonly csv?: CsvNote;
  readonly json?: JsonLayout;
}

/** By path. */
export type NotedFiles = ReadonlyMap<string, FileNote>;

export class FileNotes {
  readonly now = new Map<string, FileNote>();

  constructor(private readonly before: NotedFiles) {}

  /** Of this file as it is; carries over what was known. */
  of({ path, identity }: FoundFile): FileNote | undefined {
    const known = this.now.get(path) ?? this.before.get(path);
    if (known?.identity !== identity) return undefined;
    this.now.set(path, known);
    return known;
  }

  add({ path, identity }: FoundFile, note: Omit<FileNote, 'identity'>): void {
    this.now.set(path, { identity, ...note });
  }
}
