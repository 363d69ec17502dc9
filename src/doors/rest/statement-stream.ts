/**
 * Streams: straight from the engine, or a kept result chunk by chunk. A failure on the way destroys the
 * connection: it never looks like an end.
 */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { ByteResult } from '../../engines/engine.js';
import type { Statement } from '../../gateway/statements.js';
import { chunkText } from './result-text.js';
import { answerText } from './statement-answer.js';
import { MEDIA_TYPES, type ResultFormat } from './statement-request.js';

export function sendBytes(
  reply: FastifyReply,
  statement: Statement,
  bytes: ByteResult,
  format: ResultFormat,
): void {
  const gone = (): void => {
    if (!reply.raw.writableFinished) statement.abort.abort();
  };
  reply.raw.once('close', gone);
  bytes.body.once('error', () => reply.raw.destroy());
  void reply.header('x-sluice-statement-id', statement.id).type(MEDIA_TYPES[format]).send(bytes.body);
}

export async function sendStored(
  reply: FastifyReply,
  statement: Statement,
  chunk: (n: number) => Promise<string>,
  format: ResultFormat,
): Promise<void> {
  // The first chunk before the first byte: a refusal is still a proper answer.
  const first = await chunk(0);
  const body = Readable.from(texts(statement, first, chunk, format), { objectMode: false });
  body.once('error', () => reply.raw.destroy());
  void reply.header('x-sluice-statement-id', statement.id).type(MEDIA_TYPES[format]).send(body);
}

async function* texts(
  statement: Statement,
  first: string,
  chunk: (n: number) => Promise<string>,
  format: ResultFormat,
): AsyncGenerator<string> {
  const count = statement.result?.chunkCount ?? 0;
  const schema = statement.governed?.schema ?? [];
  if (format === 'json') {
    const whole = answerText(statement, '').replace(/"nextChunk":\d+\}\}$/, '"nextChunk":null}}');
    const at = whole.lastIndexOf('"rows":[') + '"rows":['.length;
    yield whole.slice(0, at);
    for (let n = 0; n < count; n += 1) {
      const rows = n === 0 ? first : await chunk(n);
      yield n > 0 && rows !== '' ? `,${rows}` : rows;
    }
    yield whole.slice(at);
    return;
  }
  for (let n = 0; n < count; n += 1)
    yield chunkText(n === 0 ? first : await chunk(n), schema, format, n === 0);
}
