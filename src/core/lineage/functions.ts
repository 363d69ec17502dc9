/** What lineage knows of functions by their names: those of plans are more than the function table has. */
import { functionTable } from '../sql/functions/table.js';
import { direct, type Flow } from './flow.js';

/** Of these the argument cannot be read back: Spark's own OpenLineage integration flags the same ones. */
const MASKING = new Set(['crc32', 'hash', 'md5', 'sha', 'sha1', 'sha2', 'xxhash64', 'mask', 'count']);

const AGGREGATES = new Set(
  `approx_percentile approx_top_k approx_top_k_accumulate approx_top_k_combine bitmap_and_agg
   bitmap_construct_agg bitmap_or_agg bloom_filter_agg collect_top_k count_min_sketch histogram_numeric
   hll_sketch_agg hll_union_agg kll_merge_agg_bigint kll_merge_agg_double kll_merge_agg_float
   kll_sketch_agg_bigint kll_sketch_agg_double kll_sketch_agg_float kurtosis listagg pandas_covar pandas_kurt
   pandas_mode pandas_product pandas_skew pandas_stddev pandas_var percentile percentile_approx percentile_cont
   percentile_disc product schema_of_variant_agg skewness string_agg theta_intersection_agg theta_sketch_agg
   theta_union_agg try_avg try_sum tuple_union_agg_double tuple_union_agg_integer vector_avg vector_sum`.split(
    /\s+/,
  ),
);

/** One row becomes many: what they are made of steers how many rows there are. */
const GENERATORS = new Set(
  `explode explode_outer inline inline_outer json_tuple posexplode posexplode_outer stack variant_explode
   variant_explode_outer`.split(/\s+/),
);

/** Places of arguments that only choose among the others; `undefined`: none does. */
const CHOOSERS: Readonly<Record<string, (place: number, count: number) => boolean>> = {
  if: (place) => place === 0,
  nvl2: (place) => place === 0,
  when: (place, count) => place % 2 === 0 && place < count - 1,
};

export const isMasking = (name: string): boolean => MASKING.has(name);
export const isGenerator = (name: string): boolean => GENERATORS.has(name);
export const isAggregate = (name: string): boolean =>
  AGGREGATES.has(name) || functionTable.lookup(name)?.kind === 'aggregate';

export const isChooser = (name: string, place: number, count: number): boolean =>
  Object.hasOwn(CHOOSERS, name) && CHOOSERS[name]?.(place, count) === true;

/** How an argument gets into the value of a call. */
export const callFlow = (name: string): Flow =>
  direct(isAggregate(name) ? 'AGGREGATION' : 'TRANSFORMATION', isMasking(name));
