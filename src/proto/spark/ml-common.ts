/** Written by scripts/generate-proto.mjs from Spark Connect 4.3. */
export const ML_COMMON = `
message MlParams { params 1 <string Expression.Literal> }
message MlOperator { name 1 string, uid 2 string, type 3 MlOperator.OperatorType
  enum OperatorType { OPERATOR_TYPE_UNSPECIFIED 0, OPERATOR_TYPE_ESTIMATOR 1,
    OPERATOR_TYPE_TRANSFORMER 2, OPERATOR_TYPE_EVALUATOR 3, OPERATOR_TYPE_MODEL 4 }
}
message ObjectRef { id 1 string }
`;
