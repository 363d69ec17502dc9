/**
 * `spark.udf.register`: a function of the caller's, for this session only, under a name that nothing else has. It is kept
 * here as it came, and told to the server for code when something calls it.
 */
import { GovernanceError } from '../../core/errors.js';
import { codeFunction } from '../../core/plan/connect/code.js';
import {
  FUNCTION_NAMES,
  INTERNAL_FUNCTION_NAMES,
  OTHER_FUNCTION_NAMES,
  SESSION_FUNCTION_NAMES,
  TABLE_FUNCTION_NAMES,
} from '../../core/plan/connect/functions.js';
import { caseOf, type PlanMessage, textOf } from '../../core/plan/connect/message.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import type { SessionFunctions } from '../../core/plan/connect/session-functions.js';
import { type KnownFunctions, withSessionFunctions } from '../../core/sql/functions/session-table.js';
import { functionTable } from '../../core/sql/functions/table.js';
import type { ClientSession } from './connect-session.js';
import { dataType } from './spark-type.js';

const FUNCTIONS_MAX = 200;
const FUNCTION_BYTES_MAX = 16 * 2 ** 20;
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** Functions over groups, by the number that PySpark sends. */
const AGGREGATES = new Set([202, 217, 252, 254]);
/** Spark's, in the places of names. */
const BUILT_IN = [
  FUNCTION_NAMES,
  INTERNAL_FUNCTION_NAMES,
  TABLE_FUNCTION_NAMES,
  SESSION_FUNCTION_NAMES,
  OTHER_FUNCTION_NAMES,
];

/** `definition`: a `CommonInlineUserDefinedFunction` in its normal form. */
export function addFunction(session: ClientSession, definition: PlanMessage): void {
  const name = textOf(definition, 'functionName');
  const key = name.toLowerCase();
  if (!NAME.test(name)) throw notAllowed('A function of such a name', 'Use letters, digits and underscores.');
  if (functionTable.lookup(key) !== undefined || BUILT_IN.some((names) => names.has(key))) {
    throw new GovernanceError('CONFLICT', `${name} is a function of Spark.`, {
      remedy: 'Give yours another name.',
      sqlState: '42723',
    });
  }
  const { case: kind, value } = caseOf(definition, 'function');
  if (kind !== 'pythonUdf' || (definition.arguments as readonly unknown[]).length > 0)
    throw notAllowed('A function that is not one of Python');
  const code = codeFunction(value);
  const bytes = (value.command as Uint8Array).length;
  if (
    bytes > FUNCTION_BYTES_MAX ||
    (session.functions.size >= FUNCTIONS_MAX && !session.functions.has(key))
  ) {
    throw new GovernanceError(
      'RESOURCES_EXHAUSTED',
      `A session has at most ${FUNCTIONS_MAX} functions, each of at most ${FUNCTION_BYTES_MAX} bytes.`,
      { remedy: 'Begin a new session, or leave large values out of the function.', sqlState: '53000' },
    );
  }
  typeOf(definition);
  session.functions.set(key, { name, code, definition });
}

/** What SQL of the session may call. */
export const knownFunctions = (functions: SessionFunctions): KnownFunctions =>
  withSessionFunctions(
    [...functions.values()].map(({ name, definition }) => {
      const evalType = Number(caseOf(definition, 'function').value.evalType);
      return { name, type: typeOf(definition), kind: AGGREGATES.has(evalType) ? 'aggregate' : 'scalar' };
    }),
  );

const typeOf = (definition: PlanMessage) =>
  dataType(caseOf(definition, 'function').value.outputType as PlanMessage);
