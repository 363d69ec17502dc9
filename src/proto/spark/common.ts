/** Written by scripts/generate-proto.mjs from Spark Connect 4.3. */
export const COMMON = `
message StorageLevel { use_disk 1 bool, use_memory 2 bool, use_off_heap 3 bool, deserialized 4 bool,
  replication 5 int32 }
message ResourceInformation { name 1 string, addresses 2 string* }
message ExecutorResourceRequest { resource_name 1 string, amount 2 int64, discovery_script 3 string?,
  vendor 4 string? }
message TaskResourceRequest { resource_name 1 string, amount 2 double }
message ResourceProfile { executor_resources 1 <string ExecutorResourceRequest>,
  task_resources 2 <string TaskResourceRequest> }
message Origin { function(python_origin 1 PythonOrigin, jvm_origin 2 JvmOrigin) }
message PythonOrigin { fragment 1 string, call_site 2 string }
message JvmOrigin { line 1 int32?, start_position 2 int32?, start_index 3 int32?, stop_index 4 int32?,
  sql_text 5 string?, object_type 6 string?, object_name 7 string?, stack_trace 8 StackTraceElement* }
message StackTraceElement { class_loader_name 1 string?, module_name 2 string?,
  module_version 3 string?, declaring_class 4 string, method_name 5 string, file_name 6 string?,
  line_number 7 int32 }
message ResolvedIdentifier { catalog_name 1 string @4.1, namespace 2 string* @4.1,
  table_name 3 string @4.1 }
message Bools { values 1 bool* }
message Ints { values 1 int32* }
message Longs { values 1 int64* }
message Floats { values 1 float* }
message Doubles { values 1 double* }
message Strings { values 1 string* }
`;
