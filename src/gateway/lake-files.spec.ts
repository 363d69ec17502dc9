/** A statement is decided on files that are there, and ends well only over those. */
import { describe, expect, it } from '@jest/globals';
import type { CatalogSnapshot, TableMeta } from '../core/catalog/catalog.js';
import { type FilesDeps, onFilesAsTheyAre } from './lake-files.js';

const table = (id: string): TableMeta => ({
  id,
  catalog: 'lake',
  schema: 'main',
  table: id,
  columns: [],
  tags: [],
  source: { format: 'parquet', files: [], partitions: [] },
  version: '1',
});
const catalogOf = (...ids: readonly string[]): CatalogSnapshot => ({
  version: '1',
  tables: new Map(ids.map((id) => [id, table(id)])),
});

/** `states`: what is changed at each comparison, one after the other; the last one stays. */
function world(states: readonly (readonly string[])[], catalogs = [catalogOf('a', 'rule')]) {
  const seen = { looks: 0, governs: 0 };
  let at = 0;
  const deps: FilesDeps = {
    catalog: () => catalogs[Math.min(seen.looks, catalogs.length - 1)] ?? catalogOf(),
    files: {
      changed: async (tables) => {
        const now = states[Math.min(at++, states.length - 1)] ?? [];
        return tables.map(({ id }) => id).filter((id) => now.includes(id));
      },
      lookAgain: async () => {
        seen.looks += 1;
      },
    },
  };
  const decide = () =>
    onFilesAsTheyAre(
      deps,
      async () => {
        seen.governs += 1;
        return seen.governs;
      },
      () => ['a', 'rule'],
      () => ['a'],
    );
  return { seen, decide };
}

describe('files that a statement reads', () => {
  it('as the catalogue says: decided once', async () => {
    const { seen, decide } = world([[]]);
    const { governed, unchanged } = await decide();
    expect([governed, seen]).toEqual([1, { looks: 0, governs: 1 }]);
    await expect(unchanged()).resolves.toBeUndefined();
  });

  it('that changed are looked at, and the statement is decided anew', async () => {
    const { seen, decide } = world([['a'], []]);
    expect((await decide()).governed).toBe(2);
    expect(seen).toEqual({ looks: 1, governs: 2 });
  });

  it('of a table that the catalogue did not have yet count as changed', async () => {
    const { seen, decide } = world([[]], [catalogOf('a'), catalogOf('a', 'rule')]);
    await decide();
    expect(seen).toEqual({ looks: 1, governs: 2 });
  });

  it('that never hold still are refused, after a few looks', async () => {
    const { seen, decide } = world([['a']]);
    await expect(decide()).rejects.toMatchObject({
      code: 'DATA_CHANGED',
      message: expect.stringMatching(/ of a changed/),
      details: { retryable: true },
    });
    expect(seen).toEqual({ looks: 2, governs: 3 });
  });

  it('that changed since refuse the answer; of a table in a row rule nobody is told', async () => {
    const { unchanged } = await world([[], ['rule']]).decide();
    await expect(unchanged()).rejects.toMatchObject({
      code: 'DATA_CHANGED',
      message: 'Files of a table changed while the statement was to read them.',
    });
  });
});
