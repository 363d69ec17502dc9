/** Why a stream has ended, in our words. */
import { type ErrorCode, GovernanceError } from '../../../core/errors.js';

const CLASS = /\[([A-Z][A-Z_]{3,60})(?:\.[A-Z_]{3,60})?\]/g;
/** Classes that wrap what went wrong. */
const OUTER = new Set(['STREAM_FAILED', 'FAILED_EXECUTE_UDF', 'STAGE_MATERIALIZATION_MULTIPLE_FAILURES']);
const CODES: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^(?:CAST_INVALID_INPUT|CANNOT_PARSE_|CONVERSION_INVALID_INPUT|INVALID_DATETIME)/, 'CAST_INVALID_INPUT'],
  [
    /^(?:DIVIDE_BY_ZERO|REMAINDER_BY_ZERO|ARITHMETIC_OVERFLOW|BINARY_ARITHMETIC_OVERFLOW|NUMERIC_)/,
    'ARITHMETIC_ERROR',
  ],
  [/^(?:INVALID_ARRAY_INDEX|INVALID_INDEX)/, 'INVALID_INDEX'],
  [/^(?:UNABLE_TO_ACQUIRE_MEMORY|EXECUTOR_LOST)/, 'RESOURCES_EXHAUSTED'],
];

/** Of what the server said, the class of the error alone: its text holds values, paths and plans. */
export function streamFailure(text: string): GovernanceError {
  const classes = [...text.matchAll(CLASS)].map(([, name = '']) => name);
  const inner = classes.find((name) => !OUTER.has(name)) ?? '';
  const code = CODES.find(([form]) => form.test(inner))?.[1] ?? 'ENGINE_ERROR';
  const known = inner !== '' && inner.length <= 60 ? ` (${inner})` : '';
  return new GovernanceError(
    code,
    `The stream failed on the server${known}.`,
    {
      remedy: 'Start it again; it goes on from its last checkpoint.',
      sqlState: 'XXKST',
    },
    new Error(text),
  );
}

export const streamStopped = (why: string, remedy = 'Start it again.'): GovernanceError =>
  new GovernanceError('STREAM_STOPPED', why, { remedy, sqlState: '42501' });

export const noSuchStream = (): GovernanceError =>
  new GovernanceError('NOT_FOUND', 'There is no such streaming query.', { sqlState: '42K04' });
