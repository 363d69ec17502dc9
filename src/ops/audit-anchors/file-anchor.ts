/**
 * A file on another disk or host: one line a checkpoint, only ever added to, on the disk before it counts. It may
 * be append-only for the gateway's account (`chattr +a`): what a crash left of a line stays, and is skipped.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { type KnownCheckpoint, knownCheckpoints } from '../../core/audit/known-checkpoint.js';
import { canonicalJson } from '../../core/crypto/canonical-json.js';
import type { Anchor, CheckpointToKeep } from './anchor.js';

/** A line has about 700 bytes. */
const TAIL_BYTES = 256 * 1_024;
const NEWLINE = 10;
const LAST_READ = 3;

export class FileAnchor implements Anchor {
  constructor(private readonly file: string) {}

  async kept(): Promise<readonly KnownCheckpoint[]> {
    const handle = await openFile(this.file, 'r');
    if (handle === undefined) return [];
    try {
      const known = knownCheckpoints((await tailOf(handle)).toString('utf8'));
      const largest = known.toSorted((a, b) => a.head.size - b.head.size).slice(-1);
      // The verifier reads all of them; here the last and the largest will do.
      return [...known.slice(-LAST_READ), ...largest];
    } finally {
      await handle.close();
    }
  }

  async keep({ size, note, jws, at }: CheckpointToKeep): Promise<readonly string[]> {
    const handle = await open(this.file, 'a+', 0o600);
    try {
      const tail = await tailOf(handle);
      const start = tail.length === 0 || tail.at(-1) === NEWLINE ? '' : '\n';
      const line = canonicalJson({ size, note, jws, at: at.toISOString() });
      await handle.appendFile(`${start}${line}\n`);
      await handle.sync();
      return [];
    } finally {
      await handle.close();
    }
  }
}

async function tailOf(handle: FileHandle): Promise<Buffer> {
  const { size } = await handle.stat();
  const length = Math.min(size, TAIL_BYTES);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.subarray(0, bytesRead);
}

/** Undefined: it is not there yet. */
async function openFile(file: string, flags: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, flags);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}
