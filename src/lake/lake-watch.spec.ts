/** A lake that changes while it is served: what is told of it, once, and when. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { within } from '../../test/support/rest-client.js';
import { openLake } from './lake.js';
import { type LakeChange, LakeWatch } from './lake-watch.js';

const SEEN_MS = 10_000;
const NEVER_MS = 3_600_000;
let folder: string;
let changes: LakeChange[];
let problems: string[];
let watch: LakeWatch | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-watch-'));
  changes = [];
  problems = [];
});
afterEach(() => {
  watch?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const put = (path: string, content: string): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
};
async function started(pollMs: number, listen: boolean): Promise<LakeWatch> {
  watch = new LakeWatch({
    lake: await openLake({ lakeDir: folder }),
    pollMs,
    listen,
    onLook: () => undefined,
    onChange: (change) => changes.push(change),
    onProblem: ({ path }) => problems.push(path),
    onFailed: (error) => {
      throw error;
    },
  });
  watch.start();
  return watch;
}

describe('a lake that is watched', () => {
  it('tells of tables that came, changed and went, and nothing when nothing did', async () => {
    put('a.csv', 'n\n1\n');
    put('b.csv', 'n\n1\n');
    const looking = await started(NEVER_MS, false);
    await looking.look();
    expect(changes).toEqual([]);
    put('a.csv', 'n,m\n1,2\n');
    put('c.csv', 'n\n1\n');
    rmSync(join(folder, 'b.csv'));
    await looking.look();
    await looking.look();
    expect(changes).toEqual([
      { added: ['lake.main.c'], changed: ['lake.main.a'], vanished: ['lake.main.b'] },
    ]);
  });

  it('tells of a problem once, and again when it comes back', async () => {
    put('x.txt', 'x');
    const looking = await started(NEVER_MS, false);
    await looking.look();
    expect(problems).toEqual(['x.txt']);
    rmSync(join(folder, 'x.txt'));
    await looking.look();
    put('x.txt', 'x');
    await looking.look();
    expect(problems).toEqual(['x.txt', 'x.txt']);
  });

  it.each([
    ['by polling', 20, false],
    ['by the file system', NEVER_MS, true],
  ])('sees a new file %s, in a new folder too', async (_, pollMs, listen) => {
    await started(pollMs, listen);
    put('a.csv', 'n\n1\n');
    expect(
      await within(SEEN_MS, async () => changes.some(({ added }) => added.includes('lake.main.a'))),
    ).toBe(true);
    put('s/b.csv', 'n\n1\n');
    expect(await within(SEEN_MS, async () => changes.some(({ added }) => added.includes('lake.s.b')))).toBe(
      true,
    );
    put('s/c.csv', 'n\n1\n');
    expect(await within(SEEN_MS, async () => changes.some(({ added }) => added.includes('lake.s.c')))).toBe(
      true,
    );
  });

  it('sees nothing any more once it is stopped', async () => {
    const looking = await started(20, true);
    looking.stop();
    put('a.csv', 'n\n1\n');
    expect(await within(500, async () => changes.length > 0)).toBe(false);
  });
});
