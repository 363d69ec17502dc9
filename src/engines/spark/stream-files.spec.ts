import { describe, expect, it } from '@jest/globals';
import type { TableMeta } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import { readStream } from './stream-files.js';

const table = (
  name: string,
  files: readonly string[],
  partitions: readonly string[] = [],
  more: Partial<TableMeta> = {},
): TableMeta => ({
  id: `lake.a.${name}`,
  catalog: 'lake',
  schema: 'a',
  table: name,
  columns: [],
  tags: [],
  source: { format: 'parquet', files, partitions },
  version: '1',
  ...more,
});

function pathOf(meta: TableMeta, deltaFiles?: readonly string[]): string {
  const relation = readStream(meta, {}, deltaFiles) as {
    relType: { value: { readType: { value: { paths: readonly string[] } } } };
  };
  const [path = '', ...more] = relation.relType.value.readType.value.paths;
  expect(more).toEqual([]);
  return path;
}

describe('a table as a stream', () => {
  it('is its folder, where it has one of its own', () => {
    expect(pathOf(table('clicks', ['/lake/a/clicks/1.parquet', '/lake/a/clicks/2.parquet']))).toBe(
      'file:///lake/a/clicks',
    );
    expect(pathOf(table('clicks', ['/lake/a/Clicks/day=1/x.parquet'], ['day']))).toBe(
      'file:///lake/a/Clicks',
    );
  });

  it.each([
    ['a file', table('clicks', ['/lake/a/clicks.parquet'])],
    ['a file in a folder of its name', table('clicks', ['/lake/clicks/clicks.parquet'])],
    ['a compressed file', table('a', ['/lake/a/a.csv.gz'])],
    ['files elsewhere', table('clicks', ['/lake/a/clicks/1.parquet', '/elsewhere/2.parquet'])],
    ['a folder of another name', table('clicks', ['/lake/a/1.parquet', '/lake/a/2.parquet'])],
    [
      'files that were written',
      table('clicks', ['/w/clicks/1.parquet', '/w/clicks/2.parquet'], [], {
        managed: { version: 1, lake: false },
      }),
    ],
  ])('is never more than %s', (_, meta) => {
    const path = pathOf(meta);
    expect(path).toMatch(/\{[^{}]*\}$/);
    for (const file of meta.source.files) expect(path).toContain(file.slice(file.lastIndexOf('/') + 1));
  });

  it('takes names as they are', () => {
    expect(pathOf(table('x', ['/lake/a, b/x[1],{2}*?.parquet']))).toBe(
      'file:///lake/a\\, b/{x\\[1\\]\\,\\{2\\}\\*\\?.parquet}',
    );
  });

  it('is of a Delta table the files of its version, never its folder', () => {
    const source = { folder: '/w/clicks', logVersion: 3, versions: [] };
    const delta = table('clicks', [], [], {
      source: { ...source, format: 'delta', files: [], partitions: [] },
    });
    expect(pathOf(delta, ['/w/clicks/part-1.parquet', '/w/clicks/part-2.parquet'])).toBe(
      'file:///w/clicks/{part-1.parquet,part-2.parquet}',
    );
    expect(pathOf(delta, [])).toBe('file:///w/clicks/{none.parquet}');
    expect(() => readStream(delta, {})).toThrow('without its files');
  });

  it('is refused for a list that is too long', () => {
    const files = Array.from({ length: 2_001 }, (_, i) => `/lake/b/${i}.parquet`);
    expect(() => readStream(table('clicks', files), {})).toThrow(GovernanceError);
  });
});
