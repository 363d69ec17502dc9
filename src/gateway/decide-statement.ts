/**
 * Bind and decide: which tables a statement means, as this principal may know them, and what the policies say
 * of them. Metadata statements become plans over constant rows here.
 */
import { randomUUID } from 'node:crypto';
import { bindQuery } from '../core/bind/bind.js';
import type { CatalogSnapshot } from '../core/catalog/catalog.js';
import { GovernanceError } from '../core/errors.js';
import type { BoundQuery } from '../core/plan/plan.js';
import type { Decision } from '../core/policy/decision.js';
import type { Query, Statement } from '../core/sql/ast.js';
import { isWrite } from '../core/sql/ast-write.js';
import { statementRefused } from '../core/sql/refused-statement.js';
import type { Engine } from '../engines/engine.js';
import { type BindScope, bindContext, browsable } from './bind-context.js';
import { explainRows } from './explain-rows.js';
import { refuseDeniedPredicates } from './governance.js';
import {
  describeFunction,
  describeOutput,
  describeTable,
  type MetadataContext,
  showQuery,
  useQuery,
} from './metadata-rows.js';
import type { Policies } from './policies.js';
import type { Caller, StatementRequest } from './statement.js';
import type { Stopwatch } from './timings.js';
import { explainWriteRows } from './write/explain-write.js';

export interface GovernDeps {
  readonly catalog: () => CatalogSnapshot;
  readonly policies: Policies;
  readonly engineFor: (choice: StatementRequest['engine']) => Engine;
  readonly clock: () => Date;
  readonly defaultCatalog: () => string;
}

export interface BoundAndDecided {
  readonly bound: BoundQuery;
  readonly decision: Decision;
}

/** Bind and decide, also without running: EXPLAIN and `explain` stop here when a table is denied. */
export function bindAndDecide(statement: Statement, scope: BindScope, watch: Stopwatch): BoundAndDecided {
  const bound = watch.timeSync('bind', () => bindStatement(statement, scope, watch));
  const decision = watch.timeSync('decide', () => decideFor(bound, scope));
  requireAllowed(decision, scope.decisionId);
  refuseDeniedPredicates(bound, decision);
  return { bound, decision };
}

export function scopeOf(deps: GovernDeps, caller: Caller, request: StatementRequest): BindScope {
  return {
    catalog: deps.catalog(),
    policies: deps.policies.current(),
    principal: caller.principal,
    request,
    now: deps.clock(),
    decisionId: randomUUID(),
    currentCatalog: request.catalog ?? deps.defaultCatalog(),
    currentSchema: request.schema ?? 'main',
  };
}

export function bindStatement(statement: Statement, scope: BindScope, watch: Stopwatch): BoundQuery {
  const metadata: MetadataContext = {
    catalog: scope.catalog,
    currentCatalog: scope.currentCatalog,
    currentSchema: scope.currentSchema,
    browse: (table) => browsable(scope, table),
  };
  switch (statement.kind) {
    case 'query-statement':
      return bind(statement.query, scope);
    case 'describe-query':
      return describeOutput(bind(statement.query, scope).output);
    case 'describe-table':
      return describeTable(statement, metadata);
    case 'describe-function':
      return describeFunction(statement.name, statement.at);
    case 'show':
      return showQuery(statement, metadata);
    case 'use':
      return useQuery(statement, metadata);
    case 'explain':
      if (isWrite(statement.statement)) return explainWriteRows(statement.statement, scope);
      return explainRows(bindAndDecide(statement.statement, scope, watch), scope);
    default:
      throw statementRefused('Writing', statement.at, 'Send a query here.');
  }
}

const bind = (query: Query, scope: BindScope): BoundQuery => bindQuery(query, bindContext(scope));

export function decideFor(
  bound: { readonly leaves: readonly Pick<BoundQuery['leaves'][number], 'table'>[] },
  scope: BindScope,
): Decision {
  const tables = [...new Set(bound.leaves.map((leaf) => leaf.table))].map((id) => {
    const table = scope.catalog.tables.get(id);
    if (table === undefined) throw new Error('a bound leaf is not in the catalogue');
    return table;
  });
  const { principal, request } = scope;
  return scope.policies.decide({
    principal,
    tables,
    now: scope.now.getTime(),
    ...(request.purpose === undefined ? {} : { purpose: request.purpose }),
  });
}

export function requireAllowed(decision: Decision, decisionId: string): void {
  if (decision.allowed) return;
  const names = decision.denied.map((denied) => denied.object).join(', ');
  const has = (wanted: string): boolean => decision.notices.some(({ code }) => code === wanted);
  const [code, message] = has('TABLE_CLOSED')
    ? (['TABLE_CLOSED', `${names} is closed: its columns are not those that its rules name.`] as const)
    : has('PURPOSE_REQUIRED')
      ? (['PURPOSE_REQUIRED', `A purpose is required to read ${names}.`] as const)
      : (['ACCESS_DENIED', `You may not read ${names}.`] as const);
  throw new GovernanceError(code, message, {
    decisionId,
    denied: decision.denied,
    sqlState: '42501',
    remedy: decision.remedy ?? 'Ask the owner of the data for the read right.',
  });
}
