/**
 * The time zone of a session is the caller's to set, and Spark computes by it. Two things must not: row rules and masks,
 * whose days and years would move with it, and what SQL of the caller's says of moments, which is bound as UTC.
 */
import { GovernanceError } from '../../core/errors.js';
import type { Expr, Plan } from '../../core/plan/plan.js';
import { walkExpr, walkPlan } from '../../core/plan/traverse.js';
import type { Statement } from '../../core/sql/ast.js';

export const ZONE_SETTING = 'spark.sql.session.timeZone';

const UTC = /^(?:UTC|GMT|Z|Etc\/(?:UTC|GMT)|(?:UTC|GMT)?[+-]0{1,2}(?::?00){0,2})$/;
/** Moments meet moments: no zone is needed for that. */
const ZONELESS = new Set(
  '= <> < <= > >= <=> and or not is_null is_not_null coalesce nvl nvl2 if nullif least greatest'.split(' '),
);
/** Of a moment that bind has taken in UTC. */
const NOW = new Set(
  'now current_timestamp current_date curdate localtimestamp current_timezone unix_timestamp'.split(' '),
);

export const isUtc = (zone: string | undefined): boolean => zone === undefined || UTC.test(zone);

/** Throws when a row rule or a mask in this plan would come out differently in another time zone. */
export function requireZonelessRules(plan: Plan, zone: string | undefined): void {
  if (isUtc(zone)) return;
  walkPlan(plan, {
    plan: (node) => {
      if (node.kind !== 'secured') return;
      const rules = [
        ...node.items.map(({ expr }) => expr),
        ...(node.filter === undefined ? [] : [node.filter]),
      ];
      if (rules.some(goesByZone)) throw notInZone(`A rule or mask of ${node.table} goes by days or hours`);
    },
  });
}

function goesByZone(expr: Expr): boolean {
  let found = false;
  walkExpr(expr, {
    expr: (e) => {
      if (e.kind === 'cast' && (e.type.kind === 'timestamp') !== (e.operand.type.kind === 'timestamp'))
        found = true;
      const moments = e.kind === 'call' && [e, ...e.args].some(({ type }) => type.kind === 'timestamp');
      if (moments && !ZONELESS.has(e.fn)) found = true;
    },
  });
  return found;
}

/** Throws when a statement names a moment, or the present one. */
export function requireNoMoments(statement: Statement, zone: string | undefined): void {
  if (isUtc(zone)) return;
  const open: unknown[] = [statement];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    if (isMoment(node as never)) throw notInZone('SQL that names a moment is read as UTC');
    open.push(...Object.values(node));
  }
}

function isMoment(node: {
  readonly kind?: string;
  readonly value?: unknown;
  readonly name?: unknown;
}): boolean {
  if (node.kind === 'literal') return (node.value as { readonly type?: string }).type === 'timestamp';
  if (node.kind !== 'call' || !Array.isArray(node.name)) return false;
  return NOW.has(String((node.name.at(-1) as { readonly name?: string } | undefined)?.name).toLowerCase());
}

const notInZone = (why: string): GovernanceError =>
  new GovernanceError('FEATURE_NOT_ALLOWED', `${why}, and this session is in another time zone.`, {
    remedy: `Set ${ZONE_SETTING} to UTC, or say it with DataFrame functions.`,
    sqlState: '0A000',
  });
