/** Files that are not what they seem: what is served of them, and what a reader is told. */
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EngineLake, writeTables } from '../../test/support/engine-lake.js';
import { changedTables } from './changed-tables.js';
import { JSON_DEPTH_MAX } from './json-files.js';

jest.setTimeout(60_000);
let world: EngineLake;
beforeEach(async () => {
  world = await EngineLake.open({
    'good.parquet': "SELECT range::INT AS id, 'x' || range AS name FROM range(3)",
  });
});
afterEach(() => world.close());

const at = (path: string): string => join(world.folder, 'lake', path);
const put = async (path: string, content: string | Buffer): Promise<void> => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), content);
  await world.lake.refresh();
};
const make = async (tables: Readonly<Record<string, string>>): Promise<void> => {
  await writeTables(join(world.folder, 'lake'), tables);
  await world.lake.refresh();
};
const isServed = (table: string): boolean => world.lake.snapshot().tables.has(`lake.${table}`);
const problem = (path: string): string | undefined =>
  world.lake.problems().find((found) => found.path === path)?.message;
const changed = () => changedTables([...world.lake.snapshot().tables.values()]);

describe('Parquet', () => {
  it.each([
    ['cut in the middle', (file: Buffer) => file.subarray(0, file.length / 2)],
    ['without its last byte', (file: Buffer) => file.subarray(0, -1)],
    [
      'with a footer of noise',
      (file: Buffer) => Buffer.concat([file.subarray(0, -200), Buffer.alloc(192, 7), file.subarray(-8)]),
    ],
    [
      'whose footer says that it is longer than the file',
      (file: Buffer) => withFooterLength(file, 0x7fffffff),
    ],
    ['that is something else', () => Buffer.from('id,name\n1,x\n')],
  ])('%s is not served, the rest is', async (_, spoil) => {
    await put('bad.parquet', spoil(readFileSync(at('good.parquet'))));
    expect(isServed('main.bad')).toBe(false);
    expect(problem('bad.parquet')).toMatch(/^Not served: bad\.parquet: /);
    expect(isServed('main.good')).toBe(true);
  });

  it('with pages that are not of the type in its footer is an error, not values', async () => {
    await make({ 'lies.parquet': "SELECT 'canary-' || range AS name FROM range(100)" });
    const file = readFileSync(at('lies.parquet'));
    // The footer stays; what it points at is noise.
    writeFileSync(
      at('lies.parquet'),
      Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(40, 0xff), file.subarray(44)]),
    );
    await world.lake.refresh();
    await expect(world.rows('SELECT name FROM lies')).rejects.toMatchObject({
      code: 'ENGINE_ERROR',
      message: expect.not.stringMatching(/canary|lies\.parquet/),
    });
    expect((await world.rows('SELECT count(*) FROM good')).rows).toEqual([[3]]);
  });

  it('with text that is not UTF-8 is an error, not bytes', async () => {
    await make({ 'utf.parquet': "SELECT 'aaaaaaaa' || range AS name FROM range(3)" });
    const file = readFileSync(at('utf.parquet')).toString('latin1').replaceAll('aaaaaaaa', '\xff'.repeat(8));
    writeFileSync(at('utf.parquet'), Buffer.from(file, 'latin1'));
    await world.lake.refresh();
    await expect(world.rows("SELECT name FROM utf WHERE name > ''")).rejects.toMatchObject({
      code: 'ENGINE_ERROR',
    });
  });

  it('of a folder where one file is broken is not served, and the file is named', async () => {
    await make({ 's/many/1.parquet': 'SELECT 1 AS a', 's/many/2.parquet': 'SELECT 2 AS a' });
    await put('s/many/3.parquet', 'PAR1');
    // It was there before: who reads it is told that its files changed, see the tests of the gateway.
    expect(isServed('s.many')).toBe(true);
    expect(await changed()).toEqual([]);
    expect(problem('s/many')).toMatch(/^Cannot be read any more: 3\.parquet: /);
  });
});

function withFooterLength(file: Buffer, length: number): Buffer {
  const changed = Buffer.from(file);
  changed.writeInt32LE(length, file.length - 8);
  return changed;
}

describe('CSV', () => {
  it('with a byte order mark has the columns that it says', async () => {
    await put('bom.csv', '\uFEFFid,name\n1,x\n');
    expect((await world.rows('SELECT id, name FROM bom')).rows).toEqual([[1, 'x']]);
  });

  it.each([
    ['a row that is too short', 'id,name\n1,x\n2\n'],
    ['a row that is too long', 'id,name\n1,x\n2,y,z\n'],
    ['rows of every length', `id,name\n${'1,x\n'.repeat(50)}2\n3,y,z\n`],
  ])('with %s is not served as something else', async (_, content) => {
    await put('ragged.csv', content);
    const columns = world.lake
      .snapshot()
      .tables.get('lake.main.ragged')
      ?.columns.map((column) => column.name);
    // Not a column of whole lines: a mask of `name` would not be on it.
    if (columns !== undefined) {
      expect(columns.slice(0, 2)).toEqual(['id', 'name']);
      await expect(world.rows('SELECT name FROM ragged')).rejects.toMatchObject({ code: 'ENGINE_ERROR' });
    } else expect(problem('ragged.csv')).toMatch(/^Not served: /);
  });

  it('in another encoding is not served, or an error where it turns up', async () => {
    await put('latin.csv', Buffer.from('id,name\n1,caf\xe9\n', 'latin1'));
    await put('wide.csv', Buffer.from('\uFEFFid,name\n1,x\n', 'utf16le'));
    for (const table of ['latin', 'wide']) expect(isServed(`main.${table}`)).toBe(false);
    expect(problem('latin.csv')).not.toMatch(/caf/);
  });

  it('of two files with their columns in another order is not served: a mask goes by name, values by place', async () => {
    await put('s/people/1.csv', 'id,email\nx1,ana@example.org\n');
    await put('s/people/2.csv', 'email,id\nbob@example.org,x2\n');
    expect(isServed('s.people')).toBe(true);
    expect((await world.rows('SELECT id FROM s.people')).rows).toEqual([['x1']]);
    expect(problem('s/people')).toMatch(/^Cannot be read any more: 2\.csv has other columns/);
  });

  it('of files that disagree on a type is served as what holds both', async () => {
    await put('s/mixed/1.csv', 'id,size\n1,2\n');
    await put('s/mixed/2.csv', 'id,size\n2,2.5\n');
    await put('s/mixed/3.csv', '');
    expect((await world.rows('SELECT id, size FROM s.mixed ORDER BY id')).rows).toEqual([
      [1, 2],
      [2, 2.5],
    ]);
    await put('s/mixed/4.csv', 'id,size\n3,many\n');
    expect((await world.rows('SELECT size FROM s.mixed WHERE id = 3')).rows).toEqual([['many']]);
  });

  it('with a huge row is read whole, with one that the reader has no room for it is not served', async () => {
    await put('huge.csv', `id,name\n1,${'a'.repeat(2 ** 20)}\n`);
    expect((await world.rows('SELECT length(name) FROM huge')).rows).toEqual([[2 ** 20]]);
    await put('larger.csv', `id,name\n1,${'a'.repeat(3 * 2 ** 20)}\n`);
    expect(problem('larger.csv')).toMatch(/^Not served: /);
  });
});

describe('JSON', () => {
  const nested = (depth: number): string => `{"a":${'{"a":'.repeat(depth - 1)}1${'}'.repeat(depth)}\n`;

  it.each([
    ['in one line', (deep: string) => deep],
    ['after a line with half a text', (deep: string) => `{"a\n${deep}`],
    ['after many good lines', (deep: string) => `${'{"a":{"a":1}}\n'.repeat(10_000)}${deep}`],
  ])('that nests too deep, %s, is not given to the engine', async (_, around) => {
    await put('deep.ndjson', around(nested(200_000)));
    expect(isServed('main.deep')).toBe(false);
    expect(problem('deep.ndjson')).toBe(
      `Not served: deep.ndjson: it nests deeper than ${JSON_DEPTH_MAX} levels`,
    );
  });

  it('that nests as deep as it may is served', async () => {
    await put('deep.ndjson', nested(JSON_DEPTH_MAX));
    expect((await world.rows('SELECT count(*) FROM deep')).rows).toEqual([[1]]);
  });

  it('with a huge row is read whole', async () => {
    await put('huge.ndjson', `{"a":"${'a'.repeat(4 * 2 ** 20)}"}\n`);
    expect((await world.rows('SELECT length(a) FROM huge')).rows).toEqual([[4 * 2 ** 20]]);
  });

  it('with a byte order mark is not served: its first row would be an error', async () => {
    await put('bom.ndjson', '\uFEFF{"a":1}\n{"a":2}\n');
    expect(problem('bom.ndjson')).toMatch(/^Not served: bom\.ndjson: it begins with a byte order mark/);
  });
});

describe('a file that changes', () => {
  it.each([
    [
      'replaced',
      async () => {
        await writeTables(world.folder, { 'new.parquet': 'SELECT 1::INT AS id, 2 AS other' });
        renameSync(join(world.folder, 'new.parquet'), at('good.parquet'));
      },
    ],
    [
      'overwritten with as many bytes, and its times put back',
      async () => {
        const old = readFileSync(at('good.parquet'));
        const longAgo = new Date('2020-01-01');
        writeFileSync(at('good.parquet'), Buffer.from(old.map((byte) => byte ^ 1)));
        utimesSync(at('good.parquet'), longAgo, longAgo);
      },
    ],
    ['removed', async () => rmSync(at('good.parquet'))],
    [
      'turned into a link out of the folder',
      async () => {
        rmSync(at('good.parquet'));
        symlinkSync('/etc/hostname', at('good.parquet'));
      },
    ],
    [
      'turned into a link to a file like it',
      async () => {
        renameSync(at('good.parquet'), join(world.folder, 'moved.parquet'));
        symlinkSync(join(world.folder, 'moved.parquet'), at('good.parquet'));
      },
    ],
    [
      'turned into a folder',
      async () => {
        rmSync(at('good.parquet'));
        mkdirSync(at('good.parquet'));
      },
    ],
  ])('is known not to be what it was: %s', async (_, change) => {
    expect(await changed()).toEqual([]);
    await change();
    expect(await changed()).toEqual(['lake.main.good']);
  });

  it('that was turned into a link out of the folder is no table any more', async () => {
    rmSync(at('good.parquet'));
    symlinkSync('/etc/hostname', at('good.parquet'));
    await world.lake.refresh();
    expect(isServed('main.good')).toBe(false);
    expect(problem('good.parquet')).toBe('A link that leaves the folder.');
  });
});
