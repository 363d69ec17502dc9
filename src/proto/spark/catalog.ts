/** Written by scripts/generate-proto.mjs from Spark Connect 4.3. */
export const CATALOG = `
message Catalog { cat_type(current_database 1 CurrentDatabase,
  set_current_database 2 SetCurrentDatabase, list_databases 3 ListDatabases, list_tables 4 ListTables,
  list_functions 5 ListFunctions, list_columns 6 ListColumns, get_database 7 GetDatabase,
  get_table 8 GetTable, get_function 9 GetFunction, database_exists 10 DatabaseExists,
  table_exists 11 TableExists, function_exists 12 FunctionExists,
  create_external_table 13 CreateExternalTable, create_table 14 CreateTable,
  drop_temp_view 15 DropTempView, drop_global_temp_view 16 DropGlobalTempView,
  recover_partitions 17 RecoverPartitions, is_cached 18 IsCached, cache_table 19 CacheTable,
  uncache_table 20 UncacheTable, clear_cache 21 ClearCache, refresh_table 22 RefreshTable,
  refresh_by_path 23 RefreshByPath, current_catalog 24 CurrentCatalog,
  set_current_catalog 25 SetCurrentCatalog, list_catalogs 26 ListCatalogs, drop_table 27 DropTable @4.2,
  drop_view 28 DropView @4.2, create_database 29 CreateDatabase @4.2,
  drop_database 30 DropDatabase @4.2, list_partitions 31 ListPartitions @4.2,
  list_views 32 ListViews @4.2, get_table_properties 33 GetTableProperties @4.2,
  get_create_table_string 34 GetCreateTableString @4.2, truncate_table 35 TruncateTable @4.2,
  analyze_table 36 AnalyzeTable @4.2) }
message CurrentDatabase { }
message SetCurrentDatabase { db_name 1 string }
message ListDatabases { pattern 1 string? }
message ListTables { db_name 1 string?, pattern 2 string? }
message ListFunctions { db_name 1 string?, pattern 2 string? }
message ListColumns { table_name 1 string, db_name 2 string? }
message GetDatabase { db_name 1 string }
message GetTable { table_name 1 string, db_name 2 string? }
message GetFunction { function_name 1 string, db_name 2 string? }
message DatabaseExists { db_name 1 string }
message TableExists { table_name 1 string, db_name 2 string? }
message FunctionExists { function_name 1 string, db_name 2 string? }
message CreateExternalTable { table_name 1 string, path 2 string?, source 3 string?, schema 4 DataType?,
  options 5 <string string> }
message CreateTable { table_name 1 string, path 2 string?, source 3 string?, description 4 string?,
  schema 5 DataType?, options 6 <string string> }
message DropTempView { view_name 1 string }
message DropGlobalTempView { view_name 1 string }
message RecoverPartitions { table_name 1 string }
message IsCached { table_name 1 string }
message CacheTable { table_name 1 string, storage_level 2 StorageLevel? }
message UncacheTable { table_name 1 string }
message ClearCache { }
message RefreshTable { table_name 1 string }
message RefreshByPath { path 1 string }
message CurrentCatalog { }
message SetCurrentCatalog { catalog_name 1 string }
message ListCatalogs { pattern 1 string? }
message DropTable { table_name 1 string @4.2, if_exists 2 bool @4.2, purge 3 bool @4.2 }
message DropView { view_name 1 string @4.2, if_exists 2 bool @4.2 }
message CreateDatabase { db_name 1 string @4.2, if_not_exists 2 bool @4.2,
  properties 3 <string string> @4.2 }
message DropDatabase { db_name 1 string @4.2, if_exists 2 bool @4.2, cascade 3 bool @4.2 }
message ListPartitions { table_name 1 string @4.2 }
message ListViews { db_name 1 string? @4.2, pattern 2 string? @4.2 }
message GetTableProperties { table_name 1 string @4.2 }
message GetCreateTableString { table_name 1 string @4.2, as_serde 2 bool @4.2 }
message TruncateTable { table_name 1 string @4.2 }
message AnalyzeTable { table_name 1 string @4.2, no_scan 2 bool @4.2 }
`;
