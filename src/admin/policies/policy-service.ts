/** Policies through the API: validated against the catalogue as it is, then stored, then in force. */
import type { CatalogSnapshot, TableMeta } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import type { Principal } from '../../core/policy/decision.js';
import { noLines, type PolicyDocument, parsePolicy } from '../../core/policy/document.js';
import { parsePolicyYaml } from '../../core/policy/policy-yaml.js';
import { validatePolicy, type Warning } from '../../core/policy/validate.js';
import type { PolicyHolder } from '../../gateway/policy-holder.js';
import { ruleProblems } from '../../gateway/rule-problems.js';
import type { PolicyChange, PolicyDocuments, StoredPolicy } from '../../store/policy-documents.js';

export interface SavedPolicy {
  readonly name: string;
  readonly version: number;
  readonly policyVersion: number;
  readonly warnings: readonly Warning[];
}

export interface PolicyServiceDeps {
  readonly documents: PolicyDocuments;
  readonly holder: PolicyHolder;
  readonly catalog: () => CatalogSnapshot;
  /** Names that `:principal.x` may use. */
  readonly attributeNames: () => Promise<ReadonlySet<string>>;
}

export class PolicyService {
  constructor(private readonly deps: PolicyServiceDeps) {}

  list(): readonly StoredPolicy[] {
    return this.deps.holder.documents().documents;
  }

  get(name: string): StoredPolicy {
    const found = this.list().find((document) => document.name === name);
    if (found === undefined) throw new GovernanceError('NOT_FOUND', `There is no policy ${name}.`);
    return found;
  }

  versions(before: number | undefined, limit: number): Promise<readonly PolicyChange[]> {
    return this.deps.documents.history(before, limit);
  }

  /**
   * Text is YAML; anything else the object itself. Without an author it is the operator's, whose files are their
   * own right. Throws POLICY_INVALID with every problem.
   */
  async validate(
    input: unknown,
    author?: Principal,
  ): Promise<{ document: PolicyDocument; warnings: readonly Warning[] }> {
    const { document, lineOf } =
      typeof input === 'string' ? parsePolicyYaml(input) : { document: parsePolicy(input), lineOf: noLines };
    const catalog = this.deps.catalog();
    const warnings = validatePolicy(document, {
      catalog,
      ruleProblem: ruleProblems(catalog, {
        attributes: await this.deps.attributeNames(),
        readsRaw: (table) => author === undefined || this.readsRaw(author, table),
      }),
      inForce: this.deps.holder.current().compiled,
      lineOf,
    });
    return { document, warnings };
  }

  async create(input: unknown, author: Principal): Promise<SavedPolicy> {
    const { document, warnings } = await this.validate(input, author);
    return this.save(
      { kind: 'put', name: document.name, body: document, mustBe: 'new' },
      author.user,
      warnings,
    );
  }

  async replace(
    name: string,
    input: unknown,
    ifVersion: number | undefined,
    author: Principal,
  ): Promise<SavedPolicy> {
    const { document, warnings } = await this.validate(input, author);
    if (document.name !== name) {
      throw new GovernanceError('BAD_REQUEST', `The document is called ${document.name}, not ${name}.`, {
        remedy: 'Use the name of the document in the path.',
      });
    }
    const write = {
      kind: 'put',
      name,
      body: document,
      mustBe: 'known',
      ...(ifVersion === undefined ? {} : { ifVersion }),
    } as const;
    return this.save(write, author.user, warnings);
  }

  async remove(name: string, ifVersion: number | undefined, author: Principal): Promise<void> {
    this.get(name);
    await this.deps.documents.write(
      [{ kind: 'remove', name, ...(ifVersion === undefined ? {} : { ifVersion }) }],
      'api',
      author.user,
    );
    await this.deps.holder.reload();
  }

  /** Every row and every column as they are. */
  private readsRaw(author: Principal, table: TableMeta): boolean {
    const { tables } = this.deps.holder
      .current()
      .decide({ principal: author, tables: [table], now: Date.now() });
    const decided = tables.get(table.id);
    return (
      decided?.actions.read === true &&
      decided.rows.kind === 'all' &&
      decided.columns.every((column) => column.mask.kind === 'clear')
    );
  }

  private async save(
    write: Parameters<PolicyDocuments['write']>[0][number],
    actor: string,
    warnings: readonly Warning[],
  ): Promise<SavedPolicy> {
    const policyVersion = await this.deps.documents.write([write], 'api', actor);
    await this.deps.holder.reload();
    const saved = this.list().find((document) => document.name === write.name);
    return { name: write.name, version: saved?.version ?? 1, policyVersion, warnings };
  }
}
