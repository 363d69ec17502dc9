import { expect, it } from '@jest/globals';
import { runRewritings, runTampers } from './tamper-run.js';

const TAMPERS = 10_000;
const REWRITING_ROUNDS = 300;
const TIMEOUT_MS = 1_800_000;

it(
  `finds ${TAMPERS} falsified exports`,
  async () => {
    expect((await runTampers(TAMPERS, Date.now() % 1_000_000)).missed).toEqual([]);
    expect((await runRewritings(REWRITING_ROUNDS, Date.now() % 1_000_000)).missed).toEqual([]);
  },
  TIMEOUT_MS,
);
