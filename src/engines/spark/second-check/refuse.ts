import { GovernanceError } from '../../../core/errors.js';

/** What was wrong stays in the log; the caller learns that nothing was run. */
export const refuse = (what: string): GovernanceError =>
  new GovernanceError(
    'SECOND_CHECK',
    'The second judge refused the final plan. Nothing was run.',
    {},
    new Error(what),
  );
