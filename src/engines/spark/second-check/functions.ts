/**
 * Every function that an analysed plan may call, as Spark writes it there: pure functions of their arguments, nothing
 * that reads a file, a setting, the catalogue, the session or another process. Written by hand, apart from the function
 * table, so that a rendering which strays is caught.
 */

const SYNTAX = `
  cast try_cast ansi_cast named_struct struct array map lambdafunction namedlambdavariable
  windowspecdefinition specifiedwindowframe currentrow unboundedpreceding unboundedfollowing
  extractansiintervaldays extractansiintervalhours extractansiintervalminutes extractansiintervalseconds
  extractansiintervalmonths extractansiintervalyears
  explode posexplode in not exists outer listquery struct decimal list scalar-subquery knownnotnull knownnullable checkoverflow
  promote_precision assertnotnull normalizenanandzero interval and or filter as when then else is like rlike over by`;

const SCALAR = `
  abs acos acosh add_months aggregate any_match array_append array_compact array_contains array_distinct array_except
  array_intersect array_join array_max array_min array_position array_prepend array_remove array_repeat array_size array_sort
  array_union arrays_overlap arrays_zip ascii asin asinh atan atan2 atanh base64 bin bit_count bit_get bit_length bround btrim
  cardinality cbrt ceil ceiling char char_length character_length chr coalesce collate concat concat_ws contains conv cos cosh
  cot crc32 csc date date_add date_diff date_format date_from_unix_date date_part date_sub date_trunc datediff day dayname
  dayofmonth dayofweek dayofyear decode degrees div double e element_at elt encode endswith equal_null exp expm1 extract
  factorial find_in_set flatten floor forall format_number format_string from_unixtime from_utc_timestamp get getbit greatest hex
  hour hypot if ifnull ilike initcap instr int isnan isnotnull isnull last_day lcase least left len length levenshtein ln
  locate log log10 log1p log2 lower lpad ltrim luhn_check make_date make_dt_interval make_interval make_timestamp
  convert_timezone array_insert
  make_timestamp_ntz make_ym_interval map_concat map_contains_key map_entries map_filter map_from_arrays map_from_entries
  map_keys map_values map_zip_with mask md5 minute mod month monthname months_between nanvl negative next_day nullif nullifzero nvl nvl2
  octet_length overlay parse_to_date pi pmod positive position pow power printf quarter quote radians randn
  regexp_count regexp_extract regexp_extract_all regexp_instr regexp_like regexp_replace regexp_substr repeat replace reverse
  right rint round rpad rtrim sec second sequence sha sha1 sha2 shiftleft shiftright shiftrightunsigned sign signum sin sinh
  size slice sort_array soundex space split split_part sqrt startswith strpos substr substring substring_index tan tanh
  timestamp_micros timestamp_millis timestamp_seconds timestampadd timestampdiff to_binary to_date to_number to_timestamp
  to_unix_timestamp to_utc_timestamp transform transform_keys transform_values translate trim trunc try_add try_divide try_element_at
  try_mod try_multiply try_subtract try_to_number try_to_timestamp typeof ucase unbase64 unhex unix_date unix_micros unix_millis
  unix_seconds unix_timestamp upper url_decode url_encode weekday weekofyear width_bucket xxhash64 year zeroifnull zip_with`;

const AGGREGATE = `
  any any_value approx_count_distinct approx_percentile array_agg avg bit_and bit_or bit_xor bool_and bool_or collect_list
  collect_set corr count count_if covar_pop covar_samp every first first_value grouping grouping_id kurtosis last last_value
  listagg max max_by mean median min min_by mode percentile percentile_approx percentile_cont percentile_disc regr_avgx
  regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy skewness some std stddev stddev_pop
  stddev_samp string_agg sum try_avg try_sum var_pop var_samp variance
  row_number rank dense_rank percent_rank cume_dist ntile lag lead nth_value`;

const names = (text: string): readonly string[] => text.trim().split(/\s+/);

export const ALLOWED_FUNCTIONS: ReadonlySet<string> = new Set([
  ...names(SYNTAX),
  ...names(SCALAR),
  ...names(AGGREGATE),
]);
