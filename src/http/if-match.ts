/** If-Match as a version: ETags here are version numbers in quotes. */
import { GovernanceError } from '../core/errors.js';

/** Undefined: not given, or `*`. */
export function ifMatchVersion(header: string | undefined): number | undefined {
  if (header === undefined || header === '*') return undefined;
  const match = /^(?:W\/)?"(\d{1,9})"$/.exec(header);
  if (match === null) {
    throw new GovernanceError('PRECONDITION_FAILED', 'If-Match does not hold an ETag of this resource.', {
      remedy: 'Send the ETag that reading the resource gave.',
    });
  }
  return Number(match[1]);
}
