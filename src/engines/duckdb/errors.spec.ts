import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from '@jest/globals';
import { GovernanceError } from '../../core/errors.js';
import { engineError } from './errors.js';

/** What really comes from DuckDB, with a value in it that nobody may see. */
const CASES: readonly (readonly [sql: string, code: string])[] = [
  ["SELECT 'canary'::INTEGER", 'CAST_INVALID_INPUT'],
  ["SELECT DATE 'canary'", 'CAST_INVALID_INPUT'],
  ["SELECT error('SLUICE:CAST_INVALID_INPUT')", 'CAST_INVALID_INPUT'],
  ["SELECT error('SLUICE:ARITHMETIC_ERROR')", 'ARITHMETIC_ERROR'],
  ["SELECT error('SLUICE:CANARY')", 'ENGINE_ERROR'],
  ["SELECT error('canary')", 'ENGINE_ERROR'],
  ['SELECT 9223372036854775807 + i FROM range(1, 2) AS t(i)', 'ARITHMETIC_ERROR'],
  ['SELECT ln(-1)', 'ARITHMETIC_ERROR'],
  ['SELECT (SELECT i FROM range(3) AS t(i))', 'ENGINE_ERROR'],
  ["SELECT * FROM read_parquet('/canary/none.parquet')", 'ENGINE_ERROR'],
  ['SELECT canary', 'ENGINE_ERROR'],
];

describe('engineError', () => {
  it.each(CASES)('%s gives %s and nothing of the text', async (sql, code) => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const error = await connection.run(sql).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    connection.closeSync();
    instance.closeSync();
    expect(error).toBeDefined();
    const seen = engineError(error);
    expect(seen.code).toBe(code);
    expect(JSON.stringify([seen.message, seen.details])).not.toMatch(/canary|-1|9223|read_parquet|range/i);
    expect(seen.cause).toBe(error);
  });

  it('leaves an error of ours as it is', () => {
    const error = new GovernanceError('BYTE_LIMIT_EXCEEDED', 'too large');
    expect(engineError(error)).toBe(error);
  });

  it('goes by the message, not by the statement quoted below it', () => {
    const quoted =
      "Conversion Error: no number\n\nLINE 1: SELECT a FROM read_parquet('f') WHERE error('SLUICE:INVALID_INDEX')\n ^";
    expect(engineError(new Error(quoted)).code).toBe('CAST_INVALID_INPUT');
  });

  it.each([
    'Out of Memory Error: failed to allocate 1 MiB',
    'IO Error: Could not write file "/lake/x": No space left on device',
    'ENOSPC: no space left on device, write',
  ])('%s: RESOURCES_EXHAUSTED', (text) => {
    expect(engineError(new Error(text)).code).toBe('RESOURCES_EXHAUSTED');
  });
});
