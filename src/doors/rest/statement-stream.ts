/**
 * Streams: straight from the engine, or a kept result part by part. A failure on the way destroys the
 * connection: it never looks like an end.
 */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GovernanceError } from '../../core/errors.js';
import type { ByteResult } from '../../engines/engine.js';
import type { Statement } from '../../gateway/statements.js';
import { serverTiming } from '../../gateway/timings.js';
import { byteRange } from './byte-range.js';
import { coded, contentCoding } from './content-coding.js';
import { chunkBytes, type KeptParts, type KeptSource, keptParts, measured } from './kept-parts.js';
import { MEDIA_TYPES, type ResultFormat } from './statement-request.js';

export const ROW_COUNT = 'x-sluice-row-count';
export const TRUNCATED = 'x-sluice-truncated';

/** Fires when the client goes away before its answer has ended. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** How many rows there are is known at the end, so it is said there. */
export function sendBytes(
  reply: FastifyReply,
  statement: Statement,
  bytes: ByteResult,
  format: ResultFormat,
): void {
  reply.trailer(ROW_COUNT, async () => String((await bytes.done).rowCount));
  reply.trailer(TRUNCATED, async () => String((await bytes.done).truncated));
  send(reply, statement, bytes.body, format);
}

/** The whole of a kept result; a GET may ask for a part of it. */
export async function sendStored(
  reply: FastifyReply,
  source: KeptSource,
  format: ResultFormat,
  range?: FastifyRequest['headers'],
): Promise<void> {
  const { statement } = source;
  const parts = await begun(await keptParts(source, format));
  told(reply, statement);
  if (range === undefined) return send(reply, statement, bodyOf(parts), format);
  const tag = `"${statement.id}.${format}"`;
  void reply.header('accept-ranges', 'bytes');
  const asked = range['if-range'] === undefined || range['if-range'] === tag ? range.range : undefined;
  if (asked === undefined) {
    const length = parts.sizes === undefined ? undefined : sum(parts.sizes);
    return send(reply, statement, bodyOf(parts), format, { tag, length });
  }
  const known = await measured(source, format, parts);
  const total = sum(known.sizes);
  const found = byteRange(asked, total);
  if (found === undefined) return send(reply, statement, bodyOf(known), format, { tag, length: total });
  if (found === 'unsatisfiable') {
    void reply.header('content-range', `bytes */${total}`);
    throw unsatisfiable(total);
  }
  void reply
    .status(206)
    .header('etag', tag)
    .header('content-range', `bytes ${found.first}-${found.last}/${total}`)
    .header('content-length', found.last - found.first + 1);
  sendPlain(reply, statement, bodyOf(known, found.first, found.last + 1), format);
}

/** One chunk in another format than JSON. */
export async function sendChunk(
  reply: FastifyReply,
  source: KeptSource,
  n: number,
  format: Exclude<ResultFormat, 'json'>,
): Promise<void> {
  const bytes = await chunkBytes(source, n, format);
  send(reply, source.statement, Readable.from([bytes]), format, { length: bytes.length });
}

function told(reply: FastifyReply, { end }: Statement): void {
  void reply.header(ROW_COUNT, end?.rowCount ?? 0).header(TRUNCATED, String(end?.truncated ?? false));
}

interface Whole {
  readonly tag?: string;
  readonly length?: number | undefined;
}

/** As it is, or compressed. Parquet is compressed inside. */
function send(
  reply: FastifyReply,
  statement: Statement,
  body: Readable,
  format: ResultFormat,
  { tag, length }: Whole = {},
): void {
  const wanted = contentCoding(reply.request.headers['accept-encoding']);
  const coding = format === 'parquet' || wanted === 'identity' ? undefined : wanted;
  void reply.header('vary', 'Accept, Accept-Encoding');
  if (coding === undefined) {
    if (tag !== undefined) void reply.header('etag', tag);
    if (length !== undefined) void reply.header('content-length', length);
    sendPlain(reply, statement, body, format);
  } else {
    void reply.header('content-encoding', coding);
    if (tag !== undefined) void reply.header('etag', `${tag.slice(0, -1)}.${coding}"`);
    sendPlain(reply, statement, coded(body, coding), format);
  }
}

function sendPlain(reply: FastifyReply, statement: Statement, body: Readable, format: ResultFormat): void {
  body.once('error', () => reply.raw.destroy());
  void reply
    .header('x-sluice-statement-id', statement.id)
    .header('server-timing', serverTiming(statement.timings))
    .type(MEDIA_TYPES[format])
    .send(body);
}

/** Bytes `from` to `to` (not included); parts before are not made where their sizes are known. */
function bodyOf(parts: KeptParts, from = 0, to = Number.POSITIVE_INFINITY): Readable {
  const pieces = async function* (): AsyncGenerator<Buffer> {
    let at = 0;
    for (let n = 0; n < parts.count && at < to; n += 1) {
      const size = parts.sizes?.[n];
      if (size !== undefined && at + size <= from) {
        at += size;
        continue;
      }
      const part = await parts.part(n);
      const piece = part.subarray(Math.max(0, from - at), Math.max(0, to - at));
      if (piece.length > 0) yield piece;
      at += part.length;
    }
  };
  return Readable.from(pieces(), { objectMode: false });
}

/** The first of the rows before the first byte: a refusal is still a proper answer. */
async function begun(parts: KeptParts): Promise<KeptParts> {
  const at = Math.min(1, parts.count - 1);
  const first = parts.part(at);
  await first;
  return { ...parts, part: (n) => (n === at ? first : parts.part(n)) };
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

const unsatisfiable = (total: number): GovernanceError =>
  new GovernanceError('RANGE_NOT_SATISFIABLE', `The result has ${total} bytes in this format.`, {
    remedy: 'Ask for bytes that are there; without Range it is sent from its beginning.',
  });
