/**
 * A kept result in one format, as parts that come out as the same bytes whenever they are made: a download that broke
 * goes on where it was.
 */
import type { RowConverter } from '../../engines/engine.js';
import type { KeptChunk } from '../../gateway/results.js';
import type { Statement } from '../../gateway/statements.js';
import { chunkText } from './result-text.js';
import { answerText } from './statement-answer.js';
import type { ResultFormat } from './statement-request.js';

export interface KeptSource {
  /** It has succeeded. */
  readonly statement: Statement;
  readonly chunk: (n: number) => Promise<KeptChunk>;
  /** Throws when it may not be had any more; asked for each part. */
  readonly check: () => void;
  readonly converter: RowConverter;
  readonly signal: AbortSignal;
}

export interface KeptParts {
  readonly count: number;
  part(n: number): Promise<Buffer>;
  /** Absent: not known before they are made. */
  readonly sizes?: readonly number[];
}

export async function keptParts(source: KeptSource, format: ResultFormat): Promise<KeptParts> {
  source.check();
  const parts = await partsIn(source, format);
  const part = (n: number): Promise<Buffer> => {
    source.check();
    return parts.part(n);
  };
  return { ...parts, part };
}

/** Sizes of what had to be made to know them, by result. */
const measurements = new WeakMap<object, Map<ResultFormat, readonly number[]>>();

/** With the sizes of its parts; they are made for it once. */
export async function measured(
  { statement: { result } }: KeptSource,
  format: ResultFormat,
  parts: KeptParts,
): Promise<KeptParts & { readonly sizes: readonly number[] }> {
  const known = measurements.get(result ?? {}) ?? new Map<ResultFormat, readonly number[]>();
  let sizes = parts.sizes ?? known.get(format);
  if (sizes === undefined) {
    const made: number[] = [];
    for (let n = 0; n < parts.count; n += 1) made.push((await parts.part(n)).length);
    sizes = made;
    if (result !== undefined) measurements.set(result, known.set(format, sizes));
  }
  return { ...parts, sizes };
}

async function partsIn(source: KeptSource, format: ResultFormat): Promise<KeptParts> {
  const count = source.statement.result?.chunkCount ?? 0;
  switch (format) {
    case 'json':
      return framed(count, jsonFrame(source.statement), async (n) => {
        const { json } = await source.chunk(n);
        return Buffer.from(n === 0 ? json : `,${json}`, 'utf8');
      });
    case 'arrow':
      return framed(count, arrowFrame(source), async (n) =>
        source.converter.arrowBatches((await source.chunk(n)).json, outputOf(source), source.signal),
      );
    case 'parquet':
      return parquetParts(source);
    default:
      return { count, part: async (n) => textOf(source, await source.chunk(n), format, n === 0) };
  }
}

/** One chunk, a whole of its own where the format has a beginning and an end; CSV has its header only on the first. */
export async function chunkBytes(
  source: KeptSource,
  n: number,
  format: Exclude<ResultFormat, 'json'>,
): Promise<Buffer> {
  const chunk = await source.chunk(n);
  const output = outputOf(source);
  if (format === 'arrow') {
    const [head, end] = arrowFrame(source);
    return Buffer.concat([head, await source.converter.arrowBatches(chunk.json, output, source.signal), end]);
  }
  if (format !== 'parquet') return textOf(source, chunk, format, n === 0);
  const rows = { rowCount: chunk.rows, truncated: false, batches: () => batchesOf([chunk]) };
  const { body } = await source.converter.parquet(rows, output, source.signal);
  const parts: Buffer[] = [];
  for await (const part of body as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

const framed = (
  count: number,
  [head, end]: readonly [Buffer, Buffer],
  chunk: (n: number) => Promise<Buffer>,
): KeptParts => ({
  count: count + 2,
  part: async (n) => (n === 0 ? head : n === count + 1 ? end : chunk(n - 1)),
});

function jsonFrame(statement: Statement): readonly [Buffer, Buffer] {
  const whole = answerText(statement, '', null);
  const at = whole.lastIndexOf('"rows":[') + '"rows":['.length;
  return [Buffer.from(whole.slice(0, at), 'utf8'), Buffer.from(whole.slice(at), 'utf8')];
}

const arrowFrame = (source: KeptSource): readonly [Buffer, Buffer] => {
  const output = outputOf(source);
  return [source.converter.arrowSchema(output), source.converter.arrowEnd(output)];
};

const outputOf = ({ statement }: KeptSource) => statement.governed?.output ?? [];

async function textOf(
  { statement }: KeptSource,
  { json }: KeptChunk,
  format: 'csv' | 'ndjson',
  header: boolean,
): Promise<Buffer> {
  const parts: string[] = [];
  for await (const part of chunkText(json, statement.governed?.schema ?? [], format, header))
    parts.push(part);
  return Buffer.from(parts.join(''), 'utf8');
}

/** The end of the file says where its parts are, so it is made as a whole, and kept beside the rows. */
async function parquetParts(source: KeptSource): Promise<KeptParts> {
  const { statement, converter, chunk } = source;
  const { result, end } = statement;
  if (result === undefined || end === undefined) throw new Error('there is no result');
  // A client that leaves does not end it: the next one wants the same file.
  const signal = new AbortController().signal;
  const file = await result.file(async () => {
    const rows = { ...end, batches: () => chunksOf(result.chunkCount, chunk) };
    return (await converter.parquet(rows, outputOf(source), signal)).body;
  });
  return { count: file.sizes.length, sizes: file.sizes, part: (n) => file.part(n) };
}

async function* chunksOf(count: number, chunk: KeptSource['chunk']): AsyncGenerator<KeptChunk> {
  for (let n = 0; n < count; n += 1) yield chunk(n);
}

async function* batchesOf(chunks: readonly KeptChunk[]): AsyncGenerator<KeptChunk> {
  yield* chunks;
}
