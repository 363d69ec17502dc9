import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { codesOf, verifyBytes } from '../../test/audit/verify-lines.js';
import { startTestPostgres, type TestPostgres } from '../../test/support/postgres.js';
import type { IntentRecord, OutcomeRecord } from '../gateway/recorder.js';
import { Checkpointer } from './audit-checkpointer.js';
import { exportLog } from './audit-export.js';
import { openKeyring } from './audit-keyring.js';
import { Database } from './database.js';
import { EvidenceRecorder } from './evidence-recorder.js';
import { EvidenceSpool, type OpenSpool } from './evidence-spool.js';
import { SpoolingRecorder, type SpoolMode } from './spooling-recorder.js';

const TIMEOUT_MS = 60_000;
const LIMITS = { timeoutMs: 1_000, queueMax: 1_000 };
let postgres: TestPostgres;
let owner: pg.Pool;
let database: Database;
let directory: string;
let open: SpoolingRecorder[];

beforeAll(async () => {
  postgres = await startTestPostgres();
  owner = new pg.Pool({ connectionString: postgres.ownerUrl, max: 2 });
  owner.on('error', () => undefined);
  database = new Database({ url: postgres.appUrl, connectionsMax: 2, applicationName: 'spec' });
}, TIMEOUT_MS);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-spool-'));
  open = [];
});
afterEach(async () => {
  for (const recorder of open) await recorder.close();
  rmSync(directory, { recursive: true, force: true });
});
afterAll(async () => {
  await database.close();
  await owner.end();
  await postgres.stop();
});

const spoolIn = (): Promise<OpenSpool> => EvidenceSpool.open({ ...LIMITS, directory });
const recorderOver = (spool: EvidenceSpool, mode: SpoolMode): SpoolingRecorder => {
  const direct = new EvidenceRecorder({ url: postgres.appUrl, ...LIMITS, actorKey: randomBytes(32) });
  const made = new SpoolingRecorder(direct, spool, mode, database);
  open.push(made);
  return made;
};
const make = async (mode: SpoolMode): Promise<SpoolingRecorder> =>
  recorderOver((await spoolIn()).spool, mode);
const intentOf = (statementId: string): IntentRecord => ({
  statementId,
  at: new Date().toISOString(),
  decisionId: 'd',
  policyVersion: 0,
  shape: 'SELECT ?',
  boundPlanHash: '00',
  planHash: '01',
  leaves: 1,
  objects: [],
  columns: [],
  governance: {
    policyVersion: 0,
    decisionId: 'd',
    objects: [],
    filteredTables: [],
    maskedColumns: [],
    purpose: null,
    notices: [],
  },
  engine: 'duckdb',
  personal: { user: 'ana', via: 'token:1', literals: [] },
});
const outcomeOf = (statementId: string): OutcomeRecord => ({
  statementId,
  at: new Date().toISOString(),
  state: 'succeeded',
  timings: {},
});
const kindsOf = async (statementId: string): Promise<string[]> => {
  const found = await owner.query<{ kind: string }>(
    'SELECT kind FROM audit_event WHERE statement_id = $1 ORDER BY kind',
    [statementId],
  );
  return found.rows.map(({ kind }) => kind);
};
const drained = async (recorder: SpoolingRecorder): Promise<void> => {
  const until = Date.now() + TIMEOUT_MS / 2;
  while (recorder.waiting > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(recorder.waiting).toBe(0);
};
const versions = { policyVersion: 0 };

describe('while Postgres is away', () => {
  it(
    'what runs may end, and nothing begins; then all of it is in the log, in order',
    async () => {
      const recorder = await make('outcomes');
      const ids = Array.from({ length: 20 }, (_, i) => `o${i}`);
      for (const id of ids) await recorder.intent(intentOf(id), versions);
      await postgres.halt();
      await Promise.all(ids.map((id) => recorder.outcome(outcomeOf(id))));
      await expect(recorder.intent(intentOf('x'), versions)).rejects.toMatchObject({
        code: 'EVIDENCE_UNAVAILABLE',
      });
      expect(readFileSync(join(directory, 'evidence.ndjson'), 'utf8').split('\n')).toHaveLength(21);
      await postgres.restart();
      // Behind what waits: not before it.
      await recorder.record({
        kind: 'heartbeat',
        at: new Date().toISOString(),
        fields: { everySeconds: 60 },
      });
      await drained(recorder);
      for (const id of ids) expect(await kindsOf(id)).toEqual(['statement.intent', 'statement.outcome']);
      expect(await kindsOf('x')).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'statements begin where that was chosen by name, and the log is whole afterwards',
    async () => {
      const recorder = await make('all');
      await postgres.halt();
      const work = Array.from({ length: 20 }, async (_, i) => {
        expect(await recorder.intent(intentOf(`a${i}`), versions)).toBe('recorded');
        await recorder.outcome(outcomeOf(`a${i}`));
      });
      await Promise.all(work);
      await postgres.restart();
      await drained(recorder);
      const checkpointer = new Checkpointer({ url: postgres.appUrl, clock: () => new Date() });
      const keys = openKeyring(directory, await checkpointer.origin(), new Date());
      await checkpointer.signWith(keys);
      await checkpointer.catchUp();
      await checkpointer.close();
      let text = '';
      const options = { url: postgres.appUrl, signer: keys.signer, personal: true, at: new Date() };
      for await (const piece of exportLog(options)) text += piece;
      const verified = verifyBytes(Buffer.from(text));
      expect([verified.verdict, codesOf(verified)]).toEqual(['UNANCHORED', []]);
      expect(text).toContain('spool.drained');
    },
    TIMEOUT_MS,
  );

  it(
    'a disk that takes nothing either is said so',
    async () => {
      const recorder = await make('all');
      symlinkSync('/dev/full', join(directory, 'evidence.ndjson'));
      await postgres.halt();
      await expect(recorder.outcome(outcomeOf('full'))).rejects.toMatchObject({
        code: 'EVIDENCE_UNAVAILABLE',
      });
      await postgres.restart();
    },
    TIMEOUT_MS,
  );
});

describe('after a crash', () => {
  const spooled = async (count: number): Promise<void> => {
    const { spool } = await spoolIn();
    for (let i = 0; i < count; i += 1)
      await spool.add({
        kind: 'statement.outcome',
        at: '2026-01-01T00:00:00.000Z',
        fields: outcomeOf(`c${i}`),
      });
  };

  it('what was acknowledged comes into the log, half a line does not, and nothing comes twice', async () => {
    await spooled(3);
    appendFileSync(join(directory, 'evidence.ndjson'), '{"event":{"kind":"statement.outc');
    const before = recorderOver((await spoolIn()).spool, 'outcomes');
    await drained(before);
    await open.pop()?.close();
    expect(readFileSync(join(directory, 'evidence.ndjson'), 'utf8')).toBe('');
    for (const id of ['c0', 'c1', 'c2']) expect(await kindsOf(id)).toEqual(['statement.outcome']);
    // As if it had died before it emptied the file.
    await spooled(3);
    const again = recorderOver((await spoolIn()).spool, 'outcomes');
    await drained(again);
    for (const id of ['c0', 'c1', 'c2']) expect(await kindsOf(id)).toEqual(['statement.outcome']);
  });

  it('a file that somebody changed is kept aside, and not believed', async () => {
    await spooled(3);
    const file = join(directory, 'evidence.ndjson');
    writeFileSync(file, readFileSync(file, 'utf8').replace('c1', 'zz'));
    const { spool, keptAside } = await spoolIn();
    expect([spool.size, keptAside]).toEqual([0, expect.stringMatching(/broken/)]);
    expect(readdirSync(directory)).toEqual([keptAside]);
  });

  it('a file that is garbage is kept aside too', async () => {
    writeFileSync(
      join(directory, 'evidence.ndjson'),
      randomBytes(500).toString('latin1').replaceAll('\n', '').concat('\n'),
    );
    expect((await spoolIn()).keptAside).toBeDefined();
  });
});
