/** Time travel: which version of a table a statement means. Only versions that were committed can be read. */

import { GovernanceError } from '../errors.js';
import type { AsOf } from '../sql/ast-relation.js';
import { type BoundTable, invalid } from './context.js';
import { timestampText } from './literals.js';

export function versionOf(asOf: AsOf, { versions }: BoundTable): number {
  if (versions === undefined) {
    throw new GovernanceError('FEATURE_NOT_ALLOWED', 'This table does not remember what it was.', {
      position: asOf.at,
      remedy: 'Time travel is for Delta tables: CREATE TABLE ... USING delta.',
      sqlState: '0A000',
    });
  }
  const found =
    asOf.kind === 'version'
      ? versions.find(({ logVersion }) => logVersion === asOf.version)
      : before(momentOf(asOf.text, asOf), versions);
  if (found !== undefined) return found.logVersion;
  const known = versions.map(({ logVersion }) => logVersion);
  throw invalid(
    asOf.kind === 'version' ? `The table has no version ${asOf.version}.` : 'The table was not there then.',
    asOf.at,
    `Its versions are ${known.at(0)} to ${known.at(-1)}.`,
  );
}

/** The last one that was there at that moment. */
const before = (moment: string, versions: NonNullable<BoundTable['versions']>) =>
  versions.filter(({ committedAt }) => sortable(committedAt) <= moment).at(-1);

function momentOf(text: string, { at }: AsOf): string {
  const moment = timestampText(text, true);
  if (moment === undefined) {
    throw invalid(
      `'${text}' is not a timestamp.`,
      at,
      "Write TIMESTAMP AS OF 'YYYY-MM-DD HH:MM:SS', in UTC.",
    );
  }
  return sortable(moment);
}

/** Digits alone: `20260131120000.000000`. */
function sortable(moment: string): string {
  const [whole = '', fraction = ''] = moment.replace('Z', '').split('.');
  return `${whole.replace(/\D/g, '')}.${fraction.padEnd(6, '0')}`;
}
