import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeTables } from '../../test/support/engine-lake.js';
import { typeName } from '../core/plan/types.js';
import { type Lake, openLake, type TableMetadata } from './lake.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-lake-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, content: string | Buffer) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
};
const shape = (lake: Lake) =>
  Object.fromEntries(
    [...lake.snapshot().tables.values()].map((t) => [
      t.id,
      t.columns.map((c) => `${c.name} ${typeName(c.type)}`).join(', '),
    ]),
  );

describe('a folder as a lake', () => {
  it('serves files, folders and partitions under their names', async () => {
    await writeTables(folder, {
      'top.parquet':
        "SELECT 1::BIGINT AS id, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS at, TIMESTAMP '2026-01-01 00:00:00' AS wall",
      'Sales/Orders.parquet':
        "SELECT 1.50::DECIMAL(10, 2) AS total, [1, 2] AS list, {'a': 1, 'b': ['x']} AS rec, MAP {'k': 1} AS m",
      'sales/ignored/x=1/y=a/p.parquet': 'SELECT 1::INTEGER AS n',
      'sales/parts/y=2024/m=01/p.parquet': 'SELECT 1::INTEGER AS n',
      'sales/parts/y=2025/m=02/p.parquet': 'SELECT 2::INTEGER AS n',
      'events/day=2026-01-01/p.parquet': 'SELECT 1::INTEGER AS n',
      'sales/plain/1.parquet': 'SELECT 1::INTEGER AS n',
      'sales/plain/2.parquet': 'SELECT 2::INTEGER AS n',
    });
    put('text/people.csv', 'id;name;born\n1;"Ana; B";1990-01-31\n2;;1991-01-01\n');
    put('text/zipped.csv.gz', gzipSync('a,b\n1,x\n'));
    put('text/lines.ndjson', '{"a": 1, "b": {"c": [1]}}\n{"a": 2.5, "d": "2026-01-01"}\n');
    put('text/list.json', ' [{"a": 1}, {"a": 2}]');
    put('text/_SUCCESS', '');
    const lake = await openLake({ lakeDir: folder });
    expect(lake.problems()).toEqual([]);
    expect(shape(lake)).toEqual({
      'lake.main.top': 'id bigint, at timestamp, wall timestamp_ntz',
      'lake.sales.orders':
        'total decimal(10,2), list array<int>, rec struct<a:int,b:array<string>>, m map<string,int>',
      'lake.sales.ignored': 'n int, x bigint, y string',
      'lake.sales.parts': 'n int, m string, y bigint',
      'lake.main.events': 'n int, day date',
      'lake.sales.plain': 'n int',
      'lake.text.people': 'id bigint, name string, born date',
      'lake.text.zipped': 'a bigint, b string',
      'lake.text.lines': 'a double, b struct<c:array<bigint>>, d date',
      'lake.text.list': 'a bigint',
    });
  });

  it('reports what it cannot serve and serves the rest', async () => {
    await writeTables(folder, {
      'good.parquet': 'SELECT 1 AS n',
      'a/twice.parquet': 'SELECT 1 AS n',
      'a/half.parquet': "SELECT 1 AS n, TIME '10:00' AS t",
      'a/delta/p.parquet': 'SELECT 1 AS n',
    });
    mkdirSync(join(folder, 'a/delta/_delta_log'));
    put('a/twice.csv', 'n\n1\n');
    put('a/broken.parquet', 'PAR1 canary');
    put('a/broken.json', '{"a": canary');
    put('a/empty.csv', '');
    put('a/what.xlsx', 'x');
    put('a/b.c.csv', 'n\n1\n');
    put('a/star[1].csv', 'n\n1\n');
    put('a/it\'s "odd" – ok.csv', 'n\n1\n');
    mkdirSync(join(folder, 'a/mixed'));
    put('a/mixed/1.csv', 'n\n1\n');
    put('a/mixed/1.json', '{"n": 1}');
    symlinkSync('/etc/hostname', join(folder, 'a/out.csv'));
    symlinkSync(join(folder, 'good.parquet'), join(folder, 'a/inside.parquet'));
    symlinkSync(folder, join(folder, 'a/loop'));
    symlinkSync('/nowhere', join(folder, 'a/dangling.csv'));
    const lake = await openLake({ lakeDir: folder });
    expect(Object.keys(shape(lake)).sort()).toEqual([
      'lake.a.half',
      'lake.a.inside',
      'lake.a.it\'s "odd" – ok',
      'lake.main.good',
    ]);
    const paths = lake.problems().map((p) => p.path);
    expect([...new Set(paths)].sort()).toEqual(
      [
        'a/b.c.csv',
        'a/broken.json',
        'a/broken.parquet',
        'a/dangling.csv',
        'a/delta',
        'a/empty.csv',
        'a/half.parquet',
        'a/loop',
        'a/mixed',
        'a/out.csv',
        'a/star[1].csv',
        'a/twice.csv',
        'a/twice.parquet',
        'a/what.xlsx',
      ].sort(),
    );
    expect(JSON.stringify(lake.problems())).not.toMatch(/canary/);
    expect(JSON.stringify(lake.problems())).not.toContain(folder);
  });

  it('notices what changed, and only then has another version', async () => {
    await writeTables(folder, { 'a.parquet': 'SELECT 1 AS n', 'b.parquet': 'SELECT 1 AS n' });
    let metadata: readonly TableMetadata[] = [];
    const lake = await openLake({ lakeDir: folder, metadata: async () => metadata });
    const first = lake.snapshot();
    await lake.refresh();
    expect(lake.snapshot().version).toBe(first.version);
    await writeTables(folder, { 'b.parquet': "SELECT 'x' AS n, 2 AS m", 'c.parquet': 'SELECT 1 AS n' });
    await Promise.all([lake.refresh(), lake.refresh(), lake.refresh()]);
    const second = lake.snapshot();
    expect(second.version).not.toBe(first.version);
    expect(second.tables.get('lake.main.a')?.version).toBe(first.tables.get('lake.main.a')?.version);
    expect(shape(lake)).toMatchObject({ 'lake.main.b': 'n string, m int', 'lake.main.c': 'n int' });
    metadata = [
      { object: 'lake.main.a', column: '', owner: 'user:ana', tags: ['gold'] },
      { object: 'lake.main.a', column: 'n', owner: null, tags: ['pii.name'] },
    ];
    await lake.refresh();
    expect(lake.snapshot().tables.get('lake.main.a')).toMatchObject({
      owner: 'user:ana',
      tags: ['gold'],
      columns: [{ name: 'n', tags: ['pii.name'] }],
    });
    expect(lake.snapshot().version).not.toBe(second.version);
    expect(first.tables.get('lake.main.a')?.tags).toEqual([]);
  });
});
