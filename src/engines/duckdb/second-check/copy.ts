/**
 * The judge of a COPY: json_serialize_sql takes only SELECT, so what stands around the judged SELECT is taken apart here,
 * letter by letter. It may write to one place: the folder of this write, directly in the warehouse.
 */
import { dirname, normalize } from 'node:path';
import { refuse } from './json.js';

const HEAD = 'COPY (';
const OPTIONS = String.raw`FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE \d+, RETURN_STATS true`;
const ONE_FILE = new RegExp(
  String.raw`^\) TO '((?:[^']|'')+)/part-0\.parquet' \(${OPTIONS}, USE_TMP_FILE false, PRESERVE_ORDER true\)$`,
);
const FILES = new RegExp(
  String.raw`^\) TO '((?:[^']|'')+)' \(${OPTIONS}, FILE_SIZE_BYTES '\d+MB', FILENAME_PATTERN 'part-\{i\}'\)$`,
);
const FOLDER = /\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface ExpectedCopy {
  /** Judged on its own. */
  readonly select: string;
  readonly folder: string;
  readonly warehouse: string;
}

/** Throws SECOND_CHECK unless the text is this SELECT into this folder of the warehouse, and nothing else. */
export function requireCopy(sql: string, { select, folder, warehouse }: ExpectedCopy): void {
  if (!sql.startsWith(HEAD + select)) throw refuse('a COPY of something else');
  const tail = sql.slice(HEAD.length + select.length);
  const target = (ONE_FILE.exec(tail) ?? FILES.exec(tail))?.[1]?.replaceAll("''", "'");
  if (target === undefined) throw refuse('a COPY in an unknown shape');
  if (target !== folder || normalize(target) !== target) throw refuse('a COPY to another place');
  if (dirname(target) !== warehouse || !FOLDER.test(target)) throw refuse('a COPY out of the warehouse');
}
