/** Bounds on a statement text. Parsing is linear, so these bound its time as well. */
import { GovernanceError, type Position } from '../errors.js';

export const statementLengthMaxChars = 262_144;
export const statementTokensMax = 60_000;
export const statementDepthMaxLevels = 200;

export const tooDeep = (position: Position): GovernanceError =>
  new GovernanceError(
    'STATEMENT_TOO_DEEP',
    `The statement nests deeper than ${statementDepthMaxLevels} levels.`,
    {
      position,
      remedy: 'Split it into CTEs or several statements.',
      sqlState: '54001',
    },
  );
