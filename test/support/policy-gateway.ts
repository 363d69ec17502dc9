/** Two gateways' worth of policies over one database, and what a person may do under them. */

import { PolicyFiles } from '../../src/admin/policies/policy-files.js';
import { PolicyService } from '../../src/admin/policies/policy-service.js';
import type { CatalogSnapshot, TableMeta } from '../../src/core/catalog/catalog.js';
import { STRING } from '../../src/core/plan/types.js';
import type { Principal } from '../../src/core/policy/decision.js';
import { PolicyHolder } from '../../src/gateway/policy-holder.js';
import { Database } from '../../src/store/database.js';
import { PolicyDocuments } from '../../src/store/policy-documents.js';

/** What is promised. */
const IN_FORCE_MAX_MS = 1_000;

export const TABLE: TableMeta = {
  id: 'shop.crm.customers',
  catalog: 'shop',
  schema: 'crm',
  table: 'customers',
  columns: [{ name: 'email', type: STRING, nullable: true, tags: [] }],
  tags: [],
  source: { format: 'parquet', files: [], partitions: [] },
  version: '1',
};
const OTHER: TableMeta = { ...TABLE, id: 'shop.hr.people', schema: 'hr', table: 'people' };
const CATALOG: CatalogSnapshot = {
  version: '1',
  tables: new Map([TABLE, OTHER].map((table) => [table.id, table])),
};
export const reader = (name: string, who: string): Record<string, unknown> => ({
  kind: 'policy',
  name,
  grants: [{ allow: ['browse', 'read'], to: [`user:${who}`], on: ['shop'] }],
});
export const yaml = (name: string, who: string): string =>
  `kind: policy\nname: ${name}\ngrants:\n  - { allow: [browse, read], to: [user:${who}], on: [shop] }\n`;

export const person = (user: string): Principal => ({
  user,
  roles: [],
  groups: [],
  attributes: {},
  via: 'test',
});

export class PolicyGateway {
  readonly problems: string[] = [];
  readonly database: Database;
  readonly documents: PolicyDocuments;
  readonly holder: PolicyHolder;
  readonly service: PolicyService;

  constructor(url: string) {
    this.database = new Database({ url, connectionsMax: 2, applicationName: 'spec' });
    this.documents = new PolicyDocuments(this.database);
    this.holder = new PolicyHolder({
      documents: this.documents,
      url,
      onChange: () => undefined,
      onProblem: (document, problem) => this.problems.push(`${document}: ${problem}`),
    });
    this.service = new PolicyService({
      documents: this.documents,
      holder: this.holder,
      catalog: () => CATALOG,
      attributeNames: async () => new Set(['countries']),
    });
  }

  files(directory: string): PolicyFiles {
    const { documents, holder, service } = this;
    const onProblem = (file: string, problem: string): number => this.problems.push(`${file}: ${problem}`);
    return new PolicyFiles({ directory, documents, holder, service, onProblem });
  }

  mayRead(user: string): boolean {
    return this.holder.current().decide({ principal: person(user), tables: [TABLE], now: 0 }).allowed;
  }

  async close(): Promise<void> {
    await this.holder.stop();
    await this.database.close();
  }

  /** Without any policy, and nothing told. */
  async clear(): Promise<void> {
    for (const { name, source } of (await this.documents.all()).documents)
      await this.documents.write([{ kind: 'remove', name }], source, 'spec');
    await this.holder.reload();
    this.problems.length = 0;
  }
}

/** How long it takes until it is so; more than is promised, and it fails. */
export async function soon(check: () => boolean | Promise<boolean>, maxMs = IN_FORCE_MAX_MS): Promise<void> {
  const started = performance.now();
  while (!(await check())) {
    if (performance.now() - started > maxMs) throw new Error(`not so after ${maxMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
