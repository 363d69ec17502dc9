/** Written by scripts/generate-proto.mjs from Spark Connect 4.3. */
export const RELATIONS = `
message Relation { common 1 RelationCommon, rel_type(read 2 Read, project 3 Project, filter 4 Filter,
  join 5 Join, set_op 6 SetOperation, sort 7 Sort, limit 8 Limit, aggregate 9 Aggregate, sql 10 SQL,
  local_relation 11 LocalRelation, sample 12 Sample, offset 13 Offset, deduplicate 14 Deduplicate,
  range 15 Range, subquery_alias 16 SubqueryAlias, repartition 17 Repartition, to_df 18 ToDF,
  with_columns_renamed 19 WithColumnsRenamed, show_string 20 ShowString, drop 21 Drop, tail 22 Tail,
  with_columns 23 WithColumns, hint 24 Hint, unpivot 25 Unpivot, to_schema 26 ToSchema,
  repartition_by_expression 27 RepartitionByExpression, map_partitions 28 MapPartitions,
  collect_metrics 29 CollectMetrics, parse 30 Parse, group_map 31 GroupMap, co_group_map 32 CoGroupMap,
  with_watermark 33 WithWatermark, apply_in_pandas_with_state 34 ApplyInPandasWithState,
  html_string 35 HtmlString, cached_local_relation 36 CachedLocalRelation,
  cached_remote_relation 37 CachedRemoteRelation,
  common_inline_user_defined_table_function 38 CommonInlineUserDefinedTableFunction,
  as_of_join 39 AsOfJoin, common_inline_user_defined_data_source 40 CommonInlineUserDefinedDataSource,
  with_relations 41 WithRelations, transpose 42 Transpose,
  unresolved_table_valued_function 43 UnresolvedTableValuedFunction, lateral_join 44 LateralJoin,
  chunked_cached_local_relation 45 ChunkedCachedLocalRelation @4.1,
  relation_changes 46 RelationChanges @4.2, nearest_by_join 47 NearestByJoin @4.2, zip 48 Zip @4.3,
  fill_na 90 NAFill, drop_na 91 NADrop, replace 92 NAReplace, summary 100 StatSummary,
  crosstab 101 StatCrosstab, describe 102 StatDescribe, cov 103 StatCov, corr 104 StatCorr,
  approx_quantile 105 StatApproxQuantile, freq_items 106 StatFreqItems, sample_by 107 StatSampleBy,
  catalog 200 Catalog, ml_relation 300 MlRelation, extension 998 .google.protobuf.Any,
  unknown 999 Unknown) }
message MlRelation { model_summary_dataset 3 Relation? @4.1, ml_type(transform 1 MlRelation.Transform,
  fetch 2 Fetch)
  message Transform { input 3 Relation, params 4 MlParams, operator(obj_ref 1 ObjectRef,
    transformer 2 MlOperator) }
}
message Fetch { obj_ref 1 ObjectRef, methods 2 Fetch.Method*
  message Method { method 1 string, args 2 Fetch.Method.Args*
    message Args { args_type(param 1 Expression.Literal, input 2 Relation) }
  }
}
message Unknown { }
message RelationCommon { source_info 1 string, plan_id 2 int64?, origin 3 Origin }
message SQL { query 1 string, args 2 <string Expression.Literal>, pos_args 3 Expression.Literal*,
  named_arguments 4 <string Expression>, pos_arguments 5 Expression* }
message WithRelations { root 1 Relation, references 2 Relation* }
message Read { is_streaming 3 bool, read_type(named_table 1 Read.NamedTable,
  data_source 2 Read.DataSource)
  message NamedTable { unparsed_identifier 1 string, options 2 <string string> }
  message DataSource { format 1 string?, schema 2 string?, options 3 <string string>, paths 4 string*,
    predicates 5 string*, source_name 6 string? @4.2 }
}
message RelationChanges { unparsed_identifier 1 string @4.2, options 2 <string string> @4.2,
  is_streaming 3 bool @4.2 }
message Project { input 1 Relation, expressions 3 Expression* }
message Filter { input 1 Relation, condition 2 Expression }
message Join { left 1 Relation, right 2 Relation, join_condition 3 Expression,
  join_type 4 Join.JoinType, using_columns 5 string*, join_data_type 6 Join.JoinDataType?
  message JoinDataType { is_left_struct 1 bool, is_right_struct 2 bool }
  enum JoinType { JOIN_TYPE_UNSPECIFIED 0, JOIN_TYPE_INNER 1, JOIN_TYPE_FULL_OUTER 2,
    JOIN_TYPE_LEFT_OUTER 3, JOIN_TYPE_RIGHT_OUTER 4, JOIN_TYPE_LEFT_ANTI 5, JOIN_TYPE_LEFT_SEMI 6,
    JOIN_TYPE_CROSS 7 }
}
message SetOperation { left_input 1 Relation, right_input 2 Relation,
  set_op_type 3 SetOperation.SetOpType, is_all 4 bool?, by_name 5 bool?, allow_missing_columns 6 bool?
  enum SetOpType { SET_OP_TYPE_UNSPECIFIED 0, SET_OP_TYPE_INTERSECT 1, SET_OP_TYPE_UNION 2,
    SET_OP_TYPE_EXCEPT 3 }
}
message Limit { input 1 Relation, limit 2 int32 }
message Offset { input 1 Relation, offset 2 int32 }
message Tail { input 1 Relation, limit 2 int32 }
message Aggregate { input 1 Relation, group_type 2 Aggregate.GroupType,
  grouping_expressions 3 Expression*, aggregate_expressions 4 Expression*, pivot 5 Aggregate.Pivot,
  grouping_sets 6 Aggregate.GroupingSets*
  message Pivot { col 1 Expression, values 2 Expression.Literal* }
  message GroupingSets { grouping_set 1 Expression* }
  enum GroupType { GROUP_TYPE_UNSPECIFIED 0, GROUP_TYPE_GROUPBY 1, GROUP_TYPE_ROLLUP 2,
    GROUP_TYPE_CUBE 3, GROUP_TYPE_PIVOT 4, GROUP_TYPE_GROUPING_SETS 5 }
}
message Sort { input 1 Relation, order 2 Expression.SortOrder*, is_global 3 bool? }
message Drop { input 1 Relation, columns 2 Expression*, column_names 3 string* }
message Deduplicate { input 1 Relation, column_names 2 string*, all_columns_as_keys 3 bool?,
  within_watermark 4 bool? }
message LocalRelation { data 1 bytes?, schema 2 string? }
message CachedLocalRelation { hash 3 string }
message ChunkedCachedLocalRelation { dataHashes 1 string* @4.1, schemaHash 2 string? @4.1 }
message CachedRemoteRelation { relation_id 1 string }
message Sample { input 1 Relation, lower_bound 2 double, upper_bound 3 double, with_replacement 4 bool?,
  seed 5 int64?, deterministic_order 6 bool }
message Range { start 1 int64?, end 2 int64, step 3 int64, num_partitions 4 int32? }
message SubqueryAlias { input 1 Relation, alias 2 string, qualifier 3 string* }
message Repartition { input 1 Relation, num_partitions 2 int32, shuffle 3 bool? }
message ShowString { input 1 Relation, num_rows 2 int32, truncate 3 int32, vertical 4 bool }
message HtmlString { input 1 Relation, num_rows 2 int32, truncate 3 int32 }
message StatSummary { input 1 Relation, statistics 2 string* }
message StatDescribe { input 1 Relation, cols 2 string* }
message StatCrosstab { input 1 Relation, col1 2 string, col2 3 string }
message StatCov { input 1 Relation, col1 2 string, col2 3 string }
message StatCorr { input 1 Relation, col1 2 string, col2 3 string, method 4 string? }
message StatApproxQuantile { input 1 Relation, cols 2 string*, probabilities 3 double*,
  relative_error 4 double }
message StatFreqItems { input 1 Relation, cols 2 string*, support 3 double? }
message StatSampleBy { input 1 Relation, col 2 Expression, fractions 3 StatSampleBy.Fraction*,
  seed 5 int64?
  message Fraction { stratum 1 Expression.Literal, fraction 2 double }
}
message NAFill { input 1 Relation, cols 2 string*, values 3 Expression.Literal* }
message NADrop { input 1 Relation, cols 2 string*, min_non_nulls 3 int32? }
message NAReplace { input 1 Relation, cols 2 string*, replacements 3 NAReplace.Replacement*
  message Replacement { old_value 1 Expression.Literal, new_value 2 Expression.Literal }
}
message ToDF { input 1 Relation, column_names 2 string* }
message WithColumnsRenamed { input 1 Relation, rename_columns_map 2 <string string>,
  renames 3 WithColumnsRenamed.Rename*
  message Rename { col_name 1 string, new_col_name 2 string }
}
message WithColumns { input 1 Relation, aliases 2 Expression.Alias* }
message WithWatermark { input 1 Relation, event_time 2 string, delay_threshold 3 string }
message Hint { input 1 Relation, name 2 string, parameters 3 Expression* }
message Unpivot { input 1 Relation, ids 2 Expression*, values 3 Unpivot.Values?,
  variable_column_name 4 string, value_column_name 5 string
  message Values { values 1 Expression* }
}
message Transpose { input 1 Relation, index_columns 2 Expression* }
message UnresolvedTableValuedFunction { function_name 1 string, arguments 2 Expression* }
message ToSchema { input 1 Relation, schema 2 DataType }
message RepartitionByExpression { input 1 Relation, partition_exprs 2 Expression*,
  num_partitions 3 int32? }
message MapPartitions { input 1 Relation, func 2 CommonInlineUserDefinedFunction, is_barrier 3 bool?,
  profile_id 4 int32? }
message GroupMap { input 1 Relation, grouping_expressions 2 Expression*,
  func 3 CommonInlineUserDefinedFunction, sorting_expressions 4 Expression*, initial_input 5 Relation,
  initial_grouping_expressions 6 Expression*, is_map_groups_with_state 7 bool?, output_mode 8 string?,
  timeout_conf 9 string?, state_schema 10 DataType?,
  transform_with_state_info 11 TransformWithStateInfo? @4.1 }
message TransformWithStateInfo { time_mode 1 string @4.1, event_time_column_name 2 string? @4.1,
  output_schema 3 DataType? @4.1 }
message CoGroupMap { input 1 Relation, input_grouping_expressions 2 Expression*, other 3 Relation,
  other_grouping_expressions 4 Expression*, func 5 CommonInlineUserDefinedFunction,
  input_sorting_expressions 6 Expression*, other_sorting_expressions 7 Expression* }
message ApplyInPandasWithState { input 1 Relation, grouping_expressions 2 Expression*,
  func 3 CommonInlineUserDefinedFunction, output_schema 4 string, state_schema 5 string,
  output_mode 6 string, timeout_conf 7 string }
message CommonInlineUserDefinedTableFunction { function_name 1 string, deterministic 2 bool,
  arguments 3 Expression*, function(python_udtf 4 PythonUDTF) }
message PythonUDTF { return_type 1 DataType?, eval_type 2 int32, command 3 bytes, python_ver 4 string }
message CommonInlineUserDefinedDataSource { name 1 string,
  data_source(python_data_source 2 PythonDataSource) }
message PythonDataSource { command 1 bytes, python_ver 2 string }
message CollectMetrics { input 1 Relation, name 2 string, metrics 3 Expression* }
message Parse { input 1 Relation, format 2 Parse.ParseFormat, schema 3 DataType?,
  options 4 <string string>
  enum ParseFormat { PARSE_FORMAT_UNSPECIFIED 0, PARSE_FORMAT_CSV 1, PARSE_FORMAT_JSON 2,
    PARSE_FORMAT_XML 3 @4.2 }
}
message AsOfJoin { left 1 Relation, right 2 Relation, left_as_of 3 Expression, right_as_of 4 Expression,
  join_expr 5 Expression, using_columns 6 string*, join_type 7 string, tolerance 8 Expression,
  allow_exact_matches 9 bool, direction 10 string }
message LateralJoin { left 1 Relation, right 2 Relation, join_condition 3 Expression,
  join_type 4 Join.JoinType }
message NearestByJoin { left 1 Relation @4.2, right 2 Relation @4.2,
  ranking_expression 3 Expression @4.2, num_results 4 int32 @4.2, join_type 5 string @4.2,
  mode 6 string @4.2, direction 7 string @4.2 }
message Zip { left 1 Relation @4.3, right 2 Relation @4.3 }
`;
