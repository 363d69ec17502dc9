/**
 * The decision: which tables, which rows, which masks, and why. Order: explicit deny > restrictive > allow >
 * default deny. Pure: (policies, principal, purpose, tables, time) in, decision out.
 */
import { foldName, type TableMeta } from '../catalog/catalog.js';
import { isOwnSchema } from '../catalog/work-schema.js';
import { CasbinDecider, type CasbinLine } from './casbin.js';
import { closingDrift } from './closing-drift.js';
import {
  type CompiledPolicies,
  type FilterRule,
  type GrantRule,
  type Index,
  inForce,
  type MaskRule,
  stretchAround,
  subjectKeys,
} from './compile.js';
import { decideColumns } from './decide-columns.js';
import type { Action, Decision, Notice, Principal, RowCondition, TableDecision } from './decision.js';
import { tableScopes } from './table-scopes.js';

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
  const tables = new Map<string, TableDecision>();
  const notices: Notice[] = [];
  const denied: Decision['denied'][number][] = [];
  let remedy: string | undefined;
  for (const table of request.tables) {
    const missing = missingPurpose(policies, table, request.purpose, request.now);
    const decided = decideTable(policies, request.principal, table, request.now);
    const closed = closingDrift(policies, table).length > 0;
    const allowed = decided.actions.read && missing === undefined && !closed;
    tables.set(
      table.id,
      allowed === decided.actions.read
        ? decided
        : { ...decided, actions: { ...decided.actions, read: false } },
    );
    if (allowed && decided.rows.kind === 'none') {
      notices.push({
        code: 'ROWS_NONE',
        text: `No row rule of ${table.id} applies to you, so it has no rows for you.`,
      });
    }
    if (allowed) continue;
    denied.push({ object: table.id, columns: shownColumns(decided), action: 'read' });
    if (decided.actions.read && closed) {
      notices.push({
        code: 'TABLE_CLOSED',
        text: `Columns of ${table.id} that rules name are gone or of another type, so nobody may read it.`,
      });
      remedy ??= `An administrator sees what changed at GET /v1/catalog/tables/${table.id}, and accepts it at PUT .../schema.`;
    } else if (decided.actions.read && missing !== undefined) {
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
  const { until } = stretchAround(policies, request.now);
  return {
    policyVersion: policies.version,
    allowed: denied.length === 0,
    tables,
    denied,
    notices,
    ...(request.purpose === undefined ? {} : { purpose: request.purpose }),
    ...(remedy === undefined ? {} : { remedy }),
    ...(until === Number.POSITIVE_INFINITY ? {} : { validUntil: until }),
  };
}

function decideTable(
  policies: CompiledPolicies,
  principal: Principal,
  table: TableMeta,
  now: number,
): TableDecision {
  const subjects = subjectKeys(principal);
  const scopes = tableScopes(table);
  const grants = grantsFor(policies, principal, table, now);
  const question: Question = { policies, grants, scopes: scopes.all, subjects, now, table };
  const actions = Object.fromEntries(
    ACTIONS.map((action) => [action, actionAllowed(question, action)]),
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
    rows: rowCondition(policies, scopes.all, subjects, now),
    columns: decideColumns(policies, table, subjects, now),
  };
}

/** A tag on a column denies the whole table, and never allows it. */
function grantsFor(
  policies: CompiledPolicies,
  principal: Principal,
  table: TableMeta,
  now: number,
): readonly GrantRule[] {
  const { own, all } = tableScopes(table);
  const found = matching(policies.grants, all, subjectKeys(principal), now).filter(
    (grant) => grant.effect === 'deny' || own.includes(grant.scope),
  );
  return isOwnSchema(principal.user, table) ? [...found, ownSchemaGrant(principal, table)] : found;
}

/** What every principal may do in their own schema; a `deny` of a document still beats it. */
const ownSchemaGrant = (principal: Principal, { catalog, schema }: TableMeta): GrantRule => ({
  policy: 'built-in',
  rule: 'own-schema',
  version: 0,
  scope: `${foldName(catalog)}.${foldName(schema)}`,
  to: [`user:${principal.user}`],
  except: [],
  windows: [],
  effect: 'allow',
  actions: ['browse', 'read', 'write'],
});

interface Question {
  readonly policies: CompiledPolicies;
  readonly grants: readonly GrantRule[];
  readonly scopes: readonly string[];
  readonly subjects: readonly string[];
  readonly now: number;
  readonly table: TableMeta;
}

/**
 * Casbin decides over the candidates; the lines are unique, so their number stays small however many
 * documents say the same.
 */
function actionAllowed(question: Question, action: Action): boolean {
  const { policies, grants, scopes, subjects, now, table } = question;
  const lines = new Map<string, CasbinLine>();
  for (const { actions, effect, scope, to } of grants) {
    if (!actions.includes(action)) continue;
    // One subject of the principal stands for the rule: which one does not change the answer.
    const subject = to.find((key) => subjects.includes(key)) ?? '';
    lines.set(`${effect} ${scope}`, { subject, object: scope, action, effect });
  }
  if (lines.size > 0) return casbin.allowed(subjects, scopes, action, [...lines.values()]);
  const open = policies.open.get(foldName(table.catalog)) ?? [];
  return (
    (action === 'browse' || action === 'read') &&
    open.some((opening) => inForce(opening, now)) &&
    !scopes.some((scope) => policies.grants.has(scope))
  );
}

/** A hidden column is not there, in refusals either. */
const shownColumns = (table: TableDecision): readonly string[] =>
  table.columns.filter((column) => column.mask.kind !== 'hide').map((column) => column.column);

export function canBrowse(
  policies: CompiledPolicies,
  principal: Principal,
  table: TableMeta,
  now: number,
): boolean {
  const subjects = subjectKeys(principal);
  const scopes = tableScopes(table);
  const grants = grantsFor(policies, principal, table, now);
  return actionAllowed({ policies, grants, scopes: scopes.all, subjects, now, table }, 'browse');
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
export function matching<R extends GrantRule | FilterRule | MaskRule>(
  index: Index<R>,
  scopes: readonly string[],
  subjects: readonly string[],
  now: number,
): readonly R[] {
  const found: R[] = [];
  for (const scope of scopes) {
    for (const rule of index.get(scope)?.speakingTo(subjects) ?? []) {
      if (inForce(rule, now) && !rule.except.some((key) => subjects.includes(key))) found.push(rule);
    }
  }
  return found;
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
    const all = policies.rows.get(scope)?.all;
    if (all === undefined) continue;
    const rules = matching(policies.rows, [scope], subjects, now);
    const permissive = rules.filter((rule) => rule.mode === 'permissive');
    if (permissive.length > 0) parts.push(combined('or', permissive));
    else if (all.some((rule) => rule.mode === 'permissive' && inForce(rule, now))) return { kind: 'none' };
    const restrictive = rules.filter((rule) => rule.mode === 'restrictive');
    parts.push(...restrictive.map(ruleCondition));
  }
  const [only] = parts;
  if (only === undefined) return { kind: 'all' };
  return parts.length === 1 ? only : { kind: 'and', parts };
}

function combined(kind: 'or', rules: readonly FilterRule[]): RowCondition {
  const parts = rules.map(ruleCondition);
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind, parts };
}

const ruleCondition = ({ policy, rule, version, mode, scope, where }: FilterRule): RowCondition => ({
  kind: 'rule',
  rule: { policy, rule, version, mode, scope, where },
});

/** The purposes a table may be read for, when the one given is not among them. */
function missingPurpose(
  policies: CompiledPolicies,
  table: TableMeta,
  purpose: string | undefined,
  now: number,
): readonly string[] | undefined {
  if (policies.purposes.size === 0) return undefined;
  for (const scope of tableScopes(table).all) {
    for (const rule of policies.purposes.get(scope) ?? []) {
      if (inForce(rule, now) && (purpose === undefined || !rule.require.includes(purpose)))
        return rule.require;
    }
  }
  return undefined;
}
