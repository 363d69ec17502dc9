/** Every text of TPC-DS, and of TPC-H, parses and prints back to the same tree. */
import { describe, expect, it } from '@jest/globals';
import { printBack } from './support/print-back.js';
import { type SqlText, sparkSqlTests } from './support/spark-sql-tests.js';

const TPCDS_QUERIES = 99;
/** Four queries come in two parts. */
const TPCDS_TEXTS = 103;
const TPCDS_MODIFIED_TEXTS = 32;
const TPCH_TEXTS = 22;

const corpus = sparkSqlTests();

describe("Spark's texts of the benchmarks", () => {
  it('are here, in CI always', () => {
    expect(corpus !== undefined || !process.env.CI).toBe(true);
  });
});

/** Without Maven the line that `sparkSqlTests` prints says why none of these runs. */
if (corpus !== undefined) {
  const { tpcds, tpcdsModified, tpch } = corpus;

  describe('TPC-DS', () => {
    it(`has all ${TPCDS_QUERIES} queries`, () => {
      const numbers = new Set(tpcds.map(({ file }) => Number(/q(\d+)/.exec(file)?.[1])));
      expect([...numbers].sort((a, b) => a - b)).toEqual(
        Array.from({ length: TPCDS_QUERIES }, (_, i) => i + 1),
      );
      expect(tpcds).toHaveLength(TPCDS_TEXTS);
      expect(tpcdsModified).toHaveLength(TPCDS_MODIFIED_TEXTS);
    });
    it.each(byFile([...tpcds, ...tpcdsModified]))('%s prints back to the same tree', printsBack);
  });

  describe('TPC-H', () => {
    it(`has all ${TPCH_TEXTS} queries`, () => expect(tpch).toHaveLength(TPCH_TEXTS));
    it.each(byFile(tpch))('%s prints back to the same tree', printsBack);
  });
}

function byFile(texts: readonly SqlText[]): readonly (readonly [string, SqlText])[] {
  return texts.map((text) => [text.file, text]);
}

function printsBack(_: string, text: SqlText): void {
  expect(printBack(text)).toBeDefined();
}
