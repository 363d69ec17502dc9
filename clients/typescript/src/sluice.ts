/** A client of a Sluice gateway. */
import { type Api, apiOf, dataOf, type Schemas } from './api.js';
import { statementParameters } from './parameters.js';
import { Query, type QueryOptions, type Row } from './query.js';
import { Audit, Catalog, Lineage, Policies, Statements, Tokens } from './resources.js';
import { Transport, type TransportOptions } from './transport.js';

export type { Api, Schemas } from './api.js';
export { type ErrorCode, type Problem, SluiceConnectionError, SluiceError } from './errors.js';
export type { Parameters, ParameterValue, TypedValue } from './parameters.js';
export type { Column, Governance, Query, QueryOptions, Row, Statement } from './query.js';
export type { TokenSource, TransportOptions as SluiceOptions } from './transport.js';

export interface ExplainOptions
  extends Pick<QueryOptions, 'params' | 'purpose' | 'catalog' | 'schema' | 'engine'> {
  /** As somebody else would see it, for who administers. */
  readonly asPrincipal?: string;
}

export class Sluice {
  /** Everything else that the gateway has, typed from its description. Answers that are not good are thrown. */
  readonly api: Api;
  readonly catalog: Catalog;
  readonly policies: Policies;
  readonly lineage: Lineage;
  readonly audit: Audit;
  readonly tokens: Tokens;
  readonly statements: Statements;
  readonly #transport: Transport;

  constructor(options: TransportOptions) {
    this.#transport = new Transport(options);
    this.api = apiOf(this.#transport);
    this.catalog = new Catalog(this.api);
    this.policies = new Policies(this.api);
    this.lineage = new Lineage(this.api);
    this.audit = new Audit(this.api);
    this.tokens = new Tokens(this.api);
    this.statements = new Statements(this.api);
  }

  /** A statement; it runs when its answer is first asked for. */
  query<R extends Row = Row>(sql: string, options: QueryOptions = {}): Query<R> {
    return new Query<R>(this.api, this.#transport, sql, options);
  }

  /** What would be decided about a statement, and why. Nothing runs. */
  explain(sql: string, options: ExplainOptions = {}): Promise<Schemas['Explanation']> {
    const { params, ...said } = options;
    const body = {
      statement: sql,
      ...said,
      ...(params === undefined ? {} : { parameters: statementParameters(params) }),
    };
    return dataOf(this.api.POST('/v1/statements/explain', { body }));
  }

  /** Who the caller is. */
  whoAmI(): Promise<Schemas['Identity']> {
    return dataOf(this.api.GET('/v1/principals/me'));
  }
}
