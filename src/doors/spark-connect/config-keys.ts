/**
 * Settings of a session that can be read or set, and nothing else: what clients need to know to work, how results are
 * shown and converted, the time zone, how shuffles are cut, and what the caller tells us. A default is what the server's
 * sessions have.
 */
import { canInflate } from './read-plan.js';

export interface ConfigKey {
  /** Absent: it has no value until it is set. */
  readonly default?: string;
  /** `server`: the server's session gets it too. `client`: kept for the client. `fixed`: can be read only. */
  readonly set: 'server' | 'client' | 'fixed';
  readonly value?: RegExp;
}

const BOOLEAN = /^(?:true|false)$/i;
const NUMBER = /^\d{1,12}$/;
const ZONE = /^(?:[A-Za-z_]{1,30}(?:\/[A-Za-z_+\-0-9]{1,30}){0,2}|(?:UTC|GMT)?[+-]\d{1,2}(?::\d{2}){0,2}|Z)$/;
const TEXT = /^[^\p{Cc}]{0,2000}$/u;

const fixed = (value: string): ConfigKey => ({ default: value, set: 'fixed' });
const flag = (value: string, set: ConfigKey['set'] = 'server'): ConfigKey => ({
  default: value,
  set,
  value: BOOLEAN,
});
const number = (value: string, set: ConfigKey['set'] = 'server'): ConfigKey => ({
  default: value,
  set,
  value: NUMBER,
});

const KEYS: Readonly<Record<string, ConfigKey>> = {
  'spark.sql.session.timeZone': { default: 'UTC', set: 'server', value: ZONE },
  'spark.sql.shuffle.partitions': number('200'),
  'spark.sql.timestampType': fixed('TIMESTAMP_LTZ'),
  'spark.sql.ansi.enabled': fixed('true'),
  'spark.sql.caseSensitive': fixed('false'),
  'spark.sql.autoBroadcastJoinThreshold': {
    default: '10485760b',
    set: 'server',
    value: /^-?\d{1,12}[bkmg]?b?$/i,
  },
  'spark.sql.adaptive.enabled': flag('true'),
  'spark.sql.execution.arrow.pyspark.enabled': flag('false', 'client'),
  'spark.sql.execution.arrow.pyspark.fallback.enabled': flag('true', 'client'),
  'spark.sql.execution.arrow.pyspark.selfDestruct.enabled': flag('false', 'client'),
  'spark.sql.execution.arrow.pyspark.validateSchema.enabled': flag('false', 'client'),
  'spark.sql.execution.arrow.enabled': flag('false', 'client'),
  'spark.sql.execution.arrow.maxRecordsPerBatch': number('10000'),
  'spark.sql.execution.arrow.useLargeVarTypes': flag('false'),
  'spark.sql.execution.pandas.convertToArrowArraySafely': flag('false', 'client'),
  'spark.sql.execution.pandas.inferPandasDictAsMap': flag('false', 'client'),
  'spark.sql.execution.pandas.structHandlingMode': {
    default: 'legacy',
    set: 'client',
    value: /^(?:legacy|row|dict)$/,
  },
  'spark.sql.execution.pyspark.binaryAsBytes': flag('true', 'client'),
  'spark.sql.execution.pythonUDF.arrow.enabled': fixed('false'),
  'spark.sql.execution.pythonUDTF.arrow.enabled': fixed('false'),
  'spark.sql.pyspark.inferNestedDictAsStruct.enabled': flag('false', 'client'),
  'spark.sql.pyspark.legacy.inferArrayTypeFromFirstElement.enabled': flag('false', 'client'),
  'spark.sql.pyspark.legacy.inferMapTypeFromFirstPair.enabled': flag('false', 'client'),
  'spark.sql.pyspark.plotting.max_rows': number('1000', 'client'),
  'spark.sql.pyspark.jvmStacktrace.enabled': fixed('false'),
  'spark.sql.connect.serverStacktrace.enabled': fixed('false'),
  'spark.sql.stackTracesInDataFrameContext': fixed('1'),
  'spark.python.sql.dataFrameDebugging.enabled': fixed('false'),
  'spark.sql.repl.eagerEval.enabled': flag('false', 'client'),
  'spark.sql.repl.eagerEval.maxNumRows': number('20', 'client'),
  'spark.sql.repl.eagerEval.truncate': number('20', 'client'),
  'spark.sql.session.localRelationCacheThreshold': fixed('1048576'),
  'spark.sql.session.localRelationSizeLimit': fixed('536870912'),
  'spark.sql.session.localRelationChunkSizeRows': fixed('10000'),
  'spark.sql.session.localRelationChunkSizeBytes': fixed('16777216'),
  'spark.sql.session.localRelationBatchOfChunksSizeBytes': fixed('16777216'),
  'spark.connect.session.planCompression.threshold': fixed(canInflate ? '10485760' : '-1'),
  'spark.connect.session.planCompression.defaultAlgorithm': fixed(canInflate ? 'ZSTD' : 'NONE'),
  'spark.app.name': { default: 'Sluice', set: 'client', value: TEXT },
  'sluice.purpose': { set: 'client', value: /^[A-Za-z0-9_.:-]{1,100}$/ },
  'sluice.justification': { set: 'client', value: TEXT },
};

/** The pandas API on Spark keeps its options here. */
const PANDAS_OPTION = /^pandas_on_Spark\.[A-Za-z_.]{1,80}$/;
const PANDAS: ConfigKey = { set: 'client', value: TEXT };

export function configKey(key: string): ConfigKey | undefined {
  if (PANDAS_OPTION.test(key)) return PANDAS;
  return Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
}

export const configKeys = (): readonly string[] => Object.keys(KEYS);
