/**
 * What tells one state of a file from the next without reading it. The time of change of the inode is part of it: who
 * writes in place and puts the other times back cannot put that one back.
 */
import { lstat } from 'node:fs/promises';

export interface FileState {
  readonly sizeBytes: number;
  readonly identity: string;
}

/** Of the very path: a link is not followed. Undefined: there is no file (any more). */
export async function fileState(path: string): Promise<FileState | undefined> {
  try {
    const stats = await lstat(path, { bigint: true });
    if (!stats.isFile()) return undefined;
    const { dev, ino, size, mtimeNs, ctimeNs } = stats;
    return { sizeBytes: Number(size), identity: [dev, ino, size, mtimeNs, ctimeNs].join('.') };
  } catch {
    return undefined;
  }
}
