/** Every falsified export is found: bytes and lines by anybody, histories only against an anchor. */
import { describe, expect, it } from '@jest/globals';
import { runRewritings, runTampers } from './tamper-run.js';

const TAMPERS = 1_000;
const REWRITING_ROUNDS = 10;
const TIMEOUT_MS = 120_000;

describe('falsified exports', () => {
  it(
    `are found, ${TAMPERS} of them`,
    async () => {
      const { tried, missed } = await runTampers(TAMPERS, 1);
      expect(missed).toEqual([]);
      expect(tried.size).toBe(18);
      expect(Math.min(...tried.values())).toBeGreaterThan(5);
    },
    TIMEOUT_MS,
  );

  it(
    'that tell another history are found against a known checkpoint, and else called UNANCHORED',
    async () => {
      const { tried, missed } = await runRewritings(REWRITING_ROUNDS, 1);
      expect(missed).toEqual([]);
      expect(tried.size).toBe(3);
    },
    TIMEOUT_MS,
  );
});
