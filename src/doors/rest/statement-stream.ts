/**
 * Streams: straight from the engine, or a kept result chunk by chunk. A failure on the way destroys the
 * connection: it never looks like an end.
 */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { ByteResult } from '../../engines/engine.js';
import type { Statement } from '../../gateway/statements.js';
import { serverTiming } from '../../gateway/timings.js';
import { chunkText } from './result-text.js';
import { answerText } from './statement-answer.js';
import { type KeptFormat, MEDIA_TYPES, type ResultFormat } from './statement-request.js';

/** Fires when the client goes away before its answer has ended. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

export function sendBytes(
  reply: FastifyReply,
  statement: Statement,
  bytes: ByteResult,
  format: ResultFormat,
): void {
  send(reply, statement, bytes.body, format);
}

export async function sendStored(
  reply: FastifyReply,
  statement: Statement,
  chunk: (n: number) => Promise<string>,
  format: KeptFormat,
): Promise<void> {
  // The first chunk before the first byte: a refusal is still a proper answer.
  const first = await chunk(0);
  const body = Readable.from(texts(statement, first, chunk, format), { objectMode: false });
  send(reply, statement, body, format);
}

/** One chunk in another format than JSON. */
export function sendChunk(
  reply: FastifyReply,
  statement: Statement,
  rows: string,
  format: KeptFormat,
  header: boolean,
): void {
  const schema = statement.governed?.schema ?? [];
  send(
    reply,
    statement,
    Readable.from(chunkText(rows, schema, format, header), { objectMode: false }),
    format,
  );
}

function send(reply: FastifyReply, statement: Statement, body: Readable, format: ResultFormat): void {
  body.once('error', () => reply.raw.destroy());
  void reply
    .header('x-sluice-statement-id', statement.id)
    .header('server-timing', serverTiming(statement.timings))
    .type(MEDIA_TYPES[format])
    .send(body);
}

async function* texts(
  statement: Statement,
  first: string,
  chunk: (n: number) => Promise<string>,
  format: KeptFormat,
): AsyncGenerator<string> {
  const count = statement.result?.chunkCount ?? 0;
  const rows = (n: number): Promise<string> | string => (n === 0 ? first : chunk(n));
  if (format === 'json') {
    const whole = answerText(statement, '', null);
    const at = whole.lastIndexOf('"rows":[') + '"rows":['.length;
    yield whole.slice(0, at);
    for (let n = 0; n < count; n += 1) yield `${n === 0 ? '' : ','}${await rows(n)}`;
    yield whole.slice(at);
    return;
  }
  const schema = statement.governed?.schema ?? [];
  for (let n = 0; n < count; n += 1) yield* chunkText(await rows(n), schema, format, n === 0);
}
