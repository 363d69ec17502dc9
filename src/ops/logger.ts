/** Observations as JSON lines (pino). */
import { type Logger, pino } from 'pino';
import { GovernanceError } from '../core/errors.js';
import { LEVELS, type Observation } from './observation.js';

const STACK_LINES_MAX = 12;
const CAUSES_MAX = 3;

export interface LogTarget {
  write(line: string): void;
}

export const createLogger = (level: string, target?: LogTarget): Logger =>
  pino(
    { level, base: null, messageKey: 'event', timestamp: pino.stdTimeFunctions.isoTime },
    target ?? pino.destination(2),
  );

export function logObservation(logger: Logger, observation: Observation): void {
  const { kind, ...fields } = observation;
  const shown = 'error' in fields ? { ...fields, error: describeError(fields.error) } : flat(fields);
  logger[LEVELS[kind]](shown, kind);
}

const flat = (fields: object): object => ('statement' in fields ? (fields.statement as object) : fields);

/**
 * What a log may hold of an error: names, codes and where it happened. Messages of the database and of
 * engines can carry the values of people's rows, so only our own messages are kept.
 */
export function describeError(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const { code } = error as { code?: unknown };
  const ours = error instanceof GovernanceError || error.constructor === Error || error instanceof TypeError;
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(ours && depth === 0 ? { message: error.message } : {}),
    stack: (error.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, STACK_LINES_MAX)
      .map((line) => line.trim()),
    ...(error.cause === undefined || depth >= CAUSES_MAX
      ? {}
      : { cause: describeError(error.cause, depth + 1) }),
  };
}
