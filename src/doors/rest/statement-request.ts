/** A request body as the pipeline takes it. */
import { GovernanceError } from '../../core/errors.js';
import type { StatementParameter, StatementRequest } from '../../gateway/statement.js';
import type { ExplainBody, StatementBody } from './schemas.js';

export function statementRequest(body: StatementBody | ExplainBody): StatementRequest {
  if (body.plan !== undefined) {
    throw new GovernanceError('BAD_REQUEST', 'A plan can only be sent with engine: spark.', {
      remedy: 'Send a statement in Spark SQL.',
    });
  }
  if (body.statement === undefined) {
    throw new GovernanceError('BAD_REQUEST', 'statement: is missing.', {
      problems: [{ path: 'statement', message: 'is missing' }],
      remedy: 'Send the Spark SQL in "statement".',
    });
  }
  const run =
    'timeout' in body || 'rowLimit' in body || 'byteLimit' in body ? (body as StatementBody) : undefined;
  return {
    statement: body.statement,
    parameters: (body.parameters ?? []) as readonly StatementParameter[],
    engine: body.engine ?? 'auto',
    tags: body.tags ?? {},
    ...(body.catalog === undefined ? {} : { catalog: body.catalog }),
    ...(body.schema === undefined ? {} : { schema: body.schema }),
    ...(body.purpose === undefined ? {} : { purpose: body.purpose }),
    ...(body.justification === undefined ? {} : { justification: body.justification }),
    ...(body.minPolicyVersion === undefined ? {} : { minPolicyVersion: body.minPolicyVersion }),
    ...(run?.rowLimit === undefined ? {} : { rowLimit: run.rowLimit }),
    ...(run?.byteLimit === undefined ? {} : { byteLimit: run.byteLimit }),
    ...(run?.timeout === undefined ? {} : { timeoutMs: run.timeout }),
  };
}

export type ResultFormat = 'json' | 'ndjson' | 'csv';
export const MEDIA_TYPES: Readonly<Record<ResultFormat, string>> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
};
const UNSERVED = ['application/vnd.apache.arrow.stream', 'application/vnd.apache.parquet'];

/** What is to be sent: `format` of the body, else by Accept. */
export function resultFormat(accept: string | undefined, format: StatementBody['format']): ResultFormat {
  if (format === 'arrow' || format === 'parquet') {
    throw new GovernanceError('BAD_REQUEST', `The format ${format} is not served yet.`, {
      remedy: 'Use json, ndjson or csv.',
    });
  }
  if (format !== undefined) return format;
  const wanted = (accept ?? '*/*')
    .toLowerCase()
    .split(',')
    .map((part) => (part.split(';')[0] ?? '').trim());
  for (const type of wanted) {
    const found = (Object.keys(MEDIA_TYPES) as ResultFormat[]).find((name) => MEDIA_TYPES[name] === type);
    if (found !== undefined) return found;
    if (['*/*', 'application/*', 'application/problem+json'].includes(type)) return 'json';
    if (type === 'text/*') return 'csv';
  }
  const detail = wanted.some((type) => UNSERVED.includes(type))
    ? 'Arrow and Parquet are not served yet.'
    : 'None of the accepted types is served.';
  throw new GovernanceError('NOT_ACCEPTABLE', detail, {
    remedy: `Accept ${Object.values(MEDIA_TYPES).join(', ')}.`,
  });
}
