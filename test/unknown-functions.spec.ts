/** Functions outside the function table are refused by their name, with the nearest names that there are. */
import { describe, expect, it } from '@jest/globals';
import { GovernanceError } from '../src/core/errors.js';
import { bind } from './support/duckdb-plans.js';
import { unknownFunctions } from './support/sql-corpus.js';

function refusal(sql: string): GovernanceError {
  try {
    bind(sql);
  } catch (error) {
    if (error instanceof GovernanceError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('a function that is not in the table', () => {
  it.each(unknownFunctions().map((call) => [call.sql, call] as const))('is refused: %s', (sql, call) => {
    const { code, message, details } = refusal(sql);
    expect({ code, ...details.position }).toEqual({
      code: 'FUNCTION_NOT_ALLOWED',
      line: call.line,
      column: call.column,
    });
    expect(message).toContain(` ${call.name}`);
    expect(details.sqlState).toBe('42883');
    if (call.near === undefined) expect(details.remedy).toBeTruthy();
    else expect(details.remedy).toMatch(new RegExp(`^Did you mean .*\\b${call.near}\\b`));
  });
});
