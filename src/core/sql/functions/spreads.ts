/**
 * Variances and correlations. DuckDB raises over NaN and infinity, where Spark's answer is NaN: only finite
 * values reach DuckDB, and whether there were others is asked apart.
 */
import { DOUBLE } from '../../plan/types.js';
import { define, takes } from './define.js';
import type { FunctionSpec } from './spec.js';

const NAN = "CAST('NaN' AS DOUBLE)";

/** Sums of squares can still leave the range of doubles. */
const options = (aliases: readonly string[]) =>
  ({ kind: 'aggregate', approximate: true, raises: true, aliases }) as const;

const spread = (
  name: string,
  summary: string,
  leastCount: number,
  aliases: readonly string[] = [],
): FunctionSpec =>
  define(
    name,
    summary,
    takes([DOUBLE], DOUBLE, { nullable: true }),
    `CASE WHEN count($1) < ${leastCount} THEN NULL WHEN bool_or(NOT isfinite($1)) THEN ${NAN} ` +
      `ELSE ${name}(CASE WHEN isfinite($1) THEN $1 END) END`,
    options(aliases),
  );

/** Pairs of which one is NULL do not count; `$1 + $2` is finite only where both are. */
const pairs = (name: string, summary: string, leastCount: number): FunctionSpec =>
  define(
    name,
    summary,
    takes([DOUBLE, DOUBLE], DOUBLE, { nullable: true }),
    `CASE WHEN regr_count($1, $2) < ${leastCount} THEN NULL WHEN bool_or(NOT isfinite($1 + $2)) THEN ${NAN} ` +
      `ELSE ${name}(CASE WHEN isfinite($1 + $2) THEN $1 END, $2) END`,
    options([]),
  );

export const SPREADS: readonly FunctionSpec[] = [
  spread('stddev_samp', 'Sample standard deviation.', 2, ['stddev', 'std']),
  spread('stddev_pop', 'Population standard deviation.', 1),
  spread('var_samp', 'Sample variance.', 2, ['variance']),
  spread('var_pop', 'Population variance.', 1),
  pairs('corr', 'Correlation.', 2),
  pairs('covar_pop', 'Population covariance.', 1),
  pairs('covar_samp', 'Sample covariance.', 2),
];
