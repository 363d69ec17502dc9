/**
 * Every function and operator of the function table gives on DuckDB what real Spark gave for the calls of
 * test/corpus/functions.yaml: rows, types, and whether it raises. A function without a call fails.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { VOID } from '../src/core/plan/types.js';
import type { FunctionSpec } from '../src/core/sql/functions/spec.js';
import { functionTable } from '../src/core/sql/functions/table.js';
import { USAGE } from '../src/core/sql/functions/usage.js';
import { difference, goldenAnswers } from './golden/golden-answers.js';
import { type FunctionCorpus, questionsOf } from './oracles/function-questions.mjs';
import { PlanLake } from './support/duckdb-plans.js';
import { ROOT } from './support/sources.js';

const FUNCTIONS_MIN = 250;
/** Four units in the last place of a double: what the mathematical libraries of Java and C differ by. */
const APPROXIMATE = 4 * Number.EPSILON;

const corpus = parse(readFileSync(`${ROOT}/test/corpus/functions.yaml`, 'utf8')) as FunctionCorpus;
const questions = questionsOf(corpus);
const golden = goldenAnswers('functions');
/** Mask kernels have no name in Spark: test/masks and the oracles hold those. */
const known = functionTable.all().filter((entry) => entry.internal !== true);

/** One argument less than the shortest form and one more than the longest are refused. */
function takesWhatItSays(entry: FunctionSpec, usage: string): boolean {
  const forms = usage
    .split(/; | -> | OVER /)
    .filter((form) => form.startsWith(`${entry.name}(`) && !/ FROM | IN /.test(form));
  const bodies = forms.map((form) =>
    form
      .slice(form.indexOf('(') + 1, form.lastIndexOf(')'))
      .replace(/<[^>]*>+/g, '')
      .replace(/\([^()]*\)->/g, ''),
  );
  const counts = bodies.flatMap((body) => {
    const required = body
      .replace(/\[.*\]/, '')
      .split(',')
      .filter((part) => part.trim() !== '').length;
    const all = body
      .replace(/[[\]]/g, '')
      .split(',')
      .filter((part) => part.trim() !== '').length;
    return body.includes('...,') || body.endsWith('...') ? [0, Number.POSITIVE_INFINITY] : [required, all];
  });
  const refuses = (count: number): boolean => {
    if (count < 0 || count === Number.POSITIVE_INFINITY) return true;
    const args = Array.from({ length: count }, () => ({ type: VOID, nullable: true, literal: null }));
    return typeof entry.resolve(args) === 'string';
  };
  return (
    entry.name === 'count' ||
    counts.length === 0 ||
    (refuses(Math.min(...counts) - 1) && refuses(Math.max(...counts) + 1))
  );
}

let lake: PlanLake;
beforeAll(async () => {
  lake = await PlanLake.open();
});
afterAll(() => lake.close());

describe('the function table', () => {
  it(`has at least ${FUNCTIONS_MIN} functions besides the operators`, () => {
    expect(known.filter((entry) => entry.operator !== true).length).toBeGreaterThanOrEqual(FUNCTIONS_MIN);
  });

  it('and the corpus have the same names', () => {
    expect(Object.keys(questions).sort()).toEqual(known.map((entry) => entry.name).sort());
  });

  it('is answered by Spark for every name and alias in it', () => {
    const answered = Object.values(questions)
      .flat()
      .filter((sql) => golden[sql]?.rows !== undefined);
    const text = answered.join('\n').toLowerCase();
    const callable = known.filter((entry) => entry.operator !== true);
    const names = callable.flatMap((entry) => [entry.name, ...(entry.aliases ?? [])]);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\(`).test(text))).toEqual([]);
  });

  it('says of each how it is written', () => {
    expect(Object.keys(USAGE).sort()).toEqual(known.map((entry) => entry.name).sort());
    const misnamed = known.filter(
      (entry) => entry.operator !== true && !USAGE[entry.name]?.startsWith(`${entry.name}(`),
    );
    expect(misnamed).toEqual([]);
  });

  it('takes as many arguments as it says', () => {
    const wrong = known
      .filter((entry) => entry.operator !== true)
      .filter((entry) => !takesWhatItSays(entry, USAGE[entry.name] ?? ''))
      .map((entry) => entry.name);
    expect(wrong).toEqual([]);
  });

  it('asks for NULL, nothing, both zeros, NaN, infinities, limits and Unicode', () => {
    const values = Object.values(corpus.inputs).flat().join(' ');
    for (const value of [
      'NULL',
      "''",
      '-0D',
      "'NaN'",
      "'-Infinity'",
      '-2147483648',
      '0001-01-01',
      '日本語',
      '😀',
    ])
      expect(values).toContain(value);
  });
});

describe('on DuckDB', () => {
  for (const entry of known) {
    it(`${entry.name} gives what Spark gives`, async () => {
      const tolerance = entry.approximate === true ? APPROXIMATE : 0;
      const differences: string[] = [];
      let rows = 0;
      for (const sql of questions[entry.name] ?? []) {
        rows += golden[sql]?.rows?.length ?? 0;
        const found = await difference(lake, sql, golden[sql], { tolerance });
        if (found !== undefined) differences.push(found);
      }
      expect(differences).toEqual([]);
      expect(rows).toBeGreaterThan(0);
    });
  }
});
