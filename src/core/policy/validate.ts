/**
 * A document against the catalogue it will govern: masks fit their columns, row rules are conditions over the
 * tables they name. What may only be wrong (a table that is not there yet, masks that cannot be compared) is
 * a warning.
 */
import { type CatalogSnapshot, foldName, type TableMeta } from '../catalog/catalog.js';
import { typeName } from '../plan/types.js';
import { type CatalogScopes, catalogScopes } from './catalog-scopes.js';
import { type CompiledPolicies, compilePolicies, foldScope } from './compile.js';
import {
  type LineOf,
  noLines,
  type PolicyDocument,
  type Problem,
  placed,
  policyInvalid,
} from './document.js';
import { maskConflicts } from './mask-conflicts.js';
import { maskFits, maskOf } from './masks.js';
import { tableScopes } from './table-scopes.js';

export type WarningCode =
  | 'UNKNOWN_OBJECT'
  | 'MASKS_CONFLICT'
  | 'MASK_NULLS'
  | 'TAG_DENIES_TABLE'
  | 'NO_EFFECT'
  | 'CORES_NOT_KEPT'
  | 'NOT_TRIED';

export interface Warning {
  readonly code: WarningCode;
  readonly path: string;
  readonly text: string;
}

/** What is wrong with a row rule over this table (without one: over any), or nothing. */
export type RuleProblem = (where: string, table: TableMeta | undefined) => string | undefined;

export interface ValidateContext {
  readonly catalog: CatalogSnapshot;
  readonly ruleProblem: RuleProblem;
  /** The policies that the document will stand beside. */
  readonly inForce?: CompiledPolicies;
  readonly lineOf?: LineOf;
}

/** Row rules times tables that are tried for one document: saving must not stop the gateway. */
const TRIES_MAX = 2_000;
const WARNINGS_MAX = 100;

/** Throws POLICY_INVALID with every problem; gives the warnings. */
export function validatePolicy(document: PolicyDocument, context: ValidateContext): readonly Warning[] {
  const check = new Check(context);
  check.objects(document);
  check.rows(document);
  check.columns(document);
  check.conflicts(document);
  check.resources(document);
  if (check.problems.length > 0) throw policyInvalid(check.problems);
  return check.warnings.slice(0, WARNINGS_MAX);
}

class Check {
  readonly problems: Problem[] = [];
  readonly warnings: Warning[] = [];
  private readonly scopes: CatalogScopes;

  constructor(private readonly context: ValidateContext) {
    this.scopes = catalogScopes(context.catalog);
  }

  objects(document: PolicyDocument): void {
    const lists = { grants: document.grants, rows: document.rows, purposes: document.purposes };
    for (const [list, rules] of Object.entries(lists)) {
      rules.forEach((rule, i) => {
        for (const pattern of rule.on) this.known(pattern, `${list}.${i}.on`);
      });
    }
    for (const catalog of document.open ?? []) this.known(catalog, 'open');
    document.grants.forEach((grant, i) => {
      for (const pattern of grant.on) {
        if (pattern.startsWith('tag:')) this.tagGrant(pattern, grant.deny !== undefined, `grants.${i}.on`);
      }
    });
  }

  private known(pattern: string, path: string): void {
    if (this.tablesOf(pattern).length === 0) this.warn('UNKNOWN_OBJECT', path, `${pattern} is no table now`);
  }

  /** A tag on a column denies the whole table, and allows nothing. */
  private tagGrant(pattern: string, deny: boolean, path: string): void {
    const scope = foldScope(pattern);
    const byColumn = this.tablesOf(pattern).filter((table) => !tableScopes(table).own.includes(scope));
    const [first] = byColumn;
    if (first === undefined) return;
    if (deny) {
      const text = `${pattern} is on a column of ${first.id}: the whole table is denied (mask: hide takes the column alone)`;
      this.warn('TAG_DENIES_TABLE', path, text);
    } else {
      const text = `${pattern} is on a column of ${first.id}, which allows nothing: only a tag on the table does`;
      this.warn('NO_EFFECT', path, text);
    }
  }

  rows(document: PolicyDocument): void {
    let tries = 0;
    document.rows.forEach((row, i) => {
      const tables = new Set(row.on.flatMap((pattern) => this.tablesOf(pattern)));
      const path = ['rows', i, 'where'];
      const wrong = this.context.ruleProblem(row.where, undefined);
      if (wrong !== undefined) {
        this.problem(path, `is no condition: ${wrong}`);
        return;
      }
      for (const table of tables) {
        tries += 1;
        if (tries > TRIES_MAX) return;
        const problem = this.context.ruleProblem(row.where, table);
        if (problem !== undefined) this.problem(path, `does not fit ${table.id}: ${problem}`);
      }
    });
    if (tries > TRIES_MAX)
      this.warn('NOT_TRIED', 'rows', `only ${TRIES_MAX} pairs of row rule and table were tried`);
  }

  columns(document: PolicyDocument): void {
    document.columns.forEach((rule, i) => {
      const mask = rule.mask === undefined ? undefined : maskOf(rule.mask);
      for (const pattern of rule.on) {
        const columns = this.scopes.columns.get(foldName(pattern)) ?? [];
        if (columns.length === 0)
          this.warn('UNKNOWN_OBJECT', `columns.${i}.on`, `${pattern} is no column now`);
        for (const { table, column, inherited } of columns) {
          if (mask === undefined || maskFits(mask, column.type)) continue;
          const name = `${table.id}.${foldName(column.name)}`;
          const message = `${mask.kind} does not fit ${name}, which is ${typeName(column.type)}`;
          if (inherited) this.warn('MASK_NULLS', `columns.${i}.mask`, `${message}: it is NULL there`);
          else this.problem(['columns', i, 'mask'], message);
        }
      }
    });
  }

  conflicts(document: PolicyDocument): void {
    const mine = compilePolicies([{ document, version: 0 }], 0);
    for (const { rule, other, scope } of maskConflicts(mine, this.context.inForce, this.context.catalog)) {
      const path = `columns.${document.columns.findIndex((c, i) => (c.name ?? `columns.${i}`) === rule.rule)}.mask`;
      const name = other.policy === document.name ? other.rule : `${other.policy}/${other.rule}`;
      this.warn(
        'MASKS_CONFLICT',
        path,
        `cannot be compared with ${name}: where both apply, ${scope} is NULL`,
      );
    }
  }

  /** DuckDB's threads and the cores of a Spark application are of all statements together. */
  resources(document: PolicyDocument): void {
    document.resources.forEach(({ name, cores }, i) => {
      if (cores === undefined) return;
      const text = `${name}: no engine gives single statements a number of cores; concurrency and priority share them`;
      this.warn('CORES_NOT_KEPT', `resources.${i}.cores`, text);
    });
  }

  private tablesOf(pattern: string): readonly TableMeta[] {
    return this.scopes.tables.get(foldScope(pattern)) ?? [];
  }

  private problem(path: readonly PropertyKey[], message: string): void {
    this.problems.push(placed({ path, message }, this.context.lineOf ?? noLines));
  }

  private warn(code: WarningCode, path: string, text: string): void {
    this.warnings.push({ code, path, text });
  }
}
