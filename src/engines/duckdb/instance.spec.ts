import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EngineInstance, openEngineInstance, openJudge } from './instance.js';

/** Whoever got SQL of their own past the parser and both judges would still meet this. */
const folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
let opened: EngineInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  for (const name of ['lake', 'lake-of-others', 'run']) mkdirSync(join(folder, name));
  for (const name of ['lake', 'lake-of-others']) writeFileSync(join(folder, name, 'a.csv'), 'n\n1\n');
  opened = await openEngineInstance({
    directories: [join(folder, 'lake')],
    runDirectory: join(folder, 'run'),
    spillDirectory: join(folder, 'run', 'spill'),
    spillBytesMax: 10 ** 8,
    memoryBytesMax: 256 * 2 ** 20,
    threads: 2,
  });
  connection = await opened.instance.connect();
});
afterAll(() => {
  connection.closeSync();
  opened.instance.closeSync();
  rmSync(folder, { recursive: true, force: true });
});

const outcome = (sql: string) =>
  connection.run(sql).then(
    () => 'done',
    () => 'refused',
  );
const here = (path: string) => join(folder, path);

describe('the locked instance', () => {
  it('reads the lake', async () => {
    expect(await outcome(`SELECT * FROM read_csv('${here('lake/a.csv')}')`)).toBe('done');
  });

  it.each([
    [
      'another folder whose name begins alike',
      () => `SELECT * FROM read_csv('${here('lake-of-others/a.csv')}')`,
    ],
    ['a way out of the lake', () => `SELECT * FROM read_csv('${here('lake/../lake-of-others/a.csv')}')`],
    ['a system file', () => "SELECT * FROM read_text('/etc/passwd')"],
    ['a glob over the system', () => "SELECT * FROM glob('/etc/*')"],
    ['a file written elsewhere', () => `COPY (SELECT 1) TO '${here('stolen.csv')}'`],
    ['a database attached elsewhere', () => `ATTACH '${here('stolen.db')}' AS stolen`],
    ['the network', () => "SELECT * FROM read_csv('https://example.com/a.csv')"],
    ['an extension', () => 'INSTALL httpfs'],
    ['a loaded extension', () => 'LOAD httpfs'],
    ['external access again', () => 'SET enable_external_access = true'],
    ['more folders', () => "SET allowed_directories = ['/']"],
    ['the lock itself', () => 'SET lock_configuration = false'],
    ['more memory', () => "SET GLOBAL memory_limit = '100GB'"],
    ['another time zone', () => "SET TimeZone = 'Europe/Berlin'"],
    ['a reset', () => 'RESET memory_limit'],
    ['a pragma', () => 'PRAGMA threads = 64'],
  ])('refuses %s', async (_, sql) => {
    expect(await outcome(sql())).toBe('refused');
  });

  it('keeps variables of one connection from the next', async () => {
    await connection.run("SET VARIABLE sluice_key_61 = 'secret'");
    const other = await opened.instance.connect();
    const seen = await other.runAndReadAll("SELECT getvariable('sluice_key_61')");
    expect(seen.getRowsJson()).toEqual([[null]]);
    other.closeSync();
  });

  it('has its memory and threads, spills to its folder and stops at the disk limit', async () => {
    expect(opened).toMatchObject({ threads: 2, memoryLimit: '256.0 MiB' });
    await expect(
      connection.run(
        'CREATE TEMP TABLE t AS SELECT hash(i)::VARCHAR || md5(i::VARCHAR) AS v FROM range(20000000) AS r(i) ORDER BY v',
      ),
    ).rejects.toMatchObject({ message: expect.stringMatching(/Out of Memory|max_temp_directory_size/) });
  }, 30_000);
});

describe('the judge', () => {
  it('parses and reads nothing', async () => {
    const judge = await openJudge();
    const [first, second] = await Promise.all([
      judge.parse('SELECT 1'),
      judge.parse("SELECT * FROM read_text('/etc/passwd')"),
    ]);
    expect(JSON.parse(first)).toMatchObject({ error: false });
    expect(second).not.toContain('root:');
    expect(JSON.parse(await judge.parse('DROP TABLE x'))).toMatchObject({ error: true });
    judge.close();
  });
});
