/** `sluice query`: a statement's rows as a table, with what governed them; or its bytes as they come, to a file or a pipe. */
import { extname } from 'node:path';
import type { components } from '../../clients/typescript/src/generated/api.js';
import { type ApiClient, ApiProblem, pointingInto } from './api-client.js';
import { print } from './connection.js';
import { UsageError } from './exit-codes.js';
import { onInterrupt } from './interrupt.js';
import { elapsedLine } from './progress-bar.js';
import { parameterOf, type TextOptions } from './statement-text.js';
import { tableText } from './table.js';
import { terminalWidth } from './text-width.js';
import { writeWholeFile } from './whole-file.js';

/** What a whole result can be written as, and its media type. */
const MEDIA_TYPES = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
} as const;
type FileFormat = keyof typeof MEDIA_TYPES;
const BINARY: readonly FileFormat[] = ['arrow', 'parquet'];
export const FILE_FORMATS = Object.keys(MEDIA_TYPES) as FileFormat[];

export interface QueryOptions extends TextOptions {
  readonly purpose?: string;
  readonly engine?: string;
  readonly param?: readonly string[];
  readonly format?: FileFormat;
  readonly output?: string;
}

/** As the gateway describes it; what there is once it has succeeded. */
type Statement = components['schemas']['Statement'];
type QueryAnswer = Statement & Required<Pick<Statement, 'manifest' | 'result' | 'governance'>>;
type Governance = Pick<components['schemas']['Governance'], 'filteredTables' | 'maskedColumns' | 'notices'>;

/** While the POST waits, the gateway cancels what its client leaves; after it we do. */
const FIRST_WAIT = '1s';
const WAIT = '60s';
const NUMERIC = /^(tinyint|smallint|int|bigint|float|double|decimal)/i;

export async function query(
  api: ApiClient,
  sql: string,
  options: QueryOptions,
  asJson: boolean,
): Promise<void> {
  const { purpose, engine, param, output } = options;
  const parameters = param?.map(parameterOf);
  const body = {
    statement: sql,
    ...(purpose === undefined ? {} : { purpose }),
    ...(engine === undefined ? {} : { engine }),
    ...(parameters === undefined ? {} : { parameters }),
  };
  const format = options.format ?? (output === undefined ? undefined : formatOf(output));
  await pointingInto(sql, async () => {
    if (format !== undefined) return download(api, body, format, output, asJson);
    const first = await waiting(api.post('/v1/statements', { ...body, waitTimeout: FIRST_WAIT }));
    const answer = await ended(api, first as QueryAnswer);
    print(asJson, answer, () => printAnswer(answer));
  });
}

/** By the ending of the file. */
function formatOf(output: string): FileFormat {
  const ending = extname(output).slice(1).toLowerCase();
  const format = FILE_FORMATS.find((known) => known === ending);
  if (format !== undefined) return format;
  throw new UsageError(
    `${output} does not say its format: end it in .${FILE_FORMATS.join(' or .')}, or give --format`,
  );
}

async function download(
  api: ApiClient,
  body: object,
  format: FileFormat,
  output: string | undefined,
  asJson: boolean,
): Promise<void> {
  if (output === undefined && BINARY.includes(format) && process.stdout.isTTY)
    throw new UsageError(`${format} is not for a terminal: give --output FILE, or pipe it`);
  const bytes = counted(api.stream('/v1/statements', body, MEDIA_TYPES[format]));
  if (output === undefined) {
    for await (const part of bytes) await written(part);
    return;
  }
  let size = 0;
  const sized = async function* (): AsyncGenerator<Uint8Array> {
    for await (const part of bytes) {
      size += part.length;
      yield part;
    }
  };
  await writeWholeFile(output, sized());
  print(asJson, { file: output, format, bytes: size }, () =>
    console.error(`${output} is written, ${size} bytes.`),
  );
}

async function* counted(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const line = elapsedLine('reading', 'bytes');
  let bytes = 0;
  try {
    for await (const part of parts) {
      bytes += part.length;
      line.to(bytes);
      yield part;
    }
  } finally {
    line.stop();
  }
}

async function waiting<T>(work: Promise<T>): Promise<T> {
  const line = elapsedLine('running');
  try {
    return await work;
  } finally {
    line.stop();
  }
}

/** Waits for as long as it takes; Ctrl-C cancels it. */
async function ended(api: ApiClient, first: QueryAnswer): Promise<QueryAnswer> {
  const path = `/v1/statements/${first.statementId}`;
  const forget = onInterrupt(() => api.send('POST', `${path}/cancel`));
  const wait = async (): Promise<QueryAnswer> => {
    let answer = first;
    while (answer.state === 'queued' || answer.state === 'running')
      answer = (await api.get(`${path}?wait=${WAIT}`)) as QueryAnswer;
    return answer;
  };
  const answer = await waiting(wait());
  forget();
  if (answer.error !== undefined) throw new ApiProblem(answer.error);
  return answer;
}

function printAnswer({ manifest, result, governance }: QueryAnswer): void {
  const columns = manifest.schema.map(({ name, type, masked }) => ({
    name: `${name}${masked ? ' *' : ''}`,
    numeric: NUMERIC.test(type),
  }));
  console.log(tableText(columns, result.rows, terminalWidth()).join('\n'));
  if (result.nextChunk !== null)
    console.log(`... of ${manifest.rowCount} rows; --format csv prints them all`);
  if (manifest.truncated) console.log('... cut at the row limit');
  printGovernance(governance);
}

export function printGovernance({ filteredTables, maskedColumns, notices }: Governance): void {
  for (const { object, rules } of filteredTables)
    console.log(`rows of ${object}: ${rules.join(', ') || 'none'}`);
  for (const { object, column, mask, rule } of maskedColumns)
    console.log(`${object}.${column}: ${mask} (${rule})`);
  for (const { text } of notices) console.log(`note: ${text}`);
}

/** A slow terminal or pipe holds the stream up, not memory. */
const written = (chunk: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
