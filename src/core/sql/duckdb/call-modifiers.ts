/**
 * Puts DISTINCT, ORDER BY, IGNORE NULLS, FILTER and OVER where they belong in the rendering of an aggregate
 * or window function. A rendering may wrap or combine engine calls (`CAST(sum($1) AS BIGINT)`, `sum($1) /
 * count($1)`), so the modifiers go to every engine aggregate in it. Arguments are held out as marks while the
 * text is scanned: nothing of the user's is ever scanned.
 */

export interface CallModifiers {
  readonly distinct: boolean;
  readonly ignoreNulls: boolean;
  readonly orderBy?: string;
  readonly filter?: string;
  readonly over?: string;
}

/** DuckDB aggregates and window functions that renderings use. */
export const ENGINE_AGGREGATES: ReadonlySet<string> = new Set(
  `any_value approx_count_distinct approx_quantile arg_max arg_max_null arg_min arg_min_null array_agg avg
  bit_and bit_or bit_xor bool_and bool_or corr count count_star count_if covar_pop covar_samp entropy
  favg first fsum geometric_mean kahan_sum kurtosis kurtosis_pop last list mad max max_by median min
  min_by mode product quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2
  regr_slope regr_sxx regr_sxy regr_syy sem skewness stddev stddev_pop stddev_samp string_agg sum
  sumkahan var_pop var_samp variance histogram row_number rank dense_rank percent_rank cume_dist ntile
  lag lead first_value last_value nth_value`.split(/\s+/),
);

export const argumentMark = (index: number): string => `⟨${index}⟩`;

const CALL = /\b([a-z_]+)\(/g;

/** `template` is a rendering over `argumentMark`s. */
export function applyModifiers(template: string, args: readonly string[], modifiers: CallModifiers): string {
  let result = '';
  let at = 0;
  CALL.lastIndex = 0;
  for (let call = CALL.exec(template); call !== null; call = CALL.exec(template)) {
    if (!ENGINE_AGGREGATES.has(call[1] ?? '') || insideText(template, call.index)) continue;
    const open = call.index + call[0].length;
    const close = closing(template, open);
    const tail = filterAt(template, close + 1);
    result += template.slice(at, open) + innards(template.slice(open, close), modifiers);
    result += `)${filterClause(tail?.condition, modifiers.filter)}${modifiers.over ?? ''}`;
    at = tail?.end ?? close + 1;
    CALL.lastIndex = at;
  }
  if (at === 0) throw new Error('a rendering of an aggregate calls no aggregate');
  return fill(result + template.slice(at), args);
}

/** Marks become arguments, but never inside a quoted text: such a text may hold anything. */
const fill = (text: string, args: readonly string[]): string =>
  text.replace(/'(?:[^']|'')*'|⟨(\d+)⟩/gu, (all: string, index: string | undefined) => {
    if (index === undefined) return all;
    const arg = args[Number(index)];
    if (arg === undefined) throw new Error('a rendering names an argument that is not there');
    return arg;
  });

function innards(inner: string, modifiers: CallModifiers): string {
  const distinct = modifiers.distinct && inner !== '' && inner !== '*' ? 'DISTINCT ' : '';
  const order = modifiers.orderBy === undefined ? '' : ` ORDER BY ${modifiers.orderBy}`;
  return `${distinct}${inner}${order}${modifiers.ignoreNulls ? ' IGNORE NULLS' : ''}`;
}

function filterClause(own: string | undefined, given: string | undefined): string {
  const conditions = [own, given].filter((condition) => condition !== undefined);
  return conditions.length === 0 ? '' : ` FILTER (WHERE ${conditions.map((c) => `(${c})`).join(' AND ')})`;
}

/** A FILTER that the rendering itself has (count_if). */
function filterAt(
  text: string,
  at: number,
): { readonly condition: string; readonly end: number } | undefined {
  const found = /^\s*FILTER\s*\(\s*WHERE\s/i.exec(text.slice(at));
  if (found === null) return undefined;
  const start = at + found[0].length;
  const end = closing(text, start);
  return { condition: text.slice(start, end), end: end + 1 };
}

/** Index of the parenthesis that closes the one before `from`; strings are skipped. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length; i += 1) {
    if (text[i] === "'") i = text.indexOf("'", i + 1);
    else if (text[i] === '(') depth += 1;
    else if (text[i] === ')') depth -= 1;
    if (i < 0) break;
    if (depth === 0) return i;
  }
  throw new Error('a rendering has unbalanced parentheses');
}

const insideText = (text: string, at: number): boolean => text.slice(0, at).split("'").length % 2 === 0;
