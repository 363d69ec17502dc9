/**
 * What evidence costs: durable events a second against the same rows inserted by hand in batches, what a
 * statement waits for its record, how fast an export is verified, and a proof from a log of ten million
 * events. A Postgres of its own with fsync on; the checkpointer runs as in a gateway.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { AuditEvent } from '../src/core/audit/event.js';
import { ExportVerifier } from '../src/core/audit/verify-export.js';
import { SEALING_KEY_BYTES } from '../src/core/crypto/sealed-text.js';
import { Checkpointer } from '../src/store/audit-checkpointer.js';
import { exportLog } from '../src/store/audit-export.js';
import { type LogKeys, openKeyring } from '../src/store/audit-keyring.js';
import { AuditProofs } from '../src/store/audit-proofs.js';
import { Database } from '../src/store/database.js';
import { EvidenceRecorder } from '../src/store/evidence-recorder.js';
import { PrivateParts } from '../src/store/private-parts.js';
import { startTestPostgres, type TestPostgres } from '../test/support/postgres.js';
import type { Figure } from './figure.js';
import { alternate, median, requireCount } from './measure.js';

const EVENTS = 10_000;
const ROUNDS = 5;
const BATCH = 200;
const WRITERS = 2;
const CLIENTS = 64;
const CLIENT_STATEMENTS = 30;
const CHECKPOINT_MS = 1_000;
const PROOFS = 200;
/** With 200 events each: ten million. */
const BATCHES_OF_LARGE_LOG = 50_000;
const DURABLE_AIM = 10_000;
const RATIO_AIM = 2;
const WAIT_AIM_MS = 20;
const VERIFY_AIM = 25_000;
const PROOF_AIM_MS = 10;
const clock = (): Date => new Date();
/** Sealed, as a gateway does it. */
const PARTS = new PrivateParts([{ kid: 'bench', key: randomBytes(SEALING_KEY_BYTES) }]);

export async function auditBench(): Promise<readonly Figure[]> {
  const postgres = await startTestPostgres();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-keys-'));
  const recorder = new EvidenceRecorder({
    url: postgres.appUrl,
    timeoutMs: 30_000,
    queueMax: EVENTS,
    actorKey: randomBytes(32),
    parts: PARTS,
  });
  const checkpointer = new Checkpointer({ url: postgres.appUrl, clock });
  const keys = openKeyring(folder, await checkpointer.origin(), clock());
  await checkpointer.signWith(keys);
  const ticking = setInterval(() => void checkpointer.catchUp().catch(() => undefined), CHECKPOINT_MS);
  try {
    const durable = await durableFigures(postgres, recorder);
    await checkpointer.catchUp();
    const wait = await waitFigure(recorder);
    await checkpointer.catchUp();
    return [...durable, wait, await verifyFigure(postgres, keys), await proofFigure(postgres)];
  } finally {
    clearInterval(ticking);
    await recorder.close();
    await checkpointer.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function durableFigures(
  postgres: TestPostgres,
  recorder: EvidenceRecorder,
): Promise<readonly Figure[]> {
  const pool = new pg.Pool({ connectionString: postgres.ownerUrl, max: WRITERS });
  await pool.query('CREATE TABLE by_hand (seq bigint PRIMARY KEY, statement_id text, body text NOT NULL)');
  await pool.query('CREATE INDEX by_hand_statement ON by_hand (statement_id)');
  await pool.query('CREATE TABLE by_hand_private (seq bigint PRIMARY KEY, body text NOT NULL)');
  let next = 0;
  const byHand = async (): Promise<void> => {
    let left = EVENTS;
    const writer = async (): Promise<void> => {
      while (left > 0) {
        left -= BATCH;
        const events = Array.from({ length: BATCH }, () => eventOf(next++));
        await pool.query({
          name: 'by-hand',
          text: `WITH event AS (INSERT INTO by_hand SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]))
                 INSERT INTO by_hand_private SELECT * FROM unnest($1::bigint[], $4::text[])`,
          values: [
            events.map((_, i) => next - BATCH + i),
            events.map(({ fields }) => fields.statementId),
            events.map(({ personal: _, ...event }) => JSON.stringify(event)),
            events.map(({ personal }) => JSON.stringify(personal)),
          ],
        });
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, writer));
  };
  const recorded = async (): Promise<void> => {
    await Promise.all(Array.from({ length: EVENTS }, () => recorder.record(eventOf(next++))));
  };
  const { baselineMs, subjectMs } = await alternate(ROUNDS, 1, byHand, recorded);
  const kept = await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM audit_event');
  requireCount('events', kept.rows[0]!.n, EVENTS * (ROUNDS + 1));
  await pool.end();
  const perSecond = (ms: number): number => (EVENTS / ms) * 1_000;
  const detail = `by hand ${perSecond(baselineMs).toFixed(0)}/s: the same texts in two tables, no hashes, no chain`;
  return [
    {
      name: 'audit: durable events',
      value: perSecond(subjectMs),
      unit: '/s',
      aim: DURABLE_AIM,
      atLeast: true,
      detail,
    },
    { name: 'audit: time to rows by hand', value: subjectMs / baselineMs, unit: 'x', aim: RATIO_AIM },
  ];
}

/** Intent and outcome, one after the other, as a statement waits for them. */
async function waitFigure(recorder: EvidenceRecorder): Promise<Figure> {
  const waits: number[] = [];
  const client = async (number: number): Promise<void> => {
    for (let i = 0; i < CLIENT_STATEMENTS; i += 1) {
      const start = performance.now();
      await recorder.record(eventOf(number * CLIENT_STATEMENTS + i));
      await recorder.record(outcomeOf());
      waits.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  const p95 = waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.95)] ?? 0;
  return {
    name: `audit: wait of a statement, p95 of ${CLIENTS} at once`,
    value: p95,
    unit: 'ms',
    aim: WAIT_AIM_MS,
    detail: `median ${median(waits).toFixed(1)} ms`,
  };
}

async function verifyFigure(postgres: TestPostgres, keys: LogKeys): Promise<Figure> {
  const lines: Buffer[] = [];
  const options = { url: postgres.appUrl, signer: keys.signer, personal: true, parts: PARTS, at: clock() };
  for await (const piece of exportLog(options))
    for (const line of piece.split(/(?<=\n)/)) if (line !== '') lines.push(Buffer.from(line));
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const verifier = new ExportVerifier();
    const before = process.cpuUsage();
    for (const line of lines) verifier.line(line);
    const { events, verdict } = verifier.finish();
    if (verdict !== 'UNANCHORED') throw new Error(`the log of the benchmark is ${verdict}`);
    const { user, system } = process.cpuUsage(before);
    rates.push((events / (user + system)) * 1e6);
  }
  return {
    name: 'audit: events verified in a CPU second',
    value: median(rates),
    unit: '/s',
    aim: VERIFY_AIM,
    atLeast: true,
  };
}

async function proofFigure(postgres: TestPostgres): Promise<Figure> {
  const owner = new pg.Client({ connectionString: postgres.ownerUrl });
  await owner.connect();
  const database = new Database({ url: postgres.appUrl, connectionsMax: 2, applicationName: 'bench' });
  const found = await owner.query<{ size: number; shard: string; seq: number }>(
    `SELECT (SELECT max(size) FROM audit_checkpoint)::float8 AS size, shard, seq::float8 AS seq
       FROM audit_event ORDER BY random() LIMIT ${PROOFS}`,
  );
  // The tree of a log of ten million events; only the hashes in it are made up.
  const from = found.rows[0]!.size;
  await owner.query(
    `INSERT INTO audit_leaf SELECT n, 'made-up', n::int FROM generate_series(${from}, ${BATCHES_OF_LARGE_LOG} - 1) n`,
  );
  for (let level = 0; 2 ** level <= BATCHES_OF_LARGE_LOG; level += 1)
    await owner.query(
      `INSERT INTO audit_node SELECT ${level}, n, encode(sha256(n::text::bytea), 'base64')
         FROM generate_series(0, ${Math.floor(BATCHES_OF_LARGE_LOG / 2 ** level) - 1}) n ON CONFLICT DO NOTHING`,
    );
  await owner.query('ANALYZE');
  const proofs = new AuditProofs(database);
  const times: number[] = [];
  for (const { shard, seq } of found.rows) {
    const start = performance.now();
    const proof = await proofs.ofEvent({ shard, seq }, BATCHES_OF_LARGE_LOG);
    times.push(performance.now() - start);
    if (proof === undefined) throw new Error('no proof');
  }
  await owner.end();
  await database.close();
  return {
    name: 'audit: proof in a log of 10M events',
    value: median(times),
    unit: 'ms',
    aim: PROOF_AIM_MS,
    detail: `worst of ${PROOFS}: ${Math.max(...times).toFixed(1)} ms`,
  };
}

type Denied = Extract<AuditEvent, { kind: 'statement.denied' }>;

/** About half a kilobyte, personal part included. */
const eventOf = (n: number): Denied => ({
  kind: 'statement.denied',
  at: clock().toISOString(),
  fields: {
    statementId: `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
    actor: 'a'.repeat(32),
    policyVersion: 7,
    code: 'ACCESS_DENIED',
    objects: ['shop.crm.customers', 'shop.sales.orders'],
    decisionId: '00000000-0000-4000-8000-000000000000',
    shape:
      'SELECT c.city, sum(o.total) FROM shop.crm.customers c JOIN shop.sales.orders o ON o.customer_id = c.id WHERE c.country = ?',
  },
  personal: { user: 'analyst', via: 'token:0', address: '127.0.0.1', literals: ["'DE'"] },
});

const outcomeOf = (): AuditEvent => ({
  kind: 'heartbeat',
  at: clock().toISOString(),
  fields: { everySeconds: 60 },
});
