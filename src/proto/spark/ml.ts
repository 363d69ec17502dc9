/** Written by scripts/generate-proto.mjs from Spark Connect 4.3. */
export const ML = `
message MlCommand { command(fit 1 MlCommand.Fit, fetch 2 Fetch, delete 3 MlCommand.Delete,
  write 4 MlCommand.Write, read 5 MlCommand.Read, evaluate 6 MlCommand.Evaluate,
  clean_cache 7 MlCommand.CleanCache @4.1, get_cache_info 8 MlCommand.GetCacheInfo @4.1,
  create_summary 9 MlCommand.CreateSummary @4.1, get_model_size 10 MlCommand.GetModelSize @4.1)
  message Fit { estimator 1 MlOperator, params 2 MlParams?, dataset 3 Relation }
  message Delete { obj_refs 1 ObjectRef*, evict_only 2 bool? @4.1 }
  message CleanCache { }
  message GetCacheInfo { }
  message Write { params 3 MlParams?, path 4 string, should_overwrite 5 bool?,
    options 6 <string string>, type(operator 1 MlOperator, obj_ref 2 ObjectRef) }
  message Read { operator 1 MlOperator, path 2 string }
  message Evaluate { evaluator 1 MlOperator, params 2 MlParams?, dataset 3 Relation }
  message CreateSummary { model_ref 1 ObjectRef @4.1, dataset 2 Relation @4.1 }
  message GetModelSize { model_ref 1 ObjectRef @4.1 }
}
message MlCommandResult { result_type(param 1 Expression.Literal, summary 2 string,
  operator_info 3 MlCommandResult.MlOperatorInfo)
  message MlOperatorInfo { uid 3 string?, params 4 MlParams?, warning_message 5 string? @4.1,
    type(obj_ref 1 ObjectRef, name 2 string) }
}
`;
