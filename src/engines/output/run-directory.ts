/**
 * The engine's own folder for pipes and files without names. What a killed gateway left there is removed at
 * the next start.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface RunDirectory {
  readonly path: string;
  /** A name that was not used before. */
  newFile(kind: string): string;
  remove(): Promise<void>;
}

export async function openRunDirectory(path: string): Promise<RunDirectory> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true, mode: 0o700 });
  let made = 0;
  return {
    path,
    newFile: (kind) => {
      made += 1;
      return join(path, `${kind}-${made}`);
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
