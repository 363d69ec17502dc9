/** A request body as the pipeline takes it, and what its answer is to look like. */
import { GovernanceError } from '../../core/errors.js';
import type { StatementParameter, StatementRequest } from '../../gateway/statement.js';
import { preferredTypes } from '../../http/accept.js';
import type { ExplainBody, StatementBody } from './schemas.js';

export function statementRequest(body: StatementBody | ExplainBody): StatementRequest {
  if (body.plan !== undefined) throw planRefused(body.engine);
  if (body.statement === undefined) {
    throw new GovernanceError('BAD_REQUEST', 'statement: is missing.', {
      problems: [{ path: 'statement', message: 'is missing' }],
      remedy: 'Send the Spark SQL in "statement".',
    });
  }
  const run: Partial<StatementBody> = 'asPrincipal' in body ? {} : body;
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
    ...(run.rowLimit === undefined ? {} : { rowLimit: run.rowLimit }),
    ...(run.byteLimit === undefined ? {} : { byteLimit: run.byteLimit }),
    ...(run.cache === undefined ? {} : { cache: run.cache }),
    ...(run.timeout === undefined ? {} : { timeoutMs: run.timeout }),
    ...(run.format === undefined ? {} : { format: run.format }),
  };
}

function planRefused(engine: StatementBody['engine']): GovernanceError {
  if (engine === 'spark') {
    return new GovernanceError('ENGINE_NOT_CONFIGURED', 'No Spark engine is configured on this gateway.', {
      remedy: 'Send a statement in Spark SQL with engine: auto or duckdb.',
    });
  }
  return new GovernanceError('BAD_REQUEST', 'A plan can only be sent with engine: spark.', {
    remedy: 'Send a statement in Spark SQL.',
  });
}

export type ResultFormat = 'json' | 'ndjson' | 'csv' | 'arrow' | 'parquet';
export const MEDIA_TYPES: Readonly<Record<ResultFormat, string>> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
};
const BY_TYPE: Readonly<Record<string, ResultFormat>> = {
  'application/json': 'json',
  'application/problem+json': 'json',
  'application/x-ndjson': 'ndjson',
  'text/csv': 'csv',
  'application/vnd.apache.arrow.stream': 'arrow',
  'application/vnd.apache.parquet': 'parquet',
};
/** These leave the choice to us. */
const ANY = ['*/*', 'application/*', 'text/*'];

/** What Accept asks for by name; undefined: anything will do. */
export function acceptedFormat(accept: string | undefined): ResultFormat | undefined {
  const wanted = preferredTypes(accept ?? '*/*');
  for (const type of wanted) {
    const named = BY_TYPE[type];
    if (named !== undefined) return named;
    if (ANY.includes(type)) return type === 'text/*' ? 'csv' : undefined;
  }
  throw new GovernanceError('NOT_ACCEPTABLE', 'None of the accepted types is served.', {
    remedy: `Accept ${Object.keys(BY_TYPE).join(', ')}.`,
  });
}
