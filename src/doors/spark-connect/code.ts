/** Code of the caller's: refused where it cannot run apart from the lake. */
import { GovernanceError } from '../../core/errors.js';

export const codeRefused = (what: string): GovernanceError =>
  new GovernanceError('CODE_NOT_ALLOWED', `${what} would run code of yours.`, {
    remedy: 'Use functions of Spark instead; docs/how-to/code.md says when code may run.',
    sqlState: '42501',
  });
