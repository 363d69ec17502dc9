/** Parsing TPC-DS: the median over its texts, each at its quickest, since other work on the machine is not the parser's. */
import { parseStatement } from '../src/core/sql/parse.js';
import { sparkSqlTests } from '../test/support/spark-sql-tests.js';
import type { Figure } from './figure.js';
import { median, requireCount } from './measure.js';

const RUNS = 25;
const MEDIAN_AIM_MS = 1;
const TEXTS = 103;

/** Nothing, with one line said, where the texts cannot be fetched. */
export function parseBench(): readonly Figure[] {
  const texts = sparkSqlTests()?.tpcds;
  if (texts === undefined) return [];
  requireCount('texts of TPC-DS', texts.length, TEXTS);
  const times = texts.map(({ sql }) => Math.min(...Array.from({ length: RUNS }, () => parseMs(sql))));
  const slowest = Math.max(...times);
  return [
    {
      name: 'parsing TPC-DS, median',
      value: median(times),
      unit: 'ms',
      aim: MEDIAN_AIM_MS,
      detail: `slowest ${slowest.toFixed(2)} ms`,
    },
  ];
}

function parseMs(sql: string): number {
  const start = performance.now();
  parseStatement(sql, { parameters: 'none' });
  return performance.now() - start;
}
