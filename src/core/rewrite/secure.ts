/**
 * The heart of Sluice: every table reference of a bound plan becomes `Project(masks) <- Filter(row rules on
 * raw values) <- Scan`. Leaves are replaced, queries are not analysed: `SELECT *`, joins, CTEs, subqueries
 * and windows come out right by construction, because the secured leaf shows exactly the columns of the scan
 * it stands for. Pure: (plan, decisions) in, plan out.
 */
import type { ObjectId, TableMeta } from '../catalog/catalog.js';
import { foldName } from '../catalog/catalog.js';
import type {
  BoundQuery,
  ColumnId,
  Expr,
  LeafId,
  Plan,
  ProjectItem,
  Scan,
  ScanColumn,
  Secured,
} from '../plan/plan.js';
import { mapPlan } from '../plan/traverse.js';
import type { Mask, RowCondition, RowRule, TableDecision } from '../policy/decision.js';
import { proveClosed } from './closed.js';
import { booleanOf, callOf, columnOf } from './expressions.js';
import { maskExpression } from './mask-expression.js';
import { columnIdMax, leafIdMax, usedColumns } from './usage.js';

/** Binds a row rule over the raw columns of its table; subqueries in it come back with plain scans. */
export type BindRule = (rule: RowRule, table: TableMeta, raw: readonly ScanColumn[], ids: IdSource) => Expr;

/** Where new ids come from, so that they are unique in the whole statement. */
export interface IdSource {
  nextColumn(): ColumnId;
  nextLeaf(): LeafId;
}

export interface SecureInput {
  readonly bound: BoundQuery;
  readonly decisions: ReadonlyMap<ObjectId, TableDecision>;
  readonly tables: ReadonlyMap<ObjectId, TableMeta>;
  readonly bindRule: BindRule;
}

export interface SecuredPlan {
  readonly plan: Plan;
  /** One per table reference, those inside row rules included. */
  readonly leaves: readonly SecuredLeaf[];
  /** Domains of the hash masks in it: the run needs their keys. */
  readonly hashDomains: readonly string[];
}
export interface SecuredLeaf {
  readonly leaf: LeafId;
  readonly table: ObjectId;
  /** A row rule or a mask stands on it. */
  readonly restricted: boolean;
  /** Read raw inside a row rule, by the right of the rule's author. */
  readonly byRule: boolean;
}

/** Replaces every leaf and proves that none was missed. */
export function securePlan(input: SecureInput): SecuredPlan {
  const ids = idSource(input.bound);
  const used = usedColumns(input.bound);
  const leaves: SecuredLeaf[] = [];
  const domains = new Set<string>();
  // An expression with a subquery may stand twice in a bound plan (an alias used again): the same leaf,
  // secured once.
  const done = new Map<LeafId, Secured>();

  const secureScan = (scan: Scan): Secured => {
    const decision = decisionFor(scan, input.decisions);
    const table = tableFor(scan, input.tables);
    const raw = rawColumns(table, ids);
    const items = securedItems(scan, raw, decision, used, domains);
    const condition = rowCondition(decision.rows, (rule) => input.bindRule(rule, table, raw, ids));
    const filter = condition && securedRule(condition, input.tables, ids, leaves);
    const restricted = filter !== undefined || decision.columns.some((c) => c.mask.kind !== 'clear');
    leaves.push({ leaf: scan.leaf, table: scan.table, restricted, byRule: false });
    return secured(scan, raw, items, filter);
  };

  const plan = mapPlan(input.bound.plan, {
    plan: (node) => {
      if (node.kind !== 'scan') return node;
      const leaf = done.get(node.leaf) ?? secureScan(node);
      done.set(node.leaf, leaf);
      return leaf;
    },
  });
  proveClosed(plan, leaves);
  return { plan, leaves, hashDomains: [...domains].sort() };
}

function decisionFor(scan: Scan, decisions: ReadonlyMap<ObjectId, TableDecision>): TableDecision {
  const decision = decisions.get(scan.table);
  if (decision?.actions.read !== true) throw new Error(`leaf ${scan.leaf} has no decision that allows read`);
  return decision;
}

function tableFor(scan: Scan, tables: ReadonlyMap<ObjectId, TableMeta>): TableMeta {
  const table = tables.get(scan.table);
  if (table === undefined) throw new Error(`leaf ${scan.leaf} is not in the catalogue`);
  return table;
}

const rawColumns = (table: TableMeta, ids: IdSource): readonly ScanColumn[] =>
  table.columns.map((column) => ({
    id: ids.nextColumn(),
    name: column.name,
    source: column.name,
    type: column.type,
    nullable: column.nullable,
  }));

/**
 * One projection over raw values: masks never see each other. Columns that nothing above uses are left out.
 */
function securedItems(
  scan: Scan,
  raw: readonly ScanColumn[],
  decision: TableDecision,
  used: ReadonlySet<ColumnId>,
  domains: Set<string>,
): readonly ProjectItem[] {
  const bySource = new Map(raw.map((column) => [foldName(column.source), column]));
  const masks = new Map(decision.columns.map((column) => [foldName(column.column), column.mask]));
  const wanted = scan.columns.filter((column) => used.has(column.id));
  // count(*) uses no column, but a projection needs one.
  const kept = wanted.length > 0 ? wanted : scan.columns.slice(0, 1);
  return kept.map((column) => {
    const key = foldName(column.source);
    const source = bySource.get(key);
    if (source === undefined) throw new Error(`leaf ${scan.leaf}: the table has no column for an item`);
    const mask: Mask = masks.get(key) ?? { kind: 'null' };
    if (mask.kind === 'hash') domains.add(mask.domain);
    return { column, expr: maskExpression(mask, source) };
  });
}

function secured(
  scan: Scan,
  raw: readonly ScanColumn[],
  items: readonly ProjectItem[],
  filter: Expr | undefined,
): Secured {
  const needed = usedColumns({ items, filter });
  return {
    kind: 'secured',
    leaf: scan.leaf,
    table: scan.table,
    raw: raw.filter((column) => needed.has(column.id)),
    items,
    ...(filter === undefined ? {} : { filter }),
    ...(scan.asOf === undefined ? {} : { asOf: scan.asOf }),
  };
}

/** The condition as one expression; undefined: every row. NULL hides the row, as WHERE has it. */
function rowCondition(condition: RowCondition, bind: (rule: RowRule) => Expr): Expr | undefined {
  switch (condition.kind) {
    case 'all':
      return undefined;
    case 'none':
      return booleanOf(false);
    case 'rule':
      return bind(condition.rule);
    case 'and': {
      const parts = condition.parts.map((part) => rowCondition(part, bind)).filter((p) => p !== undefined);
      return parts.length === 0 ? undefined : parts.reduce((a, b) => callOf('and', [a, b]));
    }
    case 'or': {
      // Fail closed: an empty OR lets nothing pass; a part without a condition lets everything pass.
      const parts = condition.parts.map((part) => rowCondition(part, bind));
      if (parts.length === 0) return booleanOf(false);
      const conditions = parts.filter((part) => part !== undefined);
      if (conditions.length < parts.length) return undefined;
      return conditions.reduce((a, b) => callOf('or', [a, b]));
    }
  }
}

/**
 * Tables inside a row rule are read raw: the rule's author had the right, checked when the rule was saved.
 */
function securedRule(
  rule: Expr,
  tables: ReadonlyMap<ObjectId, TableMeta>,
  ids: IdSource,
  leaves: SecuredLeaf[],
): Expr {
  const wrapper: Plan = { kind: 'filter', input: { kind: 'one-row' }, condition: rule };
  const mapped = mapPlan(wrapper, {
    plan: (node) => {
      if (node.kind !== 'scan') return node;
      const raw = rawColumns(tableFor(node, tables), ids);
      const items = node.columns.map((column) => {
        const source = raw.find((r) => foldName(r.source) === foldName(column.source));
        if (source === undefined) throw new Error(`row rule leaf ${node.leaf}: the table has no such column`);
        return { column, expr: columnOf(source) };
      });
      leaves.push({ leaf: node.leaf, table: node.table, restricted: false, byRule: true });
      return secured(node, raw, items, undefined);
    },
  });
  if (mapped.kind !== 'filter') throw new Error('a row rule changed its shape');
  return mapped.condition;
}

function idSource(bound: BoundQuery): IdSource {
  let column = columnIdMax(bound);
  let leaf = leafIdMax(bound);
  return {
    nextColumn: () => {
      column += 1;
      return column;
    },
    nextLeaf: () => {
      leaf += 1;
      return leaf;
    },
  };
}
