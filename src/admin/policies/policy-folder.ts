/** What lies in a policies folder: `*.yaml` and `*.yml` but tests, in order. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DOCUMENT_LENGTH_MAX_CHARS } from '../../core/policy/document.js';

const FILES_MAX = 2_000;
const FILE_MAX_BYTES = DOCUMENT_LENGTH_MAX_CHARS * 4;

export interface PolicyFile {
  readonly file: string;
  /** Absent: it cannot be read. */
  readonly text?: string;
  readonly problem?: string;
  /** Epoch milliseconds. */
  readonly changedMs: number;
}

export async function readPolicyFolder(directory: string): Promise<readonly PolicyFile[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries
    // Kubernetes mounts a ConfigMap as symbolic links.
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => entry.name)
    .filter((name) => /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name))
    .sort();
  if (names.length > FILES_MAX) throw new Error(`the policies folder has more than ${FILES_MAX} documents`);
  return Promise.all(names.map((file) => readPolicyFile(directory, file)));
}

async function readPolicyFile(directory: string, file: string): Promise<PolicyFile> {
  try {
    const { size, mtimeMs: changedMs } = await stat(join(directory, file));
    if (size > FILE_MAX_BYTES)
      return { file, changedMs, problem: `It is larger than ${FILE_MAX_BYTES} bytes.` };
    return { file, changedMs, text: await readFile(join(directory, file), 'utf8') };
  } catch (error) {
    const { code } = error as { code?: string };
    // Also when it is gone since the folder was listed: the next look knows.
    return { file, changedMs: 0, problem: `It cannot be read (${code ?? 'unknown'}).` };
  }
}
