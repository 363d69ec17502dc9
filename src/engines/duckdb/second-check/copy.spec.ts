/** A COPY may write the judged SELECT into the folder of its write, and nothing else anywhere else. */
import { describe, expect, it } from '@jest/globals';
import { GovernanceError } from '../../../core/errors.js';
import { requireCopy } from './copy.js';

const SELECT = "SELECT CAST(c1 AS INTEGER) AS \"a\" FROM (SELECT 1 AS c1) AS written WHERE 'x)' <> 'y'";
const WAREHOUSE = "/data/it's/warehouse";
const FOLDER = `${WAREHOUSE}/0b1c2d3e-4f50-4a61-8b72-9c8d7e6f5a4b`;
const QUOTED = FOLDER.replaceAll("'", "''");
const OPTIONS = 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, RETURN_STATS true';
const FILES = `COPY (${SELECT}) TO '${QUOTED}' (${OPTIONS}, FILE_SIZE_BYTES '512MB', FILENAME_PATTERN 'part-{i}')`;
const ONE = `COPY (${SELECT}) TO '${QUOTED}/part-0.parquet' (${OPTIONS}, USE_TMP_FILE false, PRESERVE_ORDER true)`;
const expected = { select: SELECT, folder: FOLDER, warehouse: WAREHOUSE };

function refused(sql: string, about: Partial<typeof expected> = {}): boolean {
  try {
    requireCopy(sql, { ...expected, ...about });
    return false;
  } catch (error) {
    expect((error as GovernanceError).code).toBe('SECOND_CHECK');
    return error instanceof GovernanceError;
  }
}

describe('the judge of a COPY', () => {
  it('lets the two shapes pass that are printed', () => {
    expect(refused(FILES)).toBe(false);
    expect(refused(ONE)).toBe(false);
  });

  it.each([
    ['another SELECT', FILES.replace('CAST(c1', 'CAST(c2')],
    ['more after the SELECT', FILES.replace(SELECT, `${SELECT} UNION ALL SELECT 2`)],
    ['a second statement', `${FILES}; DROP TABLE x`],
    ['another format', FILES.replace('FORMAT parquet', 'FORMAT csv')],
    ['another option', FILES.replace('RETURN_STATS true', 'RETURN_STATS true, OVERWRITE true')],
    ['a partitioned layout', FILES.replace("FILENAME_PATTERN 'part-{i}'", 'PARTITION_BY (a)')],
    ['the folder of another write', FILES.replaceAll('0b1c2d3e', '0b1c2d3f')],
    ['a way out of the folder', ONE.replace('/part-0.parquet', '/../part-0.parquet')],
    ['another file', ONE.replace('part-0', 'part-1')],
    ['text around it', ` ${FILES}`],
  ])('refuses %s', (_, sql) => {
    expect(refused(sql)).toBe(true);
  });

  it('refuses a folder that is not one of a write, directly in the warehouse', () => {
    const at = (folder: string) => refused(FILES.replace(QUOTED, folder.replaceAll("'", "''")), { folder });
    expect(at(FOLDER)).toBe(false);
    expect(at(WAREHOUSE)).toBe(true);
    expect(at(`${WAREHOUSE}/x/0b1c2d3e-4f50-4a61-8b72-9c8d7e6f5a4b`)).toBe(true);
    expect(at('/lake/0b1c2d3e-4f50-4a61-8b72-9c8d7e6f5a4b')).toBe(true);
    expect(at(`${WAREHOUSE}/../0b1c2d3e-4f50-4a61-8b72-9c8d7e6f5a4b`)).toBe(true);
    expect(at(`${WAREHOUSE}/orders`)).toBe(true);
  });
});
