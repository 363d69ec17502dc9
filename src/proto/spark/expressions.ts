/** Written by scripts/generate-proto.mjs from Spark Connect 4.3. */
export const EXPRESSIONS = `
message Expression { common 18 ExpressionCommon, expr_type(literal 1 Expression.Literal,
  unresolved_attribute 2 Expression.UnresolvedAttribute,
  unresolved_function 3 Expression.UnresolvedFunction, expression_string 4 Expression.ExpressionString,
  unresolved_star 5 Expression.UnresolvedStar, alias 6 Expression.Alias, cast 7 Expression.Cast,
  unresolved_regex 8 Expression.UnresolvedRegex, sort_order 9 Expression.SortOrder,
  lambda_function 10 Expression.LambdaFunction, window 11 Expression.Window,
  unresolved_extract_value 12 Expression.UnresolvedExtractValue,
  update_fields 13 Expression.UpdateFields,
  unresolved_named_lambda_variable 14 Expression.UnresolvedNamedLambdaVariable,
  common_inline_user_defined_function 15 CommonInlineUserDefinedFunction, call_function 16 CallFunction,
  named_argument_expression 17 NamedArgumentExpression, merge_action 19 MergeAction,
  typed_aggregate_expression 20 TypedAggregateExpression, subquery_expression 21 SubqueryExpression,
  direct_shuffle_partition_id 22 Expression.DirectShufflePartitionID @4.1,
  extension 999 .google.protobuf.Any)
  message Window { window_function 1 Expression, partition_spec 2 Expression*,
    order_spec 3 Expression.SortOrder*, frame_spec 4 Expression.Window.WindowFrame
    message WindowFrame { frame_type 1 Expression.Window.WindowFrame.FrameType,
      lower 2 Expression.Window.WindowFrame.FrameBoundary,
      upper 3 Expression.Window.WindowFrame.FrameBoundary
      message FrameBoundary { boundary(current_row 1 bool, unbounded 2 bool, value 3 Expression) }
      enum FrameType { FRAME_TYPE_UNDEFINED 0, FRAME_TYPE_ROW 1, FRAME_TYPE_RANGE 2 }
    }
  }
  message SortOrder { child 1 Expression, direction 2 Expression.SortOrder.SortDirection,
    null_ordering 3 Expression.SortOrder.NullOrdering
    enum SortDirection { SORT_DIRECTION_UNSPECIFIED 0, SORT_DIRECTION_ASCENDING 1,
      SORT_DIRECTION_DESCENDING 2 }
    enum NullOrdering { SORT_NULLS_UNSPECIFIED 0, SORT_NULLS_FIRST 1, SORT_NULLS_LAST 2 }
  }
  message DirectShufflePartitionID { child 1 Expression @4.1 }
  message Cast { expr 1 Expression, eval_mode 4 Expression.Cast.EvalMode, cast_to_type(type 2 DataType,
    type_str 3 string)
    enum EvalMode { EVAL_MODE_UNSPECIFIED 0, EVAL_MODE_LEGACY 1, EVAL_MODE_ANSI 2, EVAL_MODE_TRY 3 }
  }
  message Literal { data_type 100 DataType @4.1, literal_type(null 1 DataType, binary 2 bytes,
    boolean 3 bool, byte 4 int32, short 5 int32, integer 6 int32, long 7 int64, float 10 float,
    double 11 double, decimal 12 Expression.Literal.Decimal, string 13 string, date 16 int32,
    timestamp 17 int64, timestamp_ntz 18 int64,
    calendar_interval 19 Expression.Literal.CalendarInterval, year_month_interval 20 int32,
    day_time_interval 21 int64, array 22 Expression.Literal.Array, map 23 Expression.Literal.Map,
    struct 24 Expression.Literal.Struct, specialized_array 25 Expression.Literal.SpecializedArray,
    time 26 Expression.Literal.Time @4.1,
    timestamp_ntz_nanos 29 Expression.Literal.TimestampNTZNanos @4.3,
    timestamp_ltz_nanos 30 Expression.Literal.TimestampLTZNanos @4.3)
    message Decimal { value 1 string, precision 2 int32?, scale 3 int32? }
    message CalendarInterval { months 1 int32, days 2 int32, microseconds 3 int64 }
    message Array { element_type 1 DataType, elements 2 Expression.Literal* }
    message Map { key_type 1 DataType, value_type 2 DataType, keys 3 Expression.Literal*,
      values 4 Expression.Literal* }
    message Struct { struct_type 1 DataType, elements 2 Expression.Literal* }
    message SpecializedArray { value_type(bools 1 Bools, ints 2 Ints, longs 3 Longs, floats 4 Floats,
      doubles 5 Doubles, strings 6 Strings) }
    message Time { nano 1 int64 @4.1, precision 2 int32? @4.1 }
    message TimestampNTZNanos { epoch_micros 1 int64 @4.3, nanos_within_micro 2 int32 @4.3,
      precision 3 int32? @4.3 }
    message TimestampLTZNanos { epoch_micros 1 int64 @4.3, nanos_within_micro 2 int32 @4.3,
      precision 3 int32? @4.3 }
  }
  message UnresolvedAttribute { unparsed_identifier 1 string, plan_id 2 int64?,
    is_metadata_column 3 bool? }
  message UnresolvedFunction { function_name 1 string, arguments 2 Expression*, is_distinct 3 bool,
    is_user_defined_function 4 bool, is_internal 5 bool? }
  message ExpressionString { expression 1 string }
  message UnresolvedStar { unparsed_target 1 string?, plan_id 2 int64? }
  message UnresolvedRegex { col_name 1 string, plan_id 2 int64? }
  message UnresolvedExtractValue { child 1 Expression, extraction 2 Expression }
  message UpdateFields { struct_expression 1 Expression, field_name 2 string,
    value_expression 3 Expression }
  message Alias { expr 1 Expression, name 2 string*, metadata 3 string? }
  message LambdaFunction { function 1 Expression, arguments 2 Expression.UnresolvedNamedLambdaVariable* }
  message UnresolvedNamedLambdaVariable { name_parts 1 string* }
}
message ExpressionCommon { origin 1 Origin }
message CommonInlineUserDefinedFunction { function_name 1 string, deterministic 2 bool,
  arguments 3 Expression*, is_distinct 7 bool, function(python_udf 4 PythonUDF,
  scalar_scala_udf 5 ScalarScalaUDF, java_udf 6 JavaUDF) }
message PythonUDF { output_type 1 DataType, eval_type 2 int32, command 3 bytes, python_ver 4 string,
  additional_includes 5 string* }
message ScalarScalaUDF { payload 1 bytes, inputTypes 2 DataType*, outputType 3 DataType,
  nullable 4 bool, aggregate 5 bool }
message JavaUDF { class_name 1 string, output_type 2 DataType?, aggregate 3 bool }
message TypedAggregateExpression { scalar_scala_udf 1 ScalarScalaUDF }
message CallFunction { function_name 1 string, arguments 2 Expression* }
message NamedArgumentExpression { key 1 string, value 2 Expression }
message MergeAction { action_type 1 MergeAction.ActionType, condition 2 Expression?,
  assignments 3 MergeAction.Assignment*
  message Assignment { key 1 Expression, value 2 Expression }
  enum ActionType { ACTION_TYPE_INVALID 0, ACTION_TYPE_DELETE 1, ACTION_TYPE_INSERT 2,
    ACTION_TYPE_INSERT_STAR 3, ACTION_TYPE_UPDATE 4, ACTION_TYPE_UPDATE_STAR 5 }
}
message SubqueryExpression { plan_id 1 int64, subquery_type 2 SubqueryExpression.SubqueryType,
  table_arg_options 3 SubqueryExpression.TableArgOptions?, in_subquery_values 4 Expression* @4.1
  message TableArgOptions { partition_spec 1 Expression*, order_spec 2 Expression.SortOrder*,
    with_single_partition 3 bool? }
  enum SubqueryType { SUBQUERY_TYPE_UNKNOWN 0, SUBQUERY_TYPE_SCALAR 1, SUBQUERY_TYPE_EXISTS 2,
    SUBQUERY_TYPE_TABLE_ARG 3, SUBQUERY_TYPE_IN 4 @4.1 }
}
`;
