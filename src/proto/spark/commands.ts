/** Written by scripts/generate-proto.mjs from Spark Connect 4.3. */
export const COMMANDS = `
message Command { command_type(register_function 1 CommonInlineUserDefinedFunction,
  write_operation 2 WriteOperation, create_dataframe_view 3 CreateDataFrameViewCommand,
  write_operation_v2 4 WriteOperationV2, sql_command 5 SqlCommand,
  write_stream_operation_start 6 WriteStreamOperationStart,
  streaming_query_command 7 StreamingQueryCommand, get_resources_command 8 GetResourcesCommand,
  streaming_query_manager_command 9 StreamingQueryManagerCommand,
  register_table_function 10 CommonInlineUserDefinedTableFunction,
  streaming_query_listener_bus_command 11 StreamingQueryListenerBusCommand,
  register_data_source 12 CommonInlineUserDefinedDataSource,
  create_resource_profile_command 13 CreateResourceProfileCommand,
  checkpoint_command 14 CheckpointCommand,
  remove_cached_remote_relation_command 15 RemoveCachedRemoteRelationCommand,
  merge_into_table_command 16 MergeIntoTableCommand, ml_command 17 MlCommand,
  execute_external_command 18 ExecuteExternalCommand, pipeline_command 19 PipelineCommand @4.1,
  extension 999 .google.protobuf.Any) }
message SqlCommand { sql 1 string, args 2 <string Expression.Literal>, pos_args 3 Expression.Literal*,
  named_arguments 4 <string Expression>, pos_arguments 5 Expression*, input 6 Relation }
message CreateDataFrameViewCommand { input 1 Relation, name 2 string, is_global 3 bool, replace 4 bool }
message WriteOperation { input 1 Relation, source 2 string?, mode 5 WriteOperation.SaveMode,
  sort_column_names 6 string*, partitioning_columns 7 string*, bucket_by 8 WriteOperation.BucketBy,
  options 9 <string string>, clustering_columns 10 string*, with_schema_evolution 11 bool @4.2,
  save_type(path 3 string, table 4 WriteOperation.SaveTable)
  message SaveTable { table_name 1 string, save_method 2 WriteOperation.SaveTable.TableSaveMethod
    enum TableSaveMethod { TABLE_SAVE_METHOD_UNSPECIFIED 0, TABLE_SAVE_METHOD_SAVE_AS_TABLE 1,
      TABLE_SAVE_METHOD_INSERT_INTO 2 }
  }
  message BucketBy { bucket_column_names 1 string*, num_buckets 2 int32 }
  enum SaveMode { SAVE_MODE_UNSPECIFIED 0, SAVE_MODE_APPEND 1, SAVE_MODE_OVERWRITE 2,
    SAVE_MODE_ERROR_IF_EXISTS 3, SAVE_MODE_IGNORE 4 }
}
message WriteOperationV2 { input 1 Relation, table_name 2 string, provider 3 string?,
  partitioning_columns 4 Expression*, options 5 <string string>, table_properties 6 <string string>,
  mode 7 WriteOperationV2.Mode, overwrite_condition 8 Expression, clustering_columns 9 string*,
  with_schema_evolution 10 bool @4.2
  enum Mode { MODE_UNSPECIFIED 0, MODE_CREATE 1, MODE_OVERWRITE 2, MODE_OVERWRITE_PARTITIONS 3,
    MODE_APPEND 4, MODE_REPLACE 5, MODE_CREATE_OR_REPLACE 6 }
}
message WriteStreamOperationStart { input 1 Relation, format 2 string, options 3 <string string>,
  partitioning_column_names 4 string*, output_mode 9 string, query_name 10 string,
  foreach_writer 13 StreamingForeachFunction, foreach_batch 14 StreamingForeachFunction,
  clustering_column_names 15 string*, trigger(processing_time_interval 5 string, available_now 6 bool,
  once 7 bool, continuous_checkpoint_interval 8 string, real_time_batch_duration 100 string @4.2),
  sink_destination(path 11 string, table_name 12 string) }
message StreamingForeachFunction { function(python_function 1 PythonUDF,
  scala_function 2 ScalarScalaUDF) }
message WriteStreamOperationStartResult { query_id 1 StreamingQueryInstanceId, name 2 string,
  query_started_event_json 3 string? }
message StreamingQueryInstanceId { id 1 string, run_id 2 string }
message StreamingQueryCommand { query_id 1 StreamingQueryInstanceId, command(status 2 bool,
  last_progress 3 bool, recent_progress 4 bool, stop 5 bool, process_all_available 6 bool,
  explain 7 StreamingQueryCommand.ExplainCommand, exception 8 bool,
  await_termination 9 StreamingQueryCommand.AwaitTerminationCommand)
  message ExplainCommand { extended 1 bool }
  message AwaitTerminationCommand { timeout_ms 2 int64? }
}
message StreamingQueryCommandResult { query_id 1 StreamingQueryInstanceId,
  result_type(status 2 StreamingQueryCommandResult.StatusResult,
  recent_progress 3 StreamingQueryCommandResult.RecentProgressResult,
  explain 4 StreamingQueryCommandResult.ExplainResult,
  exception 5 StreamingQueryCommandResult.ExceptionResult,
  await_termination 6 StreamingQueryCommandResult.AwaitTerminationResult)
  message StatusResult { status_message 1 string, is_data_available 2 bool, is_trigger_active 3 bool,
    is_active 4 bool }
  message RecentProgressResult { recent_progress_json 5 string* }
  message ExplainResult { result 1 string }
  message ExceptionResult { exception_message 1 string?, error_class 2 string?, stack_trace 3 string? }
  message AwaitTerminationResult { terminated 1 bool }
}
message StreamingQueryManagerCommand { command(active 1 bool, get_query 2 string,
  await_any_termination 3 StreamingQueryManagerCommand.AwaitAnyTerminationCommand,
  reset_terminated 4 bool, add_listener 5 StreamingQueryManagerCommand.StreamingQueryListenerCommand,
  remove_listener 6 StreamingQueryManagerCommand.StreamingQueryListenerCommand, list_listeners 7 bool)
  message AwaitAnyTerminationCommand { timeout_ms 1 int64? }
  message StreamingQueryListenerCommand { listener_payload 1 bytes,
    python_listener_payload 2 PythonUDF?, id 3 string }
}
message StreamingQueryManagerCommandResult {
  result_type(active 1 StreamingQueryManagerCommandResult.ActiveResult,
  query 2 StreamingQueryManagerCommandResult.StreamingQueryInstance,
  await_any_termination 3 StreamingQueryManagerCommandResult.AwaitAnyTerminationResult,
  reset_terminated 4 bool, add_listener 5 bool, remove_listener 6 bool,
  list_listeners 7 StreamingQueryManagerCommandResult.ListStreamingQueryListenerResult)
  message ActiveResult { active_queries 1 StreamingQueryManagerCommandResult.StreamingQueryInstance* }
  message StreamingQueryInstance { id 1 StreamingQueryInstanceId, name 2 string? }
  message AwaitAnyTerminationResult { terminated 1 bool }
  message StreamingQueryListenerInstance { listener_payload 1 bytes }
  message ListStreamingQueryListenerResult { listener_ids 1 string* }
}
message StreamingQueryListenerBusCommand { command(add_listener_bus_listener 1 bool,
  remove_listener_bus_listener 2 bool) }
message StreamingQueryListenerEvent { event_json 1 string, event_type 2 StreamingQueryEventType }
message StreamingQueryListenerEventsResult { events 1 StreamingQueryListenerEvent*,
  listener_bus_listener_added 2 bool? }
message GetResourcesCommand { }
message GetResourcesCommandResult { resources 1 <string ResourceInformation> }
message CreateResourceProfileCommand { profile 1 ResourceProfile }
message CreateResourceProfileCommandResult { profile_id 1 int32 }
message RemoveCachedRemoteRelationCommand { relation 1 CachedRemoteRelation }
message CheckpointCommand { relation 1 Relation, local 2 bool, eager 3 bool,
  storage_level 4 StorageLevel? }
message MergeIntoTableCommand { target_table_name 1 string, source_table_plan 2 Relation,
  merge_condition 3 Expression, match_actions 4 Expression*, not_matched_actions 5 Expression*,
  not_matched_by_source_actions 6 Expression*, with_schema_evolution 7 bool }
message ExecuteExternalCommand { runner 1 string, command 2 string, options 3 <string string> }
enum StreamingQueryEventType { QUERY_PROGRESS_UNSPECIFIED 0, QUERY_PROGRESS_EVENT 1,
  QUERY_TERMINATED_EVENT 2, QUERY_IDLE_EVENT 3 }
`;
