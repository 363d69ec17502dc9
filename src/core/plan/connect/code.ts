/**
 * Code of the caller's, wherever the protocol can carry it. What runs on the executors reads what they can read, so it runs
 * on a server that has nothing to read, and only where it stands in a plan that can be cut (`split-code.ts`).
 */
import { createHash } from 'node:crypto';
import { GovernanceError } from '../../errors.js';
import { kindOf, type MessageSchema, type PlanMessage } from './message.js';
import { callsOf } from './session-functions.js';

/** Fields of messages, and commands. */
const CARRIERS = new Set(
  `Expression.commonInlineUserDefinedFunction Expression.typedAggregateExpression Relation.mapPartitions
   Relation.groupMap Relation.coGroupMap Relation.applyInPandasWithState
   Relation.commonInlineUserDefinedTableFunction Relation.commonInlineUserDefinedDataSource
   CommonInlineUserDefinedFunction.scalarScalaUdf CommonInlineUserDefinedFunction.javaUdf PythonUDF.additionalIncludes
   Command.registerTableFunction Command.registerDataSource`.split(/\s+/),
);

export const carriesCode = (field: string): boolean => CARRIERS.has(field);

/** Messages that code may come in where it may run, and their fields: no state, no files beside it, no JVM. */
export const CODE_MESSAGES = `
Relation mapPartitions groupMap coGroupMap commonInlineUserDefinedTableFunction
Expression commonInlineUserDefinedFunction
CommonInlineUserDefinedFunction functionName deterministic arguments pythonUdf isDistinct
PythonUDF outputType evalType command pythonVer
CommonInlineUserDefinedTableFunction functionName deterministic arguments pythonUdtf
PythonUDTF returnType evalType command pythonVer
SubqueryExpression tableArgOptions
SubqueryExpression.TableArgOptions partitionSpec orderSpec withSinglePartition
MapPartitions input func isBarrier
GroupMap input groupingExpressions sortingExpressions func
CoGroupMap input inputGroupingExpressions other otherGroupingExpressions func inputSortingExpressions
  otherSortingExpressions
`;

/** How PySpark calls a function, by the number it sends. */
const KINDS: Readonly<Record<number, string>> = {
  100: 'udf',
  101: 'udf',
  200: 'pandas_udf',
  201: 'applyInPandas',
  202: 'pandas_udf',
  203: 'pandas_udf',
  204: 'pandas_udf',
  205: 'mapInPandas',
  206: 'cogroup.applyInPandas',
  207: 'mapInArrow',
  209: 'applyInArrow',
  210: 'cogroup.applyInArrow',
  215: 'applyInArrow',
  216: 'applyInPandas',
  217: 'pandas_udf',
  250: 'arrow_udf',
  251: 'arrow_udf',
  252: 'arrow_udf',
  253: 'arrow_udf',
  254: 'arrow_udf',
};

/** The same, of functions that give tables. */
const TABLE_KINDS: Readonly<Record<number, string>> = { 300: 'udtf', 301: 'udtf', 302: 'arrow_udtf' };

export interface CodeFunction {
  readonly kind: string;
  /** Of its pickled bytes. */
  readonly sha256: string;
}

/** What code is in a plan, in the order that it stands there, each once. Throws for a kind that does not run. */
export function codeIn(plan: PlanMessage, schema: MessageSchema): readonly CodeFunction[] {
  const found = new Map<string, CodeFunction>();
  const visit = (message: PlanMessage): void => {
    const own = /^PythonUDT?F$/.test(kindOf(message)) ? [codeFunction(message)] : [];
    for (const each of [...own, ...callsOf(message).map(({ code }) => code)])
      found.set(`${each.kind} ${each.sha256}`, each);
    for (const child of schema.children(message)) visit(child);
  };
  visit(plan);
  return [...found.values()];
}

/** What a `PythonUDF` or `PythonUDTF` is. Throws for a kind that does not run. */
export function codeFunction(message: PlanMessage): CodeFunction {
  const { evalType, command } = message;
  const kind = (kindOf(message) === 'PythonUDTF' ? TABLE_KINDS : KINDS)[Number(evalType)];
  if (kind === undefined) throw codeRefused('A function of this kind', 'elsewhere');
  return {
    kind,
    sha256: createHash('sha256')
      .update(command as Uint8Array)
      .digest('hex'),
  };
}

const CARRYING = new Set(
  `MapPartitions GroupMap CoGroupMap CommonInlineUserDefinedFunction
   CommonInlineUserDefinedTableFunction`.split(/\s+/),
);

/** Is this message code, its carrier, or a text that calls it? */
export const isCode = (message: PlanMessage): boolean =>
  CARRYING.has(kindOf(message)) || callsOf(message).length > 0;

/** `no-engine`: it could run here, were there a server for it. `elsewhere`: not in this place, or not this kind. */
export type CodePlace = 'runs' | 'no-engine' | 'elsewhere';

const REMEDIES: Readonly<Record<Exclude<CodePlace, 'runs'>, string>> = {
  'no-engine':
    'No isolated engine is registered: an operator can set SLUICE_SPARK_CODE_URL (docs/how-to/code.md). Or use functions of Spark.',
  elsewhere:
    'docs/how-to/code.md says which code runs, and where. Use functions of Spark, or collect what you may see and go on in your own program.',
};

export const codeRefused = (
  what: string,
  place: Exclude<CodePlace, 'runs'> = 'elsewhere',
  remedy = REMEDIES[place],
): GovernanceError =>
  new GovernanceError('CODE_NOT_ALLOWED', `${what} would run code of yours beside the data.`, {
    remedy,
    sqlState: '42501',
  });
