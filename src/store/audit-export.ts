/** The whole log as an export, from one moment of the database, in pieces of bounded size. */
import pg from 'pg';
import type { LogSigner } from '../core/audit/checkpoint.js';
import { AUDIT_VERSION, eventId } from '../core/audit/event.js';
import { EXPORT_FORMAT, ExportWriter, type PersonalShown } from '../core/audit/export-format.js';
import { parseRecord } from '../core/crypto/canonical-json.js';
import type { SigningJwk } from '../core/crypto/jws.js';
import { COSIGNED_NOTE, KEYS, type StoredKey } from './audit-reader.js';
import { PrivateParts, SEALED } from './private-parts.js';

/** A batch has up to 200 events. */
const BATCHES_PER_STEP = 50;

export interface ExportOptions {
  readonly url: string;
  readonly signer: LogSigner;
  /** Whether personal parts are disclosed. */
  readonly personal: boolean;
  readonly parts?: PrivateParts;
  readonly at: Date;
}

interface BatchRow {
  readonly position: number;
  readonly body: string;
}
interface EventRow {
  readonly position: number;
  readonly shard: string;
  readonly seq: number;
  readonly body: string;
  readonly salt: string | null;
  readonly personal: string | null;
}
interface CheckpointRow {
  readonly size: number;
  readonly note: string;
  readonly jws: string;
}

/** Lines, in pieces. */
export async function* exportLog(options: ExportOptions): AsyncGenerator<string> {
  const client = new pg.Client({ connectionString: options.url, application_name: 'sluice-export' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // What is erased meanwhile is there until the end, or gone from the beginning.
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const writer = new ExportWriter();
    const size = await sizeOf(client);
    yield await head(client, writer, options, size);
    const disclosed = options.personal ? (options.parts ?? new PrivateParts([])) : undefined;
    const erased: string[] = [];
    for (let from = 0; from < size; from += BATCHES_PER_STEP) {
      yield await step(client, writer, disclosed, erased, from, Math.min(size, from + BATCHES_PER_STEP));
    }
    const erasedBy = await erasures(client, size);
    yield erased
      .flatMap((event) => {
        const by = erasedBy.get(event);
        return by === undefined ? [] : [writer.write({ line: 'tombstone', event, erasedBy: by })];
      })
      .join('');
    yield await writer.end(options.signer);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function head(
  client: pg.Client,
  writer: ExportWriter,
  { signer, at }: ExportOptions,
  size: number,
): Promise<string> {
  const events = await client.query<{ count: number }>(
    `SELECT coalesce(sum(b.count), 0)::float8 AS count FROM audit_batch b JOIN audit_leaf l USING (shard, batch)
      WHERE l.position < $1`,
    [size],
  );
  const keys = await client.query<StoredKey>(KEYS);
  return [
    writer.write({
      line: 'manifest',
      format: EXPORT_FORMAT,
      version: AUDIT_VERSION,
      origin: signer.origin,
      size,
      events: events.rows[0]!.count,
      exportedAt: at.toISOString(),
    }),
    ...keys.rows.map(({ kid, vkey, jwk, fromSize, untilSize }) =>
      writer.write({ line: 'key', kid, vkey, jwk: JSON.parse(jwk) as SigningJwk, fromSize, untilSize }),
    ),
  ].join('');
}

async function step(
  client: pg.Client,
  writer: ExportWriter,
  disclosed: PrivateParts | undefined,
  erased: string[],
  from: number,
  until: number,
): Promise<string> {
  const batches = await client.query<BatchRow>(BATCHES, [from, until]);
  const events = await client.query<EventRow>(EVENTS, [from, until]);
  const checkpoints = await client.query<CheckpointRow>(CHECKPOINTS, [from, until]);
  const byPosition = new Map<number, EventRow[]>();
  for (const event of events.rows) {
    const known = byPosition.get(event.position);
    if (known === undefined) byPosition.set(event.position, [event]);
    else known.push(event);
  }
  const bySize = new Map(checkpoints.rows.map((checkpoint) => [checkpoint.size, checkpoint]));
  const lines: string[] = [];
  for (const { position, body } of batches.rows) {
    lines.push(writer.write({ line: 'batch', text: body }));
    for (const event of byPosition.get(position) ?? []) {
      const personal = personalOf(event, disclosed);
      if (personal === 'erased') erased.push(eventId(event));
      lines.push(
        writer.write({ line: 'event', text: event.body, ...(personal === undefined ? {} : { personal }) }),
      );
    }
    const checkpoint = bySize.get(position + 1);
    if (checkpoint !== undefined) lines.push(writer.write({ line: 'checkpoint', ...checkpoint }));
  }
  return lines.join('');
}

function personalOf(
  { body, salt, personal }: EventRow,
  disclosed: PrivateParts | undefined,
): PersonalShown | undefined {
  if (personal !== null && salt !== null) {
    const opened = disclosed?.open({ salt, body: personal });
    if (opened === undefined) return 'withheld';
    return opened === SEALED ? SEALED : { salt: opened.salt, text: opened.body };
  }
  return parseRecord(body)?.personal === undefined ? undefined : 'erased';
}

async function sizeOf(client: pg.Client): Promise<number> {
  const found = await client.query<{ size: number }>(
    'SELECT coalesce(max(size), 0)::float8 AS size FROM audit_checkpoint',
  );
  return found.rows[0]!.size;
}

/** Which event of the log erased the personal part of which other one. */
async function erasures(client: pg.Client, size: number): Promise<ReadonlyMap<string, string>> {
  const found = await client.query<{ shard: string; seq: number; body: string }>(
    `SELECT e.shard, e.seq::float8 AS seq, e.body FROM audit_event e
       JOIN audit_batch b ON b.shard = e.shard AND e.seq >= b.first_seq AND e.seq < b.first_seq + b.count
       JOIN audit_leaf l ON l.shard = b.shard AND l.batch = b.batch
      WHERE e.kind = 'audit.erased' AND l.position < $1 ORDER BY l.position DESC, e.seq DESC`,
    [size],
  );
  return new Map(
    found.rows.flatMap((row) => {
      const { events } = parseRecord(row.body) ?? {};
      return (Array.isArray(events) ? events : []).map((event) => [String(event), eventId(row)] as const);
    }),
  );
}

const BATCHES = `
  SELECT l.position::float8 AS position, b.body FROM audit_leaf l JOIN audit_batch b USING (shard, batch)
   WHERE l.position >= $1 AND l.position < $2 ORDER BY l.position`;
const EVENTS = `
  SELECT l.position::float8 AS position, e.shard, e.seq::float8 AS seq, e.body, p.salt, p.body AS personal
    FROM audit_leaf l JOIN audit_batch b USING (shard, batch)
    JOIN audit_event e ON e.shard = b.shard AND e.seq >= b.first_seq AND e.seq < b.first_seq + b.count
    LEFT JOIN audit_private p ON p.shard = e.shard AND p.seq = e.seq
   WHERE l.position >= $1 AND l.position < $2 ORDER BY l.position, e.seq`;
const CHECKPOINTS = `
  SELECT size::float8 AS size, ${COSIGNED_NOTE}, jws FROM audit_checkpoint c WHERE size > $1 AND size <= $2 ORDER BY size`;
