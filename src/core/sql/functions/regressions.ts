/**
 * Least squares. As in spreads.ts only finite values reach DuckDB, and whether
 * there were others is asked apart. The dependent variable stands first.
 */
import { BIGINT, DOUBLE } from '../../plan/types.js';
import { define, takes } from './define.js';
import type { FunctionSpec } from './spec.js';

const NAN = "CAST('NaN' AS DOUBLE)";
const OPTIONS = { kind: 'aggregate', approximate: true, raises: true } as const;
const two = takes([DOUBLE, DOUBLE], DOUBLE, { nullable: true });
const PAIR = 'CASE WHEN isfinite($1 + $2) THEN $1 END, $2';

const fit = (name: string, summary: string, leastCount: number, none = ''): FunctionSpec =>
  define(
    name,
    summary,
    two,
    `CASE WHEN regr_count($1, $2) < ${leastCount} THEN NULL WHEN bool_or(NOT isfinite($1 + $2)) THEN ${NAN} ${none}ELSE ${name}(${PAIR}) END`,
    OPTIONS,
  );
/** No line where all points stand above one another. */
const UPRIGHT = `WHEN regr_sxx(${PAIR}) = 0 THEN NULL `;

const mean = (name: string, summary: string, of: string): FunctionSpec =>
  define(name, summary, two, `avg(CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN ${of} END)`, OPTIONS);

export const REGRESSIONS: readonly FunctionSpec[] = [
  define(
    'regr_count',
    'Number of pairs without NULL.',
    takes([DOUBLE, DOUBLE], BIGINT),
    'CAST(regr_count($1, $2) AS BIGINT)',
    { kind: 'aggregate' },
  ),
  mean('regr_avgx', 'Mean of the second argument over pairs without NULL.', '$2'),
  mean('regr_avgy', 'Mean of the first argument over pairs without NULL.', '$1'),
  fit('regr_sxx', 'Sum of squares of the second argument around its mean.', 1),
  fit('regr_syy', 'Sum of squares of the first argument around its mean.', 1),
  fit('regr_sxy', 'Sum of products around the means.', 1),
  fit('regr_slope', 'Slope of the line of least squares.', 2, UPRIGHT),
  fit('regr_intercept', 'Where the line of least squares meets the axis.', 2, UPRIGHT),
  fit('regr_r2', 'Share of the variance that the line explains.', 2),
];
