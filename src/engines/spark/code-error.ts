/**
 * What code raised, for whoever sent it. The text is the code's own, on a server that knows nothing but what it was handed:
 * it can say no more than the code could have returned.
 */
import { GovernanceError } from '../../core/errors.js';

const TEXT_CHARS_MAX = 3_000;
/** What stands before it is Spark's: stages, tasks, hosts. */
const RAISED = /(?:PythonException: |\[PYTHON_VERSION_MISMATCH\]|Traceback \(most recent call last\):)/;

export function codeError(error: unknown): unknown {
  if (!(error instanceof GovernanceError)) return error;
  const text = String((error.cause as Error | undefined)?.message ?? '');
  const at = text.search(RAISED);
  if (at < 0) return error;
  return new GovernanceError(
    'CODE_FAILED',
    `Your code raised an error.\n${text.slice(at, at + TEXT_CHARS_MAX).trimEnd()}`,
    { sqlState: '39000' },
    error.cause,
  );
}
