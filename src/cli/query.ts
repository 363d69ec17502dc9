/** `sluice query`: a statement's rows as a table, with what governed them; or its bytes as they come. */
import { type ApiClient, ApiProblem, type ProblemAnswer } from './api-client.js';
import { print } from './connection.js';
import { printTable } from './table.js';

export interface QueryOptions {
  readonly purpose?: string;
  readonly param?: readonly string[];
  readonly format?: 'csv' | 'ndjson';
}

interface QueryAnswer {
  readonly statementId: string;
  readonly state: string;
  readonly error?: ProblemAnswer;
  readonly manifest: {
    readonly schema: readonly { readonly name: string; readonly masked: boolean }[];
    readonly rowCount: number;
    readonly truncated: boolean;
  };
  readonly result: { readonly rows: readonly (readonly unknown[])[]; readonly nextChunk: number | null };
  readonly governance: {
    readonly filteredTables: readonly { readonly object: string; readonly rules: readonly string[] }[];
    readonly maskedColumns: readonly {
      readonly object: string;
      readonly column: string;
      readonly mask: string;
      readonly rule: string;
    }[];
  };
}

const MEDIA_TYPES = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;
const WAIT = '60s';

export async function query(
  api: ApiClient,
  sql: string,
  options: QueryOptions,
  asJson: boolean,
): Promise<void> {
  const { purpose, param, format } = options;
  const parameters = param?.map(parameterOf);
  const body = {
    statement: sql,
    ...(purpose === undefined ? {} : { purpose }),
    ...(parameters === undefined ? {} : { parameters }),
  };
  if (format !== undefined) {
    for await (const chunk of api.stream('/v1/statements', body, MEDIA_TYPES[format])) await written(chunk);
    return;
  }
  const answer = await ended(
    api,
    (await api.post('/v1/statements', { ...body, waitTimeout: WAIT })) as QueryAnswer,
  );
  print(asJson, answer, () => printAnswer(answer));
}

/** Waits for as long as it takes; a person can always press Ctrl-C. */
async function ended(api: ApiClient, first: QueryAnswer): Promise<QueryAnswer> {
  let answer = first;
  while (answer.state === 'queued' || answer.state === 'running')
    answer = (await api.get(`/v1/statements/${answer.statementId}?wait=${WAIT}`)) as QueryAnswer;
  if (answer.error !== undefined) throw new ApiProblem(answer.error);
  return answer;
}

/** `name=value`; a bare value is for the next `?`. */
function parameterOf(text: string): { readonly name?: string; readonly value: string } {
  const named = /^([A-Za-z_]\w*)=(.*)$/s.exec(text);
  return named === null ? { value: text } : { name: named[1] ?? '', value: named[2] ?? '' };
}

function printAnswer({ manifest, result, governance }: QueryAnswer): void {
  printTable(
    manifest.schema.map((column) => `${column.name}${column.masked ? ' *' : ''}`),
    result.rows,
  );
  if (result.nextChunk !== null)
    console.log(`... of ${manifest.rowCount} rows; --format csv prints them all`);
  if (manifest.truncated) console.log('... cut at the row limit');
  for (const { object, rules } of governance.filteredTables)
    console.log(`rows of ${object}: ${rules.join(', ') || 'none'}`);
  for (const { object, column, mask, rule } of governance.maskedColumns)
    console.log(`${object}.${column}: ${mask} (${rule})`);
}

/** A slow terminal or pipe holds the stream up, not memory. */
const written = (chunk: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
