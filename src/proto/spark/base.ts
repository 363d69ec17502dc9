/** Written by scripts/generate-proto.mjs from Spark Connect 4.3. */
export const BASE = `
message Plan { op_type(root 1 Relation, command 2 Command,
  compressed_operation 3 Plan.CompressedOperation @4.1)
  message CompressedOperation { data 1 bytes @4.1, op_type 2 Plan.CompressedOperation.OpType @4.1,
    compression_codec 3 CompressionCodec @4.1
    enum OpType { OP_TYPE_UNSPECIFIED 0 @4.1, OP_TYPE_RELATION 1 @4.1, OP_TYPE_COMMAND 2 @4.1 }
  }
}
message UserContext { user_id 1 string, user_name 2 string, extensions 999 .google.protobuf.Any* }
message AnalyzePlanRequest { session_id 1 string, client_observed_server_side_session_id 17 string?,
  user_context 2 UserContext, client_type 3 string?, analyze(schema 4 AnalyzePlanRequest.Schema,
  explain 5 AnalyzePlanRequest.Explain, tree_string 6 AnalyzePlanRequest.TreeString,
  is_local 7 AnalyzePlanRequest.IsLocal, is_streaming 8 AnalyzePlanRequest.IsStreaming,
  input_files 9 AnalyzePlanRequest.InputFiles, spark_version 10 AnalyzePlanRequest.SparkVersion,
  ddl_parse 11 AnalyzePlanRequest.DDLParse, same_semantics 12 AnalyzePlanRequest.SameSemantics,
  semantic_hash 13 AnalyzePlanRequest.SemanticHash, persist 14 AnalyzePlanRequest.Persist,
  unpersist 15 AnalyzePlanRequest.Unpersist, get_storage_level 16 AnalyzePlanRequest.GetStorageLevel,
  json_to_ddl 18 AnalyzePlanRequest.JsonToDDL)
  message Schema { plan 1 Plan }
  message Explain { plan 1 Plan, explain_mode 2 AnalyzePlanRequest.Explain.ExplainMode
    enum ExplainMode { EXPLAIN_MODE_UNSPECIFIED 0, EXPLAIN_MODE_SIMPLE 1, EXPLAIN_MODE_EXTENDED 2,
      EXPLAIN_MODE_CODEGEN 3, EXPLAIN_MODE_COST 4, EXPLAIN_MODE_FORMATTED 5 }
  }
  message TreeString { plan 1 Plan, level 2 int32? }
  message IsLocal { plan 1 Plan }
  message IsStreaming { plan 1 Plan }
  message InputFiles { plan 1 Plan }
  message SparkVersion { }
  message DDLParse { ddl_string 1 string }
  message SameSemantics { target_plan 1 Plan, other_plan 2 Plan }
  message SemanticHash { plan 1 Plan }
  message Persist { relation 1 Relation, storage_level 2 StorageLevel? }
  message Unpersist { relation 1 Relation, blocking 2 bool? }
  message GetStorageLevel { relation 1 Relation }
  message JsonToDDL { json_string 1 string }
}
message AnalyzePlanResponse { session_id 1 string, server_side_session_id 15 string,
  result(schema 2 AnalyzePlanResponse.Schema, explain 3 AnalyzePlanResponse.Explain,
  tree_string 4 AnalyzePlanResponse.TreeString, is_local 5 AnalyzePlanResponse.IsLocal,
  is_streaming 6 AnalyzePlanResponse.IsStreaming, input_files 7 AnalyzePlanResponse.InputFiles,
  spark_version 8 AnalyzePlanResponse.SparkVersion, ddl_parse 9 AnalyzePlanResponse.DDLParse,
  same_semantics 10 AnalyzePlanResponse.SameSemantics,
  semantic_hash 11 AnalyzePlanResponse.SemanticHash, persist 12 AnalyzePlanResponse.Persist,
  unpersist 13 AnalyzePlanResponse.Unpersist, get_storage_level 14 AnalyzePlanResponse.GetStorageLevel,
  json_to_ddl 16 AnalyzePlanResponse.JsonToDDL)
  message Schema { schema 1 DataType }
  message Explain { explain_string 1 string }
  message TreeString { tree_string 1 string }
  message IsLocal { is_local 1 bool }
  message IsStreaming { is_streaming 1 bool }
  message InputFiles { files 1 string* }
  message SparkVersion { version 1 string }
  message DDLParse { parsed 1 DataType }
  message SameSemantics { result 1 bool }
  message SemanticHash { result 1 int32 }
  message Persist { }
  message Unpersist { }
  message GetStorageLevel { storage_level 1 StorageLevel }
  message JsonToDDL { ddl_string 1 string }
}
message ExecutePlanRequest { session_id 1 string, client_observed_server_side_session_id 8 string?,
  user_context 2 UserContext, operation_id 6 string?, plan 3 Plan, client_type 4 string?,
  request_options 5 ExecutePlanRequest.RequestOption*, tags 7 string*
  message RequestOption { request_option(reattach_options 1 ReattachOptions,
    result_chunking_options 2 ResultChunkingOptions @4.1, extension 999 .google.protobuf.Any) }
}
message ExecutePlanResponse { session_id 1 string, server_side_session_id 15 string,
  operation_id 12 string, response_id 13 string, metrics 4 ExecutePlanResponse.Metrics,
  observed_metrics 6 ExecutePlanResponse.ObservedMetrics*, schema 7 DataType,
  response_type(arrow_batch 2 ExecutePlanResponse.ArrowBatch,
  sql_command_result 5 ExecutePlanResponse.SqlCommandResult,
  write_stream_operation_start_result 8 WriteStreamOperationStartResult,
  streaming_query_command_result 9 StreamingQueryCommandResult,
  get_resources_command_result 10 GetResourcesCommandResult,
  streaming_query_manager_command_result 11 StreamingQueryManagerCommandResult,
  streaming_query_listener_events_result 16 StreamingQueryListenerEventsResult,
  result_complete 14 ExecutePlanResponse.ResultComplete,
  create_resource_profile_command_result 17 CreateResourceProfileCommandResult,
  execution_progress 18 ExecutePlanResponse.ExecutionProgress,
  checkpoint_command_result 19 CheckpointCommandResult, ml_command_result 20 MlCommandResult,
  pipeline_event_result 21 PipelineEventResult @4.1,
  pipeline_command_result 22 PipelineCommandResult @4.1,
  pipeline_query_function_execution_signal 23 PipelineQueryFunctionExecutionSignal @4.1,
  extension 999 .google.protobuf.Any)
  message SqlCommandResult { relation 1 Relation }
  message ArrowBatch { row_count 1 int64, data 2 bytes, start_offset 3 int64?,
    chunk_index 4 int64? @4.1, num_chunks_in_batch 5 int64? @4.1 }
  message Metrics { metrics 1 ExecutePlanResponse.Metrics.MetricObject*
    message MetricObject { name 1 string, plan_id 2 int64, parent 3 int64,
      execution_metrics 4 <string ExecutePlanResponse.Metrics.MetricValue> }
    message MetricValue { name 1 string, value 2 int64, metric_type 3 string }
  }
  message ObservedMetrics { name 1 string, values 2 Expression.Literal*, keys 3 string*,
    plan_id 4 int64, root_error_idx 5 int32? @4.2, errors 6 FetchErrorDetailsResponse.Error* @4.2 }
  message ResultComplete { }
  message ExecutionProgress { stages 1 ExecutePlanResponse.ExecutionProgress.StageInfo*,
    num_inflight_tasks 2 int64
    message StageInfo { stage_id 1 int64, num_tasks 2 int64, num_completed_tasks 3 int64,
      input_bytes_read 4 int64, done 5 bool }
  }
}
message KeyValue { key 1 string, value 2 string? }
message ConfigRequest { session_id 1 string, client_observed_server_side_session_id 8 string?,
  user_context 2 UserContext, operation 3 ConfigRequest.Operation, client_type 4 string?
  message Operation { op_type(set 1 ConfigRequest.Set, get 2 ConfigRequest.Get,
    get_with_default 3 ConfigRequest.GetWithDefault, get_option 4 ConfigRequest.GetOption,
    get_all 5 ConfigRequest.GetAll, unset 6 ConfigRequest.Unset,
    is_modifiable 7 ConfigRequest.IsModifiable) }
  message Set { pairs 1 KeyValue*, silent 2 bool? }
  message Get { keys 1 string* }
  message GetWithDefault { pairs 1 KeyValue* }
  message GetOption { keys 1 string* }
  message GetAll { prefix 1 string? }
  message Unset { keys 1 string* }
  message IsModifiable { keys 1 string* }
}
message ConfigResponse { session_id 1 string, server_side_session_id 4 string, pairs 2 KeyValue*,
  warnings 3 string* }
message AddArtifactsRequest { session_id 1 string, user_context 2 UserContext,
  client_observed_server_side_session_id 7 string?, client_type 6 string?,
  payload(batch 3 AddArtifactsRequest.Batch, begin_chunk 4 AddArtifactsRequest.BeginChunkedArtifact,
  chunk 5 AddArtifactsRequest.ArtifactChunk)
  message ArtifactChunk { data 1 bytes, crc 2 int64 }
  message SingleChunkArtifact { name 1 string, data 2 AddArtifactsRequest.ArtifactChunk }
  message Batch { artifacts 1 AddArtifactsRequest.SingleChunkArtifact* }
  message BeginChunkedArtifact { name 1 string, total_bytes 2 int64, num_chunks 3 int64,
    initial_chunk 4 AddArtifactsRequest.ArtifactChunk }
}
message AddArtifactsResponse { session_id 2 string, server_side_session_id 3 string,
  artifacts 1 AddArtifactsResponse.ArtifactSummary*
  message ArtifactSummary { name 1 string, is_crc_successful 2 bool }
}
message ArtifactStatusesRequest { session_id 1 string, client_observed_server_side_session_id 5 string?,
  user_context 2 UserContext, client_type 3 string?, names 4 string* }
message ArtifactStatusesResponse { session_id 2 string, server_side_session_id 3 string,
  statuses 1 <string ArtifactStatusesResponse.ArtifactStatus>
  message ArtifactStatus { exists 1 bool }
}
message InterruptRequest { session_id 1 string, client_observed_server_side_session_id 7 string?,
  user_context 2 UserContext, client_type 3 string?, interrupt_type 4 InterruptRequest.InterruptType,
  interrupt(operation_tag 5 string, operation_id 6 string)
  enum InterruptType { INTERRUPT_TYPE_UNSPECIFIED 0, INTERRUPT_TYPE_ALL 1, INTERRUPT_TYPE_TAG 2,
    INTERRUPT_TYPE_OPERATION_ID 3 }
}
message InterruptResponse { session_id 1 string, server_side_session_id 3 string,
  interrupted_ids 2 string* }
message ReattachOptions { reattachable 1 bool }
message ResultChunkingOptions { allow_arrow_batch_chunking 1 bool @4.1,
  preferred_arrow_chunk_size 2 int64? @4.1 }
message ReattachExecuteRequest { session_id 1 string, client_observed_server_side_session_id 6 string?,
  user_context 2 UserContext, operation_id 3 string, client_type 4 string?, last_response_id 5 string? }
message ReleaseExecuteRequest { session_id 1 string, client_observed_server_side_session_id 7 string?,
  user_context 2 UserContext, operation_id 3 string, client_type 4 string?,
  release(release_all 5 ReleaseExecuteRequest.ReleaseAll,
  release_until 6 ReleaseExecuteRequest.ReleaseUntil)
  message ReleaseAll { }
  message ReleaseUntil { response_id 1 string }
}
message ReleaseExecuteResponse { session_id 1 string, server_side_session_id 3 string,
  operation_id 2 string? }
message ReleaseSessionRequest { session_id 1 string, user_context 2 UserContext, client_type 3 string?,
  allow_reconnect 4 bool }
message ReleaseSessionResponse { session_id 1 string, server_side_session_id 2 string }
message FetchErrorDetailsRequest { session_id 1 string,
  client_observed_server_side_session_id 5 string?, user_context 2 UserContext, error_id 3 string,
  client_type 4 string? }
message FetchErrorDetailsResponse { server_side_session_id 3 string, session_id 4 string,
  root_error_idx 1 int32?, errors 2 FetchErrorDetailsResponse.Error*
  message StackTraceElement { declaring_class 1 string, method_name 2 string, file_name 3 string?,
    line_number 4 int32 }
  message QueryContext { context_type 10 FetchErrorDetailsResponse.QueryContext.ContextType,
    object_type 1 string, object_name 2 string, start_index 3 int32, stop_index 4 int32,
    fragment 5 string, call_site 6 string, summary 7 string
    enum ContextType { SQL 0, DATAFRAME 1 }
  }
  message SparkThrowable { error_class 1 string?, message_parameters 2 <string string>,
    query_contexts 3 FetchErrorDetailsResponse.QueryContext*, sql_state 4 string?,
    breaking_change_info 5 FetchErrorDetailsResponse.BreakingChangeInfo? @4.1 }
  message BreakingChangeInfo { migration_message 1 string* @4.1,
    mitigation_config 2 FetchErrorDetailsResponse.MitigationConfig? @4.1, needs_audit 3 bool? @4.1 }
  message MitigationConfig { key 1 string @4.1, value 2 string @4.1 }
  message Error { error_type_hierarchy 1 string*, message 2 string,
    stack_trace 3 FetchErrorDetailsResponse.StackTraceElement*, cause_idx 4 int32?,
    spark_throwable 5 FetchErrorDetailsResponse.SparkThrowable? }
}
message CheckpointCommandResult { relation 1 CachedRemoteRelation }
message CloneSessionRequest { session_id 1 string @4.1,
  client_observed_server_side_session_id 5 string? @4.1, user_context 2 UserContext @4.1,
  client_type 3 string? @4.1, new_session_id 4 string? @4.1 }
message CloneSessionResponse { session_id 1 string @4.1, server_side_session_id 2 string @4.1,
  new_session_id 3 string @4.1, new_server_side_session_id 4 string @4.1 }
message GetStatusRequest { session_id 1 string @4.2, user_context 2 UserContext @4.2,
  client_type 3 string? @4.2, client_observed_server_side_session_id 4 string? @4.2,
  operation_status 5 GetStatusRequest.OperationStatusRequest? @4.2,
  extensions 999 .google.protobuf.Any* @4.2
  message OperationStatusRequest { operation_ids 1 string* @4.2,
    extensions 999 .google.protobuf.Any* @4.2 }
}
message GetStatusResponse { session_id 1 string @4.2, server_side_session_id 2 string @4.2,
  operation_statuses 3 GetStatusResponse.OperationStatus* @4.2,
  extensions 999 .google.protobuf.Any* @4.2
  message OperationStatus { operation_id 1 string @4.2,
    state 2 GetStatusResponse.OperationStatus.OperationState @4.2,
    extensions 999 .google.protobuf.Any* @4.2
    enum OperationState { OPERATION_STATE_UNSPECIFIED 0 @4.2, OPERATION_STATE_UNKNOWN 1 @4.2,
      OPERATION_STATE_RUNNING 2 @4.2, OPERATION_STATE_TERMINATING 3 @4.2,
      OPERATION_STATE_SUCCEEDED 4 @4.2, OPERATION_STATE_FAILED 5 @4.2, OPERATION_STATE_CANCELLED 6 @4.2 }
  }
}
enum CompressionCodec { COMPRESSION_CODEC_UNSPECIFIED 0 @4.1, COMPRESSION_CODEC_ZSTD 1 @4.1 }
service SparkConnectService { ExecutePlan ExecutePlanRequest ExecutePlanResponse*,
  AnalyzePlan AnalyzePlanRequest AnalyzePlanResponse, Config ConfigRequest ConfigResponse,
  AddArtifacts AddArtifactsRequest* AddArtifactsResponse,
  ArtifactStatus ArtifactStatusesRequest ArtifactStatusesResponse,
  Interrupt InterruptRequest InterruptResponse,
  ReattachExecute ReattachExecuteRequest ExecutePlanResponse*,
  ReleaseExecute ReleaseExecuteRequest ReleaseExecuteResponse,
  ReleaseSession ReleaseSessionRequest ReleaseSessionResponse,
  FetchErrorDetails FetchErrorDetailsRequest FetchErrorDetailsResponse,
  CloneSession CloneSessionRequest CloneSessionResponse @4.1,
  GetStatus GetStatusRequest GetStatusResponse @4.2 }
`;
