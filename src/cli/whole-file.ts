/** Files that are whole or not there: half of one never has the name of a whole one. */
import { createWriteStream, rmSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Written beside its place first, for its owner only, and put there when all of it has come. */
export async function writeWholeFile(file: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
  const path = resolve(file);
  const part = `${path}.part`;
  const gone = (): void => rmSync(part, { force: true });
  process.once('exit', gone);
  try {
    await pipeline(Readable.from(parts), createWriteStream(part, { mode: 0o600 }));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    process.off('exit', gone);
  }
}
