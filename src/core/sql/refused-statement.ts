/** Kinds of statements that are not taken, each by its name. */
import { GovernanceError } from '../errors.js';
import type { Statement } from './ast.js';
import type { Cursor } from './cursor.js';

const ONE_AT_A_TIME = 'Send one statement at a time.';
const SETTINGS = 'Settings are not changed through SQL.';
const CODE = 'Code and files are not added through SQL.';
const REMEDIES: Readonly<Record<string, string>> = {
  EXECUTE: 'Send the statement itself, with parameters.',
  DECLARE: 'Use parameters.',
  SET: SETTINGS,
  RESET: SETTINGS,
  ADD: CODE,
  LIST: CODE,
  CALL: 'Procedures do not run here.',
  ...Object.fromEntries(
    'BEGIN CASE END FOR IF ITERATE LEAVE LOOP REPEAT SIGNAL WHILE'
      .split(' ')
      .map((word) => [word, ONE_AT_A_TIME]),
  ),
};

/** What else begins a statement in Spark, Delta or Iceberg; any other word is a mistake in the text. */
const OTHER_STATEMENTS: ReadonlySet<string> = new Set(
  (
    'ADD ALTER ANALYZE ATTACH BEGIN CACHE CALL CASE CLEAR COMMENT COMMIT CONVERT COPY CREATE DEALLOCATE DECLARE DELETE DETACH DFS DO ' +
    'DROP END EXECUTE EXPORT FETCH FOR GRANT IF IMPORT INSERT INSTALL ITERATE LEAVE LIST LOAD LOCK LOOP MAP MERGE MSCK OPEN ' +
    'OPTIMIZE PRAGMA PREPARE REDUCE REFRESH REPAIR REPEAT REPLACE RESET RESTORE REVOKE ROLLBACK SAVEPOINT SET SIGNAL START ' +
    'UNCACHE UNLOCK UNSET UPDATE VACUUM WHILE'
  ).split(' '),
);

export function refusedStatement(c: Cursor): GovernanceError {
  const token = c.token;
  if (token.kind !== 'word') return c.unexpected('a statement');
  if (c.symbolAt(1, ':')) return statementRefused('Scripting', token.at, ONE_AT_A_TIME);
  if (!OTHER_STATEMENTS.has(token.upper)) return c.unexpected('a statement');
  const second = c.ahead(1);
  const name = token.upper === 'EXECUTE' && second.kind === 'word' ? `EXECUTE ${second.upper}` : token.upper;
  return statementRefused(name, token.at, REMEDIES[token.upper]);
}

export const statementRefused = (name: string, at: Statement['at'], remedy?: string): GovernanceError =>
  new GovernanceError('STATEMENT_NOT_ALLOWED', `${name} statements are not allowed.`, {
    position: at,
    remedy:
      remedy ??
      'Sluice takes queries, EXPLAIN, DESCRIBE, SHOW, USE, CREATE TABLE, INSERT, UPDATE, DELETE, MERGE, TRUNCATE TABLE and DROP TABLE.',
    sqlState: '0A000',
  });
