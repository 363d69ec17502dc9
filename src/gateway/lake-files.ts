/**
 * Whether a statement reads the files that it was decided on. Files of the lake belong to others, who may replace them
 * at any moment: a statement is decided on what is there, and ends well only if that is what it read.
 */
import type { CatalogSnapshot, ObjectId, TableMeta } from '../core/catalog/catalog.js';
import { GovernanceError } from '../core/errors.js';

/** Looks at the lake for one statement; files that change faster are being written to. */
const LOOKS_MAX = 2;

export interface LakeFiles {
  /** Those of these tables of which a file is not what the catalogue saw. */
  changed(tables: readonly TableMeta[]): Promise<readonly ObjectId[]>;
  /** Resolves when the catalogue shows what is there now. */
  lookAgain(): Promise<void>;
}

export interface FilesDeps {
  readonly catalog: () => CatalogSnapshot;
  readonly files: LakeFiles;
}

/** What was decided, on files that were there after it was. */
export interface OnFiles<T> {
  readonly governed: T;
  /** Throws DATA_CHANGED when one of the files is another by now. */
  unchanged(): Promise<void>;
}

/** `read`: the tables that it reads, those of row rules as well; `named`: those that the caller may be told of. */
export async function onFilesAsTheyAre<T>(
  { catalog, files }: FilesDeps,
  govern: () => Promise<T>,
  read: (governed: T) => readonly ObjectId[],
  named: (governed: T) => readonly ObjectId[],
): Promise<OnFiles<T>> {
  for (let looks = 0; ; looks += 1) {
    // Of before: what is decided on a newer one counts as changed, and is decided again.
    const seen = catalog();
    const governed = await govern();
    const changed = await changedOf(files, seen, read(governed));
    const refuse = (objects: readonly ObjectId[]): GovernanceError =>
      dataChanged(objects.filter((object) => named(governed).includes(object)));
    if (changed.length === 0) {
      return {
        governed,
        unchanged: async () => {
          const since = await changedOf(files, seen, read(governed));
          if (since.length > 0) throw refuse(since);
        },
      };
    }
    if (looks === LOOKS_MAX) throw refuse(changed);
    await files.lookAgain();
  }
}

async function changedOf(
  files: LakeFiles,
  { tables }: CatalogSnapshot,
  objects: readonly ObjectId[],
): Promise<readonly ObjectId[]> {
  const known = objects.flatMap((object) => tables.get(object) ?? []);
  const unknown = objects.filter((object) => !tables.has(object));
  return [...unknown, ...(await files.changed(known))];
}

function dataChanged(objects: readonly ObjectId[]): GovernanceError {
  const which = objects.length === 0 ? 'a table' : [...new Set(objects)].sort().join(', ');
  return new GovernanceError(
    'DATA_CHANGED',
    `Files of ${which} changed while the statement was to read them.`,
    {
      retryable: true,
      retryAfterSeconds: 1,
      sqlState: '40001',
      remedy:
        'Run the statement again. Whoever writes the files should write them elsewhere and move them to their place.',
    },
  );
}
