/** Written by scripts/generate-proto.mjs from Spark Connect 4.3. */
export const PIPELINES = `
message PipelineCommand { command_type(create_dataflow_graph 1 PipelineCommand.CreateDataflowGraph @4.1,
  define_output 2 PipelineCommand.DefineOutput @4.1, define_flow 3 PipelineCommand.DefineFlow @4.1,
  drop_dataflow_graph 4 PipelineCommand.DropDataflowGraph @4.1,
  start_run 5 PipelineCommand.StartRun @4.1,
  define_sql_graph_elements 6 PipelineCommand.DefineSqlGraphElements @4.1,
  get_query_function_execution_signal_stream 7 PipelineCommand.GetQueryFunctionExecutionSignalStream @4.1,
  define_flow_query_function_result 8 PipelineCommand.DefineFlowQueryFunctionResult @4.1,
  execute_output_flows 9 PipelineCommand.ExecuteOutputFlows @4.2,
  extension 999 .google.protobuf.Any @4.1)
  message CreateDataflowGraph { default_catalog 1 string? @4.1, default_database 2 string? @4.1,
    sql_conf 5 <string string> @4.1 }
  message DropDataflowGraph { dataflow_graph_id 1 string? @4.1 }
  message DefineOutput { dataflow_graph_id 1 string? @4.1, output_name 2 string? @4.1,
    output_type 3 OutputType? @4.1, comment 4 string? @4.1,
    source_code_location 5 SourceCodeLocation? @4.1,
    details(table_details 6 PipelineCommand.DefineOutput.TableDetails @4.1,
    sink_details 7 PipelineCommand.DefineOutput.SinkDetails @4.1,
    extension 999 .google.protobuf.Any @4.1)
    message TableDetails { table_properties 1 <string string> @4.1, partition_cols 2 string* @4.1,
      format 3 string? @4.1, clustering_columns 6 string* @4.1, schema(schema_data_type 4 DataType @4.1,
      schema_string 5 string @4.1) }
    message SinkDetails { options 1 <string string> @4.1, format 2 string? @4.1 }
  }
  message DefineFlow { dataflow_graph_id 1 string? @4.1, flow_name 2 string? @4.1,
    target_dataset_name 3 string? @4.1, sql_conf 4 <string string> @4.1, client_id 5 string? @4.1,
    source_code_location 6 SourceCodeLocation? @4.1, once 8 bool? @4.1,
    details(relation_flow_details 7 PipelineCommand.DefineFlow.WriteRelationFlowDetails @4.1,
    auto_cdc_flow_details 10 PipelineCommand.DefineFlow.AutoCdcFlowDetails @4.2,
    extension 999 .google.protobuf.Any @4.1)
    message WriteRelationFlowDetails { relation 1 Relation? @4.1 }
    message AutoCdcFlowDetails { source 1 string? @4.2, keys 2 Expression* @4.2,
      sequence_by 3 Expression? @4.2, apply_as_deletes 6 Expression? @4.2,
      apply_as_truncates 7 Expression? @4.2, column_list 8 Expression* @4.2,
      except_column_list 9 Expression* @4.2,
      stored_as_scd_type 10 PipelineCommand.DefineFlow.SCDType @4.2,
      track_history_column_list 11 Expression* @4.3,
      track_history_except_column_list 12 Expression* @4.3,
      ignore_null_updates_column_list 14 Expression* @4.2,
      ignore_null_updates_except_column_list 15 Expression* @4.2 }
    message Response { flow_name 1 string? @4.1 }
    enum SCDType { SCD_TYPE_UNSPECIFIED 0 @4.2, SCD_TYPE_1 1 @4.2, SCD_TYPE_2 2 @4.3 }
  }
  message ExecuteOutputFlows { define_output 1 PipelineCommand.DefineOutput? @4.2,
    define_flows 2 PipelineCommand.DefineFlow* @4.2, full_refresh 3 bool? @4.2, storage 4 string? @4.2,
    extension 999 .google.protobuf.Any* @4.2 }
  message StartRun { dataflow_graph_id 1 string? @4.1, full_refresh_selection 2 string* @4.1,
    full_refresh_all 3 bool? @4.1, refresh_selection 4 string* @4.1, dry 5 bool? @4.1,
    storage 6 string? @4.1 }
  message DefineSqlGraphElements { dataflow_graph_id 1 string? @4.1, sql_file_path 2 string? @4.1,
    sql_text 3 string? @4.1 }
  message GetQueryFunctionExecutionSignalStream { dataflow_graph_id 1 string? @4.1,
    client_id 2 string? @4.1 }
  message DefineFlowQueryFunctionResult { flow_name 1 string? @4.1,
    flow_identifier 4 ResolvedIdentifier? @4.2, dataflow_graph_id 2 string? @4.1,
    relation 3 Relation? @4.1 }
}
message PipelineCommandResult {
  result_type(create_dataflow_graph_result 1 PipelineCommandResult.CreateDataflowGraphResult @4.1,
  define_output_result 2 PipelineCommandResult.DefineOutputResult @4.1,
  define_flow_result 3 PipelineCommandResult.DefineFlowResult @4.1)
  message CreateDataflowGraphResult { dataflow_graph_id 1 string? @4.1 }
  message DefineOutputResult { resolved_identifier 1 ResolvedIdentifier? @4.1 }
  message DefineFlowResult { resolved_identifier 1 ResolvedIdentifier? @4.1 }
}
message PipelineEventResult { event 1 PipelineEvent @4.1 }
message PipelineEvent { timestamp 1 .google.protobuf.Timestamp @4.1, message 2 string? @4.1 }
message SourceCodeLocation { file_name 1 string? @4.1, line_number 2 int32? @4.1,
  definition_path 3 string? @4.1, extension 999 .google.protobuf.Any* @4.1 }
message PipelineQueryFunctionExecutionSignal { flow_names 1 string* @4.1,
  flow_identifiers 2 ResolvedIdentifier* @4.2 }
message PipelineAnalysisContext { dataflow_graph_id 1 string? @4.1, definition_path 2 string? @4.1,
  flow_name 3 string? @4.1, flow_identifier 4 ResolvedIdentifier? @4.2,
  extension 999 .google.protobuf.Any* @4.1 }
enum OutputType { OUTPUT_TYPE_UNSPECIFIED 0 @4.1, MATERIALIZED_VIEW 1 @4.1, TABLE 2 @4.1,
  TEMPORARY_VIEW 3 @4.1, SINK 4 @4.1 }
`;
