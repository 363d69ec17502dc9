/** The rooms where governance is decided, broken in every way, one at a time (`npm run mutation`; ADR 12). */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../support/sources.js';

const HOURS_MAX = 6;
const TIMEOUT_MS = HOURS_MAX * 3_600_000;
const KILLED_MIN = 0.85;

describe('mutants of policy, rewrite and bind', () => {
  it(
    `are killed, ${KILLED_MIN * 100} of a hundred`,
    () => {
      const { stdout, status } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'mutation.mjs')], {
        cwd: ROOT,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
        timeout: TIMEOUT_MS,
      });
      const { score, judged, total, stale } = JSON.parse(stdout);
      expect({ judged, stale, status }).toEqual({ judged: total, stale: [], status: 0 });
      expect(score).toBeGreaterThanOrEqual(KILLED_MIN);
    },
    TIMEOUT_MS,
  );
});
