/** What people manage and look up, by noun. */
import { type Api, dataOf, jsonOf, type Schemas } from './api.js';
import type { operations } from './generated/api.js';
import { eachItem, type Page } from './pages.js';

type Queries<Operation extends keyof operations> = NonNullable<operations[Operation]['parameters']['query']>;
/** For If-Match: the version that was read. */
const ifMatch = (version: number | undefined) =>
  version === undefined ? {} : { header: { 'If-Match': `"${version}"` } };

export class Catalog {
  constructor(private readonly api: Api) {}

  /** Tables that the caller may browse. */
  tables(): AsyncGenerator<Schemas['TableSummary']> {
    return eachItem((query) => dataOf(this.api.GET('/v1/catalog/tables', { params: { query } })));
  }

  /** One table, its columns as the caller would see them. */
  table(name: string): Promise<Schemas['Table']> {
    return dataOf(this.api.GET('/v1/catalog/tables/{name}', { params: { path: { name } } }));
  }

  async tags() {
    return (await dataOf(this.api.GET('/v1/catalog/tags'))).items;
  }
}

export class Policies {
  constructor(private readonly api: Api) {}

  list(): AsyncGenerator<Schemas['Policy']> {
    return eachItem((query) => dataOf(this.api.GET('/v1/policies', { params: { query } })));
  }

  get(name: string): Promise<Schemas['Policy']> {
    return dataOf(this.api.GET('/v1/policies/{name}', { params: { path: { name } } }));
  }

  /** In force when this resolves. */
  create(document: Schemas['PolicyDocument']): Promise<Schemas['SavedPolicy']> {
    return dataOf(this.api.POST('/v1/policies', { body: document }));
  }

  /** `version`: the one that was read; refused when somebody has changed it since. */
  replace(
    name: string,
    document: Schemas['PolicyDocument'],
    version?: number,
  ): Promise<Schemas['SavedPolicy']> {
    const params = { path: { name }, ...ifMatch(version) };
    return dataOf(this.api.PUT('/v1/policies/{name}', { params, body: document }));
  }

  async remove(name: string, version?: number): Promise<void> {
    await this.api.DELETE('/v1/policies/{name}', { params: { path: { name }, ...ifMatch(version) } });
  }

  /** Runs a file of policy tests, given as YAML, over what is in force with `documents` in place. */
  async test(
    tests: string,
    documents: Schemas['PolicyTestFile']['documents'] = [],
  ): Promise<Schemas['PolicyTestResults']> {
    const body = { tests, documents };
    return (await dataOf(this.api.POST('/v1/policies/test', { body }))) as Schemas['PolicyTestResults'];
  }

  /** What documents would change for a principal. */
  async diff(trial: Schemas['PolicyTrial']) {
    return (await dataOf(this.api.POST('/v1/policies/diff', { body: trial }))).changes;
  }

  versions(): AsyncGenerator<Schemas['PolicyChange']> {
    return eachItem((query) => dataOf(this.api.GET('/v1/policies/versions', { params: { query } })));
  }
}

export class Lineage {
  constructor(private readonly api: Api) {}

  /** Where the columns of a table or result come from, and what they reach. */
  graph(object: string, query: Queries<'getLineage'> = {}): Promise<Schemas['LineageGraph']> {
    return dataOf(this.api.GET('/v1/lineage/{object}', { params: { path: { object }, query } }));
  }

  impact(object: string, query: Queries<'getImpact'> = {}): Promise<Schemas['LineageImpact']> {
    return dataOf(this.api.GET('/v1/lineage/{object}/impact', { params: { path: { object }, query } }));
  }

  tags(object: string, query: Queries<'getTagFlow'> = {}): Promise<Schemas['TagFlow']> {
    return dataOf(this.api.GET('/v1/lineage/{object}/tags', { params: { path: { object }, query } }));
  }
}

export class Audit {
  constructor(private readonly api: Api) {}

  /** Events, newest first. */
  events(filter: Omit<Queries<'listAuditEvents'>, 'cursor'> = {}): AsyncGenerator<Schemas['AuditEvent']> {
    return eachItem((cursor) =>
      jsonOf<Page<Schemas['AuditEvent']>>(
        this.api.GET('/v1/audit/events', { params: { query: { ...filter, ...cursor } } }),
      ),
    );
  }

  checkpoints(): AsyncGenerator<Schemas['Checkpoint']> {
    return eachItem((query) => dataOf(this.api.GET('/v1/audit/checkpoints', { params: { query } })));
  }

  /** That an event is in the log, up to a signed checkpoint. */
  proof(eventId: string) {
    return dataOf(this.api.GET('/v1/audit/proofs/{eventId}', { params: { path: { eventId } } }));
  }

  /** The whole log as NDJSON, for `sluice audit verify`. */
  async export({ personal = false } = {}): Promise<ReadableStream<Uint8Array>> {
    const params = { query: { personal: personal ? 'true' : 'false' } } as const;
    const { response } = await this.api.GET('/v1/audit/export', { params, parseAs: 'stream' });
    return response.body ?? new ReadableStream({ start: (controller) => controller.close() });
  }
}

export class Tokens {
  constructor(private readonly api: Api) {}

  list(): AsyncGenerator<Schemas['Token']> {
    return eachItem((query) => dataOf(this.api.GET('/v1/tokens', { params: { query } })));
  }

  /** The secret is in this answer and nowhere else. */
  create(token: Schemas['CreateToken']): Promise<Schemas['NewToken']> {
    return dataOf(this.api.POST('/v1/tokens', { body: token }));
  }

  async revoke(id: string): Promise<void> {
    await this.api.DELETE('/v1/tokens/{id}', { params: { path: { id } } });
  }
}

export class Statements {
  constructor(private readonly api: Api) {}

  /** One's own, newest first. */
  list(): AsyncGenerator<Schemas['StatementItem']> {
    return eachItem((query) => dataOf(this.api.GET('/v1/statements', { params: { query } })));
  }

  get(id: string): Promise<Schemas['Statement']> {
    return dataOf(this.api.GET('/v1/statements/{id}', { params: { path: { id } } }));
  }

  async cancel(id: string): Promise<void> {
    await this.api.POST('/v1/statements/{id}/cancel', { params: { path: { id } } });
  }

  /** Cancels it and forgets its result. */
  async remove(id: string): Promise<void> {
    await this.api.DELETE('/v1/statements/{id}', { params: { path: { id } } });
  }

  /** What was decided and handed out, signed, with its proofs. */
  receipt(id: string): Promise<Schemas['Receipt']> {
    return dataOf(this.api.GET('/v1/statements/{id}/receipt', { params: { path: { id } } }));
  }
}
