/**
 * Every DuckDB function that a printed statement may call: pure functions of their arguments, nothing that
 * reads a file, a setting, the catalogue, statistics or another query. Written by hand, apart from the
 * function table, so that a rendering which strays is caught.
 */

const SCALAR = `
  + - * / // % ^ ** & | << >> ~ || ~~ !~~ ~~* !~~* @>
  abs acos acosh age array_extract array_slice array_to_string ascii asin asinh atan atan2 atanh
  bin bit_count bit_length cardinality cbrt ceil ceiling chr coalesce concat concat_ws contains cos cosh cot
  century date_add date_diff date_part date_sub date_trunc datediff day dayname dayofmonth dayofweek dayofyear
  decode degrees divide editdist3 element_at encode ends_with epoch epoch_ms epoch_ns epoch_us era even exp
  factorial flatten floor fmod format from_base64 from_hex gamma gcd greatest hex hour
  ilike_escape not_ilike_escape instr isfinite isinf isnan isodow isoyear jaccard julian
  last_day lcm least left len length levenshtein lgamma like_escape not_like_escape
  list_aggregate list_aggr list_append list_concat list_contains list_count list_distinct list_element list_extract list_filter
  list_has list_has_all list_has_any list_intersect list_max list_min list_position list_prepend list_reduce list_resize
  list_reverse list_reverse_sort list_select list_slice list_sort list_sum list_transform list_unique list_value list_zip
  ln log log10 log2 lower lpad ltrim
  make_date make_time make_timestamp make_timestamptz make_timestamp_ms map map_concat map_contains map_entries map_extract
  map_extract_value map_from_entries map_keys map_values md5 microsecond millisecond minute mod month monthname multiply
  nanosecond nextafter nullif ord pi position pow power prefix quarter
  radians range regexp_escape regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace
  regexp_split_to_array repeat replace reverse right round round_even row rpad rtrim
  second sha1 sha256 sign signbit sin sinh split split_part sqrt starts_with str_split string_split
  string_to_array strftime strip_accents strlen strpos strptime struct_extract struct_extract_at struct_insert struct_pack
  substr substring subtract suffix tan tanh timetz_byte_comparable timezone
  to_base to_base64 to_binary to_centuries to_days to_hex to_hours to_microseconds to_milliseconds to_minutes to_months
  to_quarters to_seconds to_timestamp to_weeks to_years translate trim trunc try_strptime
  unhex unicode unbin unnest upper url_decode url_encode week weekday weekofyear xor year yearweek
  random`;

const AGGREGATE = `
  any_value approx_count_distinct approx_quantile arg_max arg_max_null arg_min arg_min_null array_agg avg bit_and bit_or bit_xor
  bool_and bool_or corr count count_if count_star covar_pop covar_samp first kurtosis kurtosis_pop last list mad max max_by median
  min min_by mode product quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
  regr_sxy regr_syy skewness stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance histogram
  row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value`;

const names = (text: string): readonly string[] => text.trim().split(/\s+/);

export const ALLOWED_FUNCTIONS: ReadonlySet<string> = new Set([...names(SCALAR), ...names(AGGREGATE)]);

/** Functions whose arguments are checked too: the first must be a constant of this form. */
export const CONSTANT_ARGUMENT: ReadonlyMap<string, RegExp> = new Map([
  // An error of ours names a code, never a value.
  ['error', /^SLUICE:[A-Z_]+$/],
  // Only the keys of hash masks.
  ['getvariable', /^sluice_key_[0-9a-f]+$/],
]);

/** `list_aggregate(list, name)` calls an aggregate by name. */
export const LIST_AGGREGATES: ReadonlySet<string> = new Set(names(AGGREGATE));
