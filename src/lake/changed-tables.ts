/** Whether files are still what they were when the catalogue looked at them. */
import type { ObjectId, SeenFile, TableMeta } from '../core/catalog/catalog.js';
import { fileState } from './file-identity.js';

/** Files that are asked for at once: each takes a thread of the pool for a moment. */
const ASKED_MAX = 32;

/** Those of these tables of which a file was changed, replaced by something else, or removed. */
export async function changedTables(tables: readonly TableMeta[]): Promise<readonly ObjectId[]> {
  const changed: ObjectId[] = [];
  for (const { id, seen = [] } of tables) if (await anyChanged(seen)) changed.push(id);
  return changed;
}

async function anyChanged(seen: readonly SeenFile[]): Promise<boolean> {
  for (let at = 0; at < seen.length; at += ASKED_MAX) {
    const asked = seen.slice(at, at + ASKED_MAX);
    const now = await Promise.all(asked.map(({ path }) => fileState(path)));
    if (asked.some(({ identity }, i) => now[i]?.identity !== identity)) return true;
  }
  return false;
}
