/**
 * What random cases really held: features of the bound plan, of the decision and of the text, counted over
 * statements that were answered, so that a generator cannot dry up unseen.
 */
import { predicateColumns } from '../../src/core/bind/provenance.js';
import type { Expr, Plan } from '../../src/core/plan/plan.js';
import { exprPlan, outputColumns, walkPlan } from '../../src/core/plan/traverse.js';
import { rowRules } from '../../src/gateway/governance.js';
import type { Governed } from './ask.js';
import type { Ground, Verdict } from './oracle-run.js';
import { excepts, isLifted, leavesUnknown } from './policy-model.js';
import { TABLES } from './tables.js';

/** By the text: what is gone after bind. */
const TEXT: Readonly<Record<string, RegExp>> = {
  'text natural join': /NATURAL/,
  'text using': /USING \(/,
  'text star': /SELECT \*/,
  'text qualified star': /SELECT t\d+\.\*/,
  'text star except': /EXCEPT \(\w+\) FROM/,
  'text rollup': /ROLLUP \(/,
  'text cube': /CUBE \(/,
  'text grouping sets': /GROUPING SETS/,
  'text group by position': /GROUP BY \d/,
  'text having': /HAVING/,
  'text group by all': /GROUP BY ALL/,
  'text qualify': /QUALIFY/,
  'text filter': /FILTER \(WHERE/,
  'text named window': /WINDOW w AS/,
  'text lateral join': /LATERAL \(/,
  'text lateral view': /LATERAL VIEW/,
  'text generator of an array': /posexplode/,
  'text generator of a map': / explode\(/,
  'text stack': /stack\(/,
  'text pivot': / PIVOT \(/,
  'text unpivot': /UNPIVOT \(/,
  'text unpivot with NULLs': /UNPIVOT INCLUDE NULLS/,
  'text sample': /TABLESAMPLE/,
  'text recursion': /WITH RECURSIVE/,
  'text alias used again': / AS a(\d+), .*a\1 \+ 1/,
  'text pipe': /\|>/,
  'text order by all': /ORDER BY ALL/,
  'text lambda': /\w\)? -> /,
  'text cast operator': /::int/,
  'text nested CTE': /\(WITH/,
  'text distinct': /SELECT DISTINCT/,
  'text nested set operation': /^(?:WITH .* )?\(SELECT/,
};

/** Everything that must occur among answered statements. */
export const FEATURES: readonly string[] = [
  ...Object.keys(TEXT),
  ...['inner', 'left', 'right', 'full', 'left-semi', 'left-anti', 'cross'].map((type) => `join ${type}`),
  ...['union', 'union all', 'intersect', 'intersect all', 'except', 'except all'].map((op) => `set ${op}`),
  ...['exists', 'in-subquery', 'scalar-subquery'].flatMap((kind) => [kind, `${kind} correlated`]),
  ...['catalog', 'schema', 'table', 'tag'].map((scope) => `rows by ${scope}`),
  ...['permissive', 'restrictive', 'or', 'and', 'none', 'subquery', 'attribute', 'unknown'].map(
    (r) => `rows ${r}`,
  ),
  ...['hide', 'null', 'constant', 'redact', 'showFirst', 'showLast', 'hash', 'email', 'clear'].map(
    (m) => `mask ${m}`,
  ),
  ...['year', 'month', 'day', 'round', 'bucket', 'in conflict', 'by tag'].map((m) => `mask ${m}`),
  ...['array', 'struct', 'map'].map((kind) => `item of ${kind}`),
  ...[
    'CTE',
    'CTE named like a table',
    'self join',
    'values',
    'case',
    'cast',
    'try cast',
    'cast that may raise',
  ],
  ...['window', 'window frame', 'order and limit', 'predicate on a masked column', 'spooled', 'unfiltered'],
  ...['except others', 'except the probe'],
];
/** What must occur among refused ones. */
export const REFUSALS: readonly string[] = [
  'ACCESS_DENIED',
  'TABLE_OR_VIEW_NOT_FOUND',
  'UNRESOLVED_COLUMN',
  'COLUMN_PREDICATE_DENIED',
  'ARITHMETIC_ERROR',
  'CAST_INVALID_INPUT',
];

export class Coverage {
  readonly counts = new Map<string, number>();
  answered = 0;

  add(ground: Ground, { sql, governed, way }: Verdict): void {
    if ('error' in governed) {
      this.count(governed.error);
      return;
    }
    this.answered += 1;
    if (way === undefined) throw new Error('an answer without a way to it');
    const features = [...ofText(sql), ...ofPlan(way), ...ofRows(way, ground), ...ofMasks(way, ground)];
    for (const feature of new Set(features)) this.count(feature);
  }

  missing(names: readonly string[], least: number): readonly string[] {
    return names.filter((name) => (this.counts.get(name) ?? 0) < least);
  }

  toString(): string {
    return [...this.counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, n]) => `${name}: ${n}`)
      .join(', ');
  }

  private count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}

const ofText = (sql: string): readonly string[] =>
  Object.entries(TEXT).flatMap(([name, pattern]) => (pattern.test(sql) ? [name] : []));

function ofPlan({ bound, decision, statement }: Governed): readonly string[] {
  const found: string[] = statement.spool ? ['spooled'] : [];
  walkPlan(bound.plan, {
    plan: (node) => {
      found.push(...ofNode(node));
    },
    expr: (expr) => {
      found.push(...ofExpr(expr));
    },
  });
  const tables = bound.leaves.map((leaf) => leaf.table);
  if (new Set(tables).size < tables.length) found.push('self join');
  const tableOf = new Map(bound.leaves.map((leaf) => [leaf.leaf, decision.tables.get(leaf.table)]));
  for (const { leaf, source } of predicateColumns(bound)) {
    const column = tableOf.get(leaf)?.columns.find((c) => c.column === source);
    if (column !== undefined && column.mask.kind !== 'clear') found.push('predicate on a masked column');
  }
  return found;
}

function ofNode(node: Plan): readonly string[] {
  switch (node.kind) {
    case 'join':
      return [`join ${node.type}`];
    case 'set-operation':
      return [`set ${node.operator}${node.all ? ' all' : ''}`];
    case 'with':
      return node.ctes.map(({ name }) =>
        TABLES.some((table) => table.name === name) ? 'CTE named like a table' : 'CTE',
      );
    case 'values':
      return ['values'];
    case 'window':
      return ['window'];
    case 'limit':
      return ['order and limit'];
    default:
      return [];
  }
}

function ofExpr(expr: Expr): readonly string[] {
  const plan = exprPlan(expr);
  if (plan !== undefined) return isCorrelated(plan) ? [expr.kind, `${expr.kind} correlated`] : [expr.kind];
  if (expr.kind === 'case') return ['case'];
  if (expr.kind === 'window-call') return expr.frame?.unit === 'rows' ? ['window frame'] : [];
  if (expr.kind === 'cast' && !expr.implicit) {
    const raises = expr.operand.type.kind === 'string' && expr.type.kind === 'int';
    return [expr.try ? 'try cast' : 'cast', ...(raises && !expr.try ? ['cast that may raise'] : [])];
  }
  const items = ['get_item', 'get_field', 'get', 'try_element_at', 'size', 'array_contains'];
  if (expr.kind !== 'call' || !items.includes(expr.fn)) return [];
  return [`item of ${expr.args[0]?.type.kind}`];
}

/** Does it use a column that nothing in it makes? */
function isCorrelated(plan: Plan): boolean {
  const made = new Set<number>();
  const used = new Set<number>();
  walkPlan(plan, {
    plan: (node) => {
      for (const column of outputColumns(node)) made.add(column.id);
    },
    expr: (expr) => {
      if (expr.kind === 'column') used.add(expr.id);
    },
  });
  return [...used].some((id) => !made.has(id));
}

const scopeKind = (scope: string): string => {
  if (scope.startsWith('tag:')) return 'tag';
  return ['catalog', 'schema', 'table'][scope.split('.').length - 1] ?? scope;
};

function ofRows({ decision }: Governed, ground: Ground): readonly string[] {
  return [...decision.tables.values()].flatMap((table) => {
    const name = table.object.split('.').at(-1) ?? '';
    const found: string[] = excepts(name, ground.policy).map((whom) => `except ${whom}`);
    if (leavesUnknown(name, ground.data, ground.policy)) found.push('rows unknown');
    if (table.rows.kind === 'all') return [...found, 'unfiltered'];
    found.push(`rows ${table.rows.kind}`);
    if (JSON.stringify(table.rows).includes('"kind":"or"')) found.push('rows or');
    for (const rule of rowRules(table.rows)) {
      found.push(`rows by ${scopeKind(rule.scope)}`, `rows ${rule.mode}`);
      if (rule.where.includes('SELECT')) found.push('rows subquery');
      if (rule.where.includes(':principal')) found.push('rows attribute');
    }
    return found;
  });
}

/** Masks on columns that the statement uses; hidden ones on tables that it reads. */
function ofMasks({ decision, statement }: Governed, ground: Ground): readonly string[] {
  const found: string[] = [];
  walkPlan(statement.plan, {
    plan: (node) => {
      if (node.kind !== 'secured') return;
      const columns = decision.tables.get(node.table)?.columns ?? [];
      if (columns.some((column) => column.mask.kind === 'hide')) found.push('mask hide');
      const name = node.table.split('.').at(-1) ?? '';
      for (const item of node.items) {
        const column = columns.find((c) => c.column === item.column.name);
        if (isLifted(name, item.column.name, ground.policy)) found.push('mask clear');
        if (column === undefined || column.mask.kind === 'clear') continue;
        found.push(`mask ${column.mask.kind}`);
        if (column.rules.length > 1) found.push('mask in conflict');
        if (byTag(name, item.column.name, ground)) found.push('mask by tag');
      }
    },
  });
  return found;
}

function byTag(table: string, column: string, ground: Ground): boolean {
  const tags = TABLES.find((t) => t.name === table)?.columns[column]?.tags ?? [];
  return ground.policy.masks.some((masking) => tags.some((tag) => masking.on === `tag:${tag}`));
}
