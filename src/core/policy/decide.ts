/**
 * The decision: which tables, which rows, which masks, and why. Order: explicit deny > restrictive > allow >
 * default deny. Pure: (policies, principal, purpose, tables, time) in, decision out.
 */
import { foldName, type TableMeta } from '../catalog/catalog.js';
import { CasbinDecider, type CasbinLine } from './casbin.js';
import {
  type BySubject,
  type CompiledPolicies,
  type FilterRule,
  type GrantRule,
  inForce,
  subjectKeys,
} from './compile.js';
import { decideColumns } from './decide-columns.js';
import type { Action, Decision, Notice, Principal, RowCondition, TableDecision } from './decision.js';

export const ACTIONS: readonly Action[] = ['browse', 'read', 'write', 'explain', 'code', 'administer'];

export interface DecideRequest {
  readonly principal: Principal;
  readonly purpose?: string;
  readonly tables: readonly TableMeta[];
  /** Epoch milliseconds. */
  readonly now: number;
}

const casbin = new CasbinDecider();

export function decide(policies: CompiledPolicies, request: DecideRequest): Decision {
  const subjects = subjectKeys(request.principal);
  const tables = new Map<string, TableDecision>();
  const notices: Notice[] = [];
  const denied: Decision['denied'][number][] = [];
  let remedy: string | undefined;
  for (const table of request.tables) {
    const missing = missingPurpose(policies, table, request.purpose);
    const decided = decideTable(policies, subjects, table, request.now);
    const allowed = decided.actions.read && missing === undefined;
    tables.set(
      table.id,
      allowed === decided.actions.read
        ? decided
        : { ...decided, actions: { ...decided.actions, read: false } },
    );
    if (decided.rows.kind === 'none') {
      notices.push({
        code: 'ROWS_NONE',
        text: `No row rule of ${table.id} applies to you, so it has no rows for you.`,
      });
    }
    if (allowed) continue;
    denied.push({ object: table.id, columns: table.columns.map((column) => column.name), action: 'read' });
    if (decided.actions.read && missing !== undefined) {
      notices.push({
        code: 'PURPOSE_REQUIRED',
        text: `${table.id} may be read for ${missing.join(' or ')}.`,
      });
      remedy ??= `Send "purpose": ${missing.map((p) => JSON.stringify(p)).join(' or ')}.`;
    } else {
      const owner = table.owner === undefined ? 'its owner' : `its owner, ${table.owner},`;
      remedy ??= `Ask ${owner} or a steward for the read right on ${table.id}.`;
    }
  }
  const validUntil = policies.boundaries.find((boundary) => boundary > request.now);
  return {
    policyVersion: policies.version,
    allowed: denied.length === 0,
    tables,
    denied,
    notices,
    ...(request.purpose === undefined ? {} : { purpose: request.purpose }),
    ...(remedy === undefined ? {} : { remedy }),
    ...(validUntil === undefined ? {} : { validUntil }),
  };
}

/** Catalog, schema, table, and the table's tags: the scopes whose rules speak of it. */
export function tableScopes(table: TableMeta): readonly string[] {
  const parts = table.id.split('.');
  return [
    ...parts.map((_, i) => parts.slice(0, i + 1).join('.')),
    ...table.tags.map((tag) => `tag:${foldName(tag)}`),
  ];
}

function decideTable(
  policies: CompiledPolicies,
  subjects: readonly string[],
  table: TableMeta,
  now: number,
): TableDecision {
  const scopes = tableScopes(table);
  const grants = matching(policies.grants, scopes, subjects, now);
  const actions = Object.fromEntries(
    ACTIONS.map((action) => [action, actionAllowed(policies, grants, scopes, subjects, action, table)]),
  ) as Record<Action, boolean>;
  return {
    object: table.id,
    actions,
    grants: grants.flatMap((grant) =>
      grant.actions.map((action) => ({
        policy: grant.policy,
        rule: grant.rule,
        version: grant.version,
        effect: grant.effect,
        action,
      })),
    ),
    rows: rowCondition(policies, scopes, subjects, now),
    columns: decideColumns(policies, table, subjects, now),
  };
}

/**
 * Casbin decides over the candidates; the lines are unique, so their number stays small however many
 * documents say the same.
 */
function actionAllowed(
  policies: CompiledPolicies,
  grants: readonly GrantRule[],
  scopes: readonly string[],
  subjects: readonly string[],
  action: Action,
  table: TableMeta,
): boolean {
  const lines = new Map<string, CasbinLine>();
  for (const grant of grants) {
    if (!grant.actions.includes(action)) continue;
    // One subject of the principal stands for the rule: which one does not change the answer.
    const subject = grant.to.find((key) => subjects.includes(key)) ?? '';
    lines.set(`${grant.scope} ${grant.effect}`, {
      subject,
      object: grant.scope,
      action,
      effect: grant.effect,
    });
  }
  if (lines.size > 0) return casbin.allowed(subjects, scopes, action, [...lines.values()]);
  const readable = action === 'browse' || action === 'read';
  return (
    readable &&
    policies.open.has(foldName(table.catalog)) &&
    !scopes.some((scope) => policies.grants.has(scope))
  );
}

export function canBrowse(
  policies: CompiledPolicies,
  principal: Principal,
  table: TableMeta,
  now: number,
): boolean {
  const subjects = subjectKeys(principal);
  const scopes = tableScopes(table);
  return actionAllowed(
    policies,
    matching(policies.grants, scopes, subjects, now),
    scopes,
    subjects,
    'browse',
    table,
  );
}

/** May do this on any object at all? Administration is not about one table. */
export function holdsAnywhere(
  policies: CompiledPolicies,
  principal: Principal,
  action: Action,
  now: number,
): boolean {
  const subjects = subjectKeys(principal);
  const all = matching(policies.grants, [...policies.grants.keys()], subjects, now).filter((g) =>
    g.actions.includes(action),
  );
  return all.some((g) => g.effect === 'allow') && !all.some((g) => g.effect === 'deny');
}

/** Rules of these scopes that speak to one of these subjects and are in force. */
export function matching<
  R extends { readonly except: readonly string[]; readonly windows: GrantRule['windows'] },
>(
  index: ReadonlyMap<string, BySubject<R>>,
  scopes: readonly string[],
  subjects: readonly string[],
  now: number,
): readonly R[] {
  const found = new Set<R>();
  for (const scope of scopes) {
    const bySubject = index.get(scope);
    if (bySubject === undefined) continue;
    for (const subject of subjects) {
      for (const rule of bySubject.get(subject) ?? []) {
        if (inForce(rule, now) && !rule.except.some((key) => subjects.includes(key))) found.add(rule);
      }
    }
  }
  return [...found];
}

/** Permissive rules OR inside one scope, restrictive rules AND on top, scopes AND each other. */
function rowCondition(
  policies: CompiledPolicies,
  scopes: readonly string[],
  subjects: readonly string[],
  now: number,
): RowCondition {
  const parts: RowCondition[] = [];
  for (const scope of scopes) {
    const bySubject = policies.rows.get(scope);
    if (bySubject === undefined) continue;
    const rules = matching(policies.rows, [scope], subjects, now);
    const permissive = rules.filter((rule) => rule.row.mode === 'permissive');
    if (permissive.length > 0) parts.push(combined('or', permissive));
    else if (hasPermissive(bySubject, now)) return { kind: 'none' };
    const restrictive = rules.filter((rule) => rule.row.mode === 'restrictive');
    for (const rule of restrictive) parts.push({ kind: 'rule', rule: rule.row });
  }
  const [only] = parts;
  if (only === undefined) return { kind: 'all' };
  return parts.length === 1 ? only : { kind: 'and', parts };
}

function combined(kind: 'or', rules: readonly FilterRule[]): RowCondition {
  const parts = rules.map((rule): RowCondition => ({ kind: 'rule', rule: rule.row }));
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind, parts };
}

const hasPermissive = (bySubject: BySubject<FilterRule>, now: number): boolean =>
  [...bySubject.values()].some((rules) =>
    rules.some((rule) => rule.row.mode === 'permissive' && inForce(rule, now)),
  );

/** The purposes a table may be read for, when the one given is not among them. */
function missingPurpose(
  policies: CompiledPolicies,
  table: TableMeta,
  purpose: string | undefined,
): readonly string[] | undefined {
  if (policies.purposes.size === 0) return undefined;
  const tags = table.columns.flatMap((column) => column.tags.map((tag) => `tag:${foldName(tag)}`));
  const scopes = new Set([...tableScopes(table), ...tags]);
  for (const scope of scopes) {
    for (const rule of policies.purposes.get(scope) ?? []) {
      if (purpose === undefined || !rule.require.includes(purpose)) return rule.require;
    }
  }
  return undefined;
}
