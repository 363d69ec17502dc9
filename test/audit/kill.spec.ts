/** kill -9 at every fail point: nothing answered is unaudited, nothing acknowledged is lost, the log stays whole. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { Checkpointer } from '../../src/store/audit-checkpointer.js';
import { exportLog } from '../../src/store/audit-export.js';
import { openKeyring } from '../../src/store/audit-keyring.js';
import { type Compiled, compileSources } from '../support/compiled.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';
import { FAIL_POINTS, killOnce } from './kill-run.js';
import { codesOf, verifyBytes } from './verify-lines.js';

/** A few here, 300 in the long run. */
const RUNS = process.env.SLUICE_LONG === undefined ? FAIL_POINTS.length : 300;
const RUN_MS_MAX = 20_000;
const START_TIMEOUT_MS = 120_000;
let postgres: TestPostgres;
let owner: pg.Pool;
let compiled: Compiled;
let keys: string;

beforeAll(async () => {
  postgres = await startTestPostgres();
  owner = new pg.Pool({ connectionString: postgres.ownerUrl, max: 2 });
  // A connection that the server ends while nobody uses it is no news.
  owner.on('error', () => undefined);
  compiled = await compileSources();
  keys = mkdtempSync(join(tmpdir(), 'sluice-kill-'));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await owner.end();
  await postgres.stop();
  compiled.remove();
  rmSync(keys, { recursive: true, force: true });
}, START_TIMEOUT_MS);

it(
  `keeps its promises over ${RUNS} kills`,
  async () => {
    let answered = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const plan = {
        url: postgres.appUrl,
        keys,
        point: FAIL_POINTS[run % FAIL_POINTS.length]!,
        at: 1 + Math.floor(Math.random() * 60),
        delayMs: Math.floor(Math.random() * 4),
      };
      const result = await killOnce(compiled.dir, plan, owner);
      expect({ plan, ...result }).toMatchObject({ killed: true, broken: [] });
      answered += result.answered;
    }
    expect(answered).toBeGreaterThan(RUNS * 5);

    const checkpointer = new Checkpointer({ url: postgres.appUrl, clock: () => new Date() });
    const opened = openKeyring(keys, await checkpointer.origin(), new Date());
    await checkpointer.signWith(opened);
    await checkpointer.catchUp();
    await checkpointer.close();
    let text = '';
    const options = { url: postgres.appUrl, signer: opened.signer, personal: true, at: new Date() };
    for await (const piece of exportLog(options)) text += piece;
    const verified = verifyBytes(Buffer.from(text));
    expect(verified.verdict).toBe('UNANCHORED');
    // What was running when it was killed has no outcome, and that is all there is to tell.
    expect(codesOf(verified).filter((code) => code !== 'UNANSWERED')).toEqual([]);
  },
  RUNS * RUN_MS_MAX,
);
