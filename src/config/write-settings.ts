/** Settings of tables that Sluice keeps. */
import { group, optional } from './setting.js';
import { bytes, duration, text } from './values.js';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const MEBIBYTE = 2 ** 20;

const written = group('Written tables');

export const WRITE_SETTINGS = {
  warehouse: optional('Written tables')(
    'SLUICE_WAREHOUSE',
    text,
    'Folder of the files of written tables; every gateway and every Spark worker must see it under this path. Without it: `warehouse` in SLUICE_DATA_DIR.',
  ),
  writeBytesMax: written(
    'SLUICE_WRITE_BYTES_MAX',
    bytes(MEBIBYTE),
    '100GiB',
    'Files that one statement may write.',
  ),
  removedFilesKeptMs: written(
    'SLUICE_REMOVED_FILES_KEPT',
    duration(MINUTE_MS, 30 * DAY_MS),
    '2h',
    'How long files that no table has any more stay on the disk: longer than any statement that may still read them.',
  ),
} as const;
