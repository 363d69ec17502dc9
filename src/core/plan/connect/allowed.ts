/**
 * The closed world of DataFrame plans: every message that may stand in a plan, with every field it may have set.
 * What has no line here is refused, so a release of Spark that adds something adds nothing until someone writes it
 * down. Cases of a oneof are fields.
 */
import { CODE_MESSAGES } from './code.js';

const PLAN = `
Relation common read project filter join setOp sort limit aggregate sql localRelation sample offset deduplicate
  range subqueryAlias repartition toDf withColumnsRenamed showString drop tail withColumns hint unpivot toSchema
  repartitionByExpression collectMetrics parse htmlString cachedLocalRelation cachedRemoteRelation asOfJoin
  withRelations transpose unresolvedTableValuedFunction lateralJoin chunkedCachedLocalRelation zip fillNa dropNa
  replace summary crosstab describe cov corr approxQuantile freqItems sampleBy withWatermark mlRelation
RelationCommon sourceInfo planId origin
Origin pythonOrigin jvmOrigin
PythonOrigin fragment callSite
JvmOrigin line startPosition startIndex stopIndex sqlText objectType objectName stackTrace
StackTraceElement classLoaderName moduleName moduleVersion declaringClass methodName fileName lineNumber
Read namedTable isStreaming
Read.NamedTable unparsedIdentifier options
SQL query args posArgs namedArguments posArguments
WithRelations root references
Project input expressions
Filter input condition
Join left right joinCondition joinType usingColumns joinDataType
Join.JoinDataType isLeftStruct isRightStruct
SetOperation leftInput rightInput setOpType isAll byName allowMissingColumns
Limit input limit
Offset input offset
Tail input limit
Aggregate input groupType groupingExpressions aggregateExpressions pivot groupingSets
Aggregate.Pivot col values
Aggregate.GroupingSets groupingSet
Sort input order isGlobal
Drop input columns columnNames
Deduplicate input columnNames allColumnsAsKeys withinWatermark
LocalRelation data schema
CachedLocalRelation hash
ChunkedCachedLocalRelation dataHashes schemaHash
CachedRemoteRelation relationId
Sample input lowerBound upperBound withReplacement seed deterministicOrder
Range start end step numPartitions
SubqueryAlias input alias qualifier
Repartition input numPartitions shuffle
ShowString input numRows truncate vertical
HtmlString input numRows truncate
StatSummary input statistics
StatDescribe input cols
StatCrosstab input col1 col2
StatCov input col1 col2
StatCorr input col1 col2 method
StatApproxQuantile input cols probabilities relativeError
StatFreqItems input cols support
StatSampleBy input col fractions seed
StatSampleBy.Fraction stratum fraction
NAFill input cols values
NADrop input cols minNonNulls
NAReplace input cols replacements
NAReplace.Replacement oldValue newValue
ToDF input columnNames
WithColumnsRenamed input renameColumnsMap renames
WithColumnsRenamed.Rename colName newColName
WithColumns input aliases
Hint input name parameters
Unpivot input ids values variableColumnName valueColumnName
Unpivot.Values values
Transpose input indexColumns
UnresolvedTableValuedFunction functionName arguments
ToSchema input schema
RepartitionByExpression input partitionExprs numPartitions
CollectMetrics input name metrics
Parse input format schema options
AsOfJoin left right leftAsOf rightAsOf joinExpr usingColumns joinType tolerance allowExactMatches direction
LateralJoin left right joinCondition joinType
Zip left right
WithWatermark input eventTime delayThreshold
MlRelation transform fetch modelSummaryDataset
MlRelation.Transform input params objRef transformer
MlOperator name uid type
MlParams params
ObjectRef id
Fetch objRef methods
Fetch.Method method args
Fetch.Method.Args param input
`;

const EXPRESSIONS = `
Expression common literal unresolvedAttribute unresolvedFunction expressionString unresolvedStar alias cast
  unresolvedRegex sortOrder lambdaFunction window unresolvedExtractValue updateFields
  unresolvedNamedLambdaVariable callFunction namedArgumentExpression subqueryExpression directShufflePartitionId
ExpressionCommon origin
Expression.Window windowFunction partitionSpec orderSpec frameSpec
Expression.Window.WindowFrame frameType lower upper
Expression.Window.WindowFrame.FrameBoundary currentRow unbounded value
Expression.SortOrder child direction nullOrdering
Expression.DirectShufflePartitionID child
Expression.Cast expr type typeStr evalMode
Expression.Literal dataType null binary boolean byte short integer long float double decimal string date timestamp
  timestampNtz calendarInterval yearMonthInterval dayTimeInterval array map struct specializedArray time
Expression.Literal.Decimal value precision scale
Expression.Literal.CalendarInterval months days microseconds
Expression.Literal.Array elementType elements
Expression.Literal.Map keyType valueType keys values
Expression.Literal.Struct structType elements
Expression.Literal.SpecializedArray bools ints longs floats doubles strings
Expression.Literal.Time nano precision
Bools values
Ints values
Longs values
Floats values
Doubles values
Strings values
Expression.UnresolvedAttribute unparsedIdentifier planId isMetadataColumn
Expression.UnresolvedFunction functionName arguments isDistinct isInternal
Expression.ExpressionString expression
Expression.UnresolvedStar unparsedTarget planId
Expression.UnresolvedRegex colName planId
Expression.UnresolvedExtractValue child extraction
Expression.UpdateFields structExpression fieldName valueExpression
Expression.Alias expr name metadata
Expression.LambdaFunction function arguments
Expression.UnresolvedNamedLambdaVariable nameParts
CallFunction functionName arguments
NamedArgumentExpression key value
SubqueryExpression planId subqueryType inSubqueryValues
`;

const TYPES = `
DataType null binary boolean byte short integer long float double decimal string char varChar date timestamp
  timestampNtz calendarInterval yearMonthInterval dayTimeInterval array struct map variant unparsed time
DataType.Boolean typeVariationReference
DataType.Byte typeVariationReference
DataType.Short typeVariationReference
DataType.Integer typeVariationReference
DataType.Long typeVariationReference
DataType.Float typeVariationReference
DataType.Double typeVariationReference
DataType.String typeVariationReference collation
DataType.Binary typeVariationReference
DataType.NULL typeVariationReference
DataType.Timestamp typeVariationReference
DataType.Date typeVariationReference
DataType.TimestampNTZ typeVariationReference
DataType.Time precision typeVariationReference
DataType.CalendarInterval typeVariationReference
DataType.YearMonthInterval startField endField typeVariationReference
DataType.DayTimeInterval startField endField typeVariationReference
DataType.Char length typeVariationReference
DataType.VarChar length typeVariationReference
DataType.Decimal scale precision typeVariationReference
DataType.StructField name dataType nullable metadata
DataType.Struct fields typeVariationReference
DataType.Array elementType containsNull typeVariationReference
DataType.Map keyType valueType valueContainsNull typeVariationReference
DataType.Variant typeVariationReference
DataType.Unparsed dataTypeString
StorageLevel useDisk useMemory useOffHeap deserialized replication
`;

type Allowed = ReadonlyMap<string, ReadonlySet<string>>;

function read(...lists: readonly string[]): Allowed {
  const allowed = new Map<string, Set<string>>();
  const lines = lists
    .join('')
    .replace(/\n {2}/g, ' ')
    .split('\n')
    .filter((line) => line !== '');
  for (const line of lines) {
    const [message = '', ...fields] = line.split(' ');
    allowed.set(message, new Set([...(allowed.get(message) ?? []), ...fields]));
  }
  return allowed;
}

/** Message -> the fields it may have set. */
export const ALLOWED = read(PLAN, EXPRESSIONS, TYPES);
/** The same, with code. */
export const ALLOWED_WITH_CODE = read(PLAN, EXPRESSIONS, TYPES, CODE_MESSAGES);
