/**
 * What Spark's analyser finds wrong with a DataFrame plan is the caller's to know: they wrote the columns above our
 * leaves. The class of the error decides what is said; of its parameters only those that are names or types are shown, and
 * none that holds a name of ours.
 */
import { type ErrorCode, GovernanceError } from '../../core/errors.js';
import { readErrorInfo, STATUS_TRAILER } from '../../proto/rpc-status.js';

const PARAMETER_CHARS_MAX = 200;
/** What Sluice calls things on the server. */
const OURS = /\b(?:c\d+|s\d+|raw\d+|p\d+|sluice_\w+|t[0-9a-f]{32}|global_temp)\b|spark_catalog|file:|\//i;

interface Telling {
  readonly code: ErrorCode;
  readonly sqlState: string;
  readonly say: (parameters: Parameters) => string;
}
type Parameters = (name: string) => string;

const column: Telling = {
  code: 'UNRESOLVED_COLUMN',
  sqlState: '42703',
  say: (p) =>
    sentence('There is no such column here', p('objectName') || p('fieldName'), 'There is', p('proposal')),
};
const types: Telling = {
  code: 'TYPE_MISMATCH',
  sqlState: '42K09',
  say: (p) =>
    sentence('The types do not fit', p('functionName') || p('inputType'), 'Wanted is', p('requiredType')),
};
const grouping: Telling = {
  code: 'INVALID_GROUPING',
  sqlState: '42803',
  say: () => 'A column is neither grouped nor aggregated, or an aggregate or window stands where none may.',
};
const invalid = (what: string): Telling => ({
  code: 'INVALID_STATEMENT',
  sqlState: '42000',
  say: () => what,
});

/** By the beginning of the error class; the first that fits wins. */
const TELLINGS: readonly (readonly [RegExp, Telling])[] = [
  [/^(?:UNRESOLVED_COLUMN|UNRESOLVED_FIELD|FIELD_NOT_FOUND|COLUMN_NOT_FOUND|CANNOT_RESOLVE_)/, column],
  [/^(?:UNRESOLVED_MAP_KEY|UNRESOLVED_USING_COLUMN|COLUMN_NOT_DEFINED)/, column],
  [
    /^(?:AMBIGUOUS_|CANNOT_RESOLVE_DATAFRAME_COLUMN)/,
    {
      code: 'AMBIGUOUS_COLUMN',
      sqlState: '42704',
      say: (p) => sentence('The name fits more than one column', p('name') || p('colName'), '', ''),
    },
  ],
  [/^(?:DATATYPE_MISMATCH|INCOMPATIBLE_|UNEXPECTED_INPUT_TYPE|CANNOT_UP_CAST|UNSUPPORTED_DATATYPE)/, types],
  [
    /^(?:MISSING_AGGREGATION|MISSING_GROUP_BY|GROUP_BY_|UNSUPPORTED_EXPR_FOR_|NESTED_AGGREGATE|MISSING_ATTRIBUTES)/,
    grouping,
  ],
  [
    /^(?:UNRESOLVED_ROUTINE)/,
    {
      code: 'FUNCTION_NOT_ALLOWED',
      sqlState: '42883',
      say: () => 'There is no such function on the server.',
    },
  ],
  [/^WRONG_NUM_ARGS/, invalid('A function got a wrong number of arguments.')],
  [/^NUM_COLUMNS_MISMATCH/, invalid('The sides of a set operation have different numbers of columns.')],
  [/^(?:UNSUPPORTED_SUBQUERY|SCALAR_SUBQUERY_IS|INVALID_SUBQUERY)/, invalid('A subquery cannot stand here.')],
  [
    /^(?:INVALID_WINDOW|WINDOW_|INVALID_PARAMETER|NON_FOLDABLE|NON_LITERAL|INVALID_)/,
    invalid('An argument is not one that can be taken here.'),
  ],
  [/^(?:COLUMN_ALREADY_EXISTS|DUPLICATE)/, invalid('A column name stands twice.')],
  [
    /^(?:UNSUPPORTED_|NOT_SUPPORTED|OPERATION_REQUIRES|PIVOT_|UNPIVOT_|TRANSPOSE_|LATERAL_)/,
    invalid('Spark does not do this with this plan.'),
  ],
];

/** The error with what may be said of it; undefined when it is none of the analyser's. */
export function analysisError(error: GovernanceError): GovernanceError | undefined {
  if (error.code !== 'ENGINE_ERROR' && error.code !== 'CAST_INVALID_INPUT') return undefined;
  const { metadata } = (error.cause ?? {}) as {
    readonly metadata?: { get(key: string): readonly unknown[] };
  };
  const trailer = metadata?.get?.(STATUS_TRAILER)[0];
  if (!(trailer instanceof Uint8Array)) return undefined;
  const info = readErrorInfo(trailer);
  const errorClass = info?.metadata.errorClass ?? '';
  const classes = info?.metadata.classes ?? '';
  if (!classes.includes('AnalysisException')) return undefined;
  const told =
    TELLINGS.find(([form]) => form.test(errorClass))?.[1] ?? invalid('Spark cannot make sense of this plan.');
  const parameters = parametersOf(info?.metadata.messageParameters);
  return new GovernanceError(told.code, told.say(parameters), { sqlState: told.sqlState }, error.cause);
}

function parametersOf(json: string | undefined): Parameters {
  let all: Readonly<Record<string, unknown>> = {};
  try {
    all = JSON.parse(json ?? '{}') as Readonly<Record<string, unknown>>;
  } catch {
    // Cut short by the server: nothing of it is shown.
  }
  return (name) => {
    const value = Object.hasOwn(all, name) ? String(all[name]) : '';
    return OURS.test(value) ? '' : value.slice(0, PARAMETER_CHARS_MAX);
  };
}

const sentence = (what: string, name: string, more: string, list: string): string =>
  `${what}${name === '' ? '' : `: ${name}`}.${list === '' ? '' : ` ${more} ${list}.`}`;
