/**
 * What the binder may know: the tables and columns this principal may know of, the parameters and the facts
 * of the session. The same for the row rules of policies, which bind over raw columns.
 */

import { LRUCache } from 'lru-cache';
import { type BindContext, type BoundTable, bindCondition } from '../core/bind/bind.js';
import { type CatalogSnapshot, foldName, type TableMeta } from '../core/catalog/catalog.js';
import { GovernanceError } from '../core/errors.js';
import type { Expr, LiteralExpr, ScanColumn } from '../core/plan/plan.js';
import { BOOLEAN, DOUBLE, INT, STRING } from '../core/plan/types.js';
import type { AttributeValue, Principal, RowRule } from '../core/policy/decision.js';
import type { IdSource } from '../core/rewrite/secure.js';
import type { Expression } from '../core/sql/ast.js';
import type { KnownFunctions } from '../core/sql/functions/session-table.js';
import { functionTable } from '../core/sql/functions/table.js';
import { parseExpression } from '../core/sql/parse.js';
import { bindParameters } from './parameters.js';
import type { PolicyView } from './policies.js';
import type { StatementRequest } from './statement.js';

/** Parsed row rules that are kept, by text. */
const PARSED_RULES_MAX = 2_000;
const parsedRules = new LRUCache<string, Expression>({ max: PARSED_RULES_MAX });

/** One statement's view of the world: one policy version, one catalogue, one moment. */
export interface BindScope {
  readonly catalog: CatalogSnapshot;
  readonly policies: PolicyView;
  readonly principal: Principal;
  readonly request: StatementRequest;
  readonly now: Date;
  readonly decisionId: string;
  readonly currentCatalog: string;
  readonly currentSchema: string;
  /** Functions that the session adds, for its own statements only. Absent: none. */
  readonly functions?: KnownFunctions;
}

/** The table without its hidden columns; undefined when the principal may not know of it. */
export function browsable(scope: BindScope, table: TableMeta): TableMeta | undefined {
  const now = scope.now.getTime();
  if (!scope.policies.canBrowse(scope.principal, table, now)) return undefined;
  const { principal, request } = scope;
  const decision = scope.policies.decide({
    principal,
    tables: [table],
    now,
    ...(request.purpose === undefined ? {} : { purpose: request.purpose }),
  });
  const hidden = (decision.tables.get(table.id)?.columns ?? []).filter((c) => c.mask.kind === 'hide');
  if (hidden.length === 0) return table;
  const names = new Set(hidden.map((column) => foldName(column.column)));
  return { ...table, columns: table.columns.filter((column) => !names.has(foldName(column.name))) };
}

/** For the principal's own statement. */
export function bindContext(scope: BindScope): BindContext {
  return {
    ...sessionOf(scope),
    functions: scope.functions ?? functionTable,
    parameters: bindParameters(scope.request.parameters),
    resolveTable: (parts) => {
      const table = lookUp(scope, parts);
      const known = table && browsable(scope, table);
      return known && boundTable(known);
    },
  };
}

const boundTable = ({ id, columns, source }: TableMeta): BoundTable => ({
  id,
  columns,
  ...(source.format === 'delta' ? { versions: source.versions } : {}),
});

/**
 * For a row rule: raw columns, every table (by the right of the rule's author), `:principal.x` as attributes.
 */
export function bindRowRule(
  scope: BindScope,
  rule: RowRule,
  table: TableMeta,
  raw: readonly ScanColumn[],
  ids: IdSource,
): Expr {
  try {
    return bindCondition(parsedRule(rule.where), raw, {
      ...sessionOf(scope),
      currentCatalog: table.catalog,
      currentSchema: table.schema,
      ids,
      parameters: { named: attributeParameters(scope.principal), positional: [] },
      resolveTable: (parts) => {
        const found = lookUp({ ...scope, currentCatalog: table.catalog, currentSchema: table.schema }, parts);
        return found && { id: found.id, columns: found.columns };
      },
    });
  } catch (cause) {
    // The rule was checked when it was saved; the schema or the principal's attributes do not fit it now.
    // Fail closed.
    throw new GovernanceError(
      'ACCESS_DENIED',
      `The row rule ${rule.policy}/${rule.rule} cannot be applied to you, so ${table.id} cannot be read.`,
      {
        decisionId: scope.decisionId,
        denied: [{ object: table.id, action: 'read' }],
        sqlState: '42501',
        remedy: 'Ask a steward: an attribute that the rule needs is missing, or the table has changed.',
      },
      cause,
    );
  }
}

/** As literals of it are written. */
export const momentOf = (now: Date): string =>
  now.toISOString().replace('T', ' ').replace('Z', '').padEnd(26, '0');

const sessionOf = (scope: BindScope) => ({
  functions: functionTable,
  currentUser: scope.principal.user,
  currentCatalog: scope.currentCatalog,
  currentSchema: scope.currentSchema,
  now: { timestamp: momentOf(scope.now) },
});

/** The table of this name, whoever asks; nobody is told of it before `browsable` was asked. */
export function lookUp(
  scope: Pick<BindScope, 'catalog' | 'currentCatalog' | 'currentSchema'>,
  parts: readonly string[],
): TableMeta | undefined {
  const padded = [scope.currentCatalog, scope.currentSchema].slice(0, Math.max(0, 3 - parts.length));
  const table = scope.catalog.tables.get([...padded, ...parts].map(foldName).join('.'));
  // A quoted part with dots in it must not reach across parts.
  return table && [...padded, ...parts].length === 3 && !parts.some((p) => p.includes('.'))
    ? table
    : undefined;
}

function parsedRule(where: string): Expression {
  const known = parsedRules.get(where);
  if (known !== undefined) return known;
  const parsed = parseExpression(where, { parameters: 'policy' });
  parsedRules.set(where, parsed);
  return parsed;
}

/** `:principal.user` and `:principal.<attribute>`; lists may stand in IN (...) only. */
export function attributeParameters(
  principal: Principal,
): ReadonlyMap<string, LiteralExpr | readonly LiteralExpr[]> {
  const parameters = new Map<string, LiteralExpr | readonly LiteralExpr[]>();
  for (const [name, value] of Object.entries(principal.attributes)) {
    parameters.set(`principal.${name}`, attributeLiteral(value));
  }
  parameters.set('principal.user', scalar(principal.user));
  return parameters;
}

const attributeLiteral = (value: AttributeValue): LiteralExpr | readonly LiteralExpr[] =>
  typeof value === 'object' ? value.map(scalar) : scalar(value);

function scalar(value: string | number | boolean): LiteralExpr {
  if (typeof value === 'string') return { kind: 'literal', type: STRING, nullable: false, value };
  if (typeof value === 'boolean') return { kind: 'literal', type: BOOLEAN, nullable: false, value };
  const whole = Number.isInteger(value) && Math.abs(value) <= 2147483647;
  return whole
    ? { kind: 'literal', type: INT, nullable: false, value: BigInt(value) }
    : { kind: 'literal', type: DOUBLE, nullable: false, value };
}
