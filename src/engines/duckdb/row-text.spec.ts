import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EngineLake } from '../../../test/support/engine-lake.js';
import { uniqueNames } from '../../core/plan/output-names.js';
import { STRING } from '../../core/plan/types.js';
import { csvHeader } from './row-text.js';

const column = (name: string, id = 1) => ({ id, name, type: STRING, nullable: true });

describe('names of a row', () => {
  it('are unique as keys, keep what was unique, and change nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'a_2', 'a_3', ''), { maxLength: 8 }), (names) => {
        const unique = uniqueNames(names.map((name) => column(name)));
        expect(new Set(unique).size).toBe(names.length);
        for (const [i, name] of names.entries()) {
          expect(unique[i]?.startsWith(name)).toBe(true);
          if (names.indexOf(name) === i) expect(unique[i]).toBe(name);
        }
      }),
    );
  });

  it('are quoted in the header of CSV as any field is', () => {
    expect(csvHeader([column('a'), column('a'), column('b,"c"'), column(''), column('d\ne')])).toBe(
      'a,a,"b,""c""","","d\ne"\r\n',
    );
  });
});

describe('a row on its way out', () => {
  let lake: EngineLake;
  beforeAll(async () => {
    lake = await EngineLake.open({
      'odd.parquet': `SELECT * FROM (VALUES (1, 'a,b', NULL), (2, '', 'x' || chr(10) || 'y'), (3, '"', chr(13)), (4, chr(1) || 'é', NULL)) AS t(id, "s p", "q""q")`,
    });
  });
  afterAll(() => lake.close());

  it('is RFC 4180 in CSV', async () => {
    expect(await lake.text('SELECT * FROM odd ORDER BY id', 'csv')).toBe(
      'id,s p,"q""q"\r\n1,"a,b",\r\n2,"","x\ny"\r\n3,"""","\r"\r\n4,\u0001é,\r\n',
    );
  });

  it('is one object per line in NDJSON, repeated names told apart', async () => {
    const text = await lake.text('SELECT id, id, `s p`, `q"q` AS id FROM odd ORDER BY odd.id', 'ndjson');
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { id: 1, id_2: 1, 's p': 'a,b', id_3: null },
      { id: 2, id_2: 2, 's p': '', id_3: 'x\ny' },
      { id: 3, id_2: 3, 's p': '"', id_3: '\r' },
      { id: 4, id_2: 4, 's p': '\u0001é', id_3: null },
    ]);
  });

  it('is an array in JSON; no rows are no batches, and CSV still has its header', async () => {
    expect((await lake.rows('SELECT * FROM odd WHERE id < 3 ORDER BY id')).rows).toEqual([
      [1, 'a,b', null],
      [2, '', 'x\ny'],
    ]);
    expect(await lake.rows('SELECT * FROM odd WHERE id > 9')).toEqual({
      rows: [],
      rowCount: 0,
      truncated: false,
    });
    expect(await lake.text('SELECT id FROM odd WHERE id > 9', 'csv')).toBe('id\r\n');
    expect(await lake.text('SELECT id FROM odd WHERE id > 9', 'ndjson')).toBe('');
  });

  it('may be longer than any buffer', async () => {
    const { rows } = await lake.rows('SELECT repeat(`s p`, 1000000) AS long FROM odd WHERE id = 1');
    expect(String(rows[0]?.[0])).toHaveLength(3_000_000);
    expect(
      await lake.text('SELECT repeat(`s p`, 1000000) AS long FROM odd WHERE id = 1', 'csv'),
    ).toHaveLength(3_000_010);
  });
});
