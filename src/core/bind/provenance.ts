/**
 * Where columns come from: for each output column the table columns it is computed from, and every table
 * column that reaches a condition, join, grouping or order. Sound first: when unsure, a column counts.
 */
import type { Position } from '../errors.js';
import type { BoundQuery, ColumnId, Expr, LeafId, Plan } from '../plan/plan.js';
import { outputColumns, walkExpr, walkPlan } from '../plan/traverse.js';

export interface Source {
  readonly leaf: LeafId;
  /** The column's name in the catalogue. */
  readonly source: string;
}
export interface PredicateUse extends Source {
  readonly at?: Position;
}

/** Per output column, in order. */
export function provenance(bound: BoundQuery): readonly (readonly Source[])[] {
  const trace = new Trace(bound.plan);
  return bound.output.map((column) => trace.of(column.id));
}

/** Table columns used to decide which rows there are, or in which order. */
export function predicateColumns(bound: BoundQuery): readonly PredicateUse[] {
  const trace = new Trace(bound.plan);
  const uses = new Map<string, PredicateUse>();
  const see = (expr: Expr): void => {
    for (const { id, at } of columnsIn(expr)) {
      for (const source of trace.of(id)) {
        const key = `${source.leaf}.${source.source}`;
        if (!uses.has(key)) uses.set(key, { ...source, ...(at === undefined ? {} : { at }) });
      }
    }
  };
  const seeOutput = (plan: Plan): void => {
    for (const column of outputColumns(plan))
      see({ kind: 'column', id: column.id, type: column.type, nullable: true });
  };
  walkPlan(bound.plan, {
    plan: (plan) => {
      if (plan.kind === 'filter') see(plan.condition);
      if (plan.kind === 'join' && plan.on !== undefined) see(plan.on);
      if (plan.kind === 'sort') for (const key of plan.keys) see(key.expr);
      if (plan.kind === 'aggregate') for (const key of plan.keys) see(key.expr);
      if (plan.kind === 'unnest') see(plan.list);
      if (plan.kind === 'distinct') seeOutput(plan.input);
      if (plan.kind === 'set-operation' && !(plan.operator === 'union' && plan.all)) {
        seeOutput(plan.left);
        seeOutput(plan.right);
      }
    },
    expr: (expr) => {
      if (expr.kind === 'case') for (const branch of expr.branches) see(branch.when);
      if (expr.kind === 'window-call')
        for (const part of [...expr.partitionBy, ...expr.orderBy.map((k) => k.expr)]) see(part);
      if ((expr.kind === 'aggregate-call' || expr.kind === 'window-call') && expr.filter) see(expr.filter);
      if (expr.kind === 'aggregate-call') {
        for (const key of expr.orderBy) see(key.expr);
        // Which value is the least, or how many differ, depends on comparing them.
        if (expr.distinct || ['min', 'max', 'min_by', 'max_by', 'median'].includes(expr.fn))
          for (const arg of expr.args) see(arg);
      }
      if (expr.kind === 'in-subquery') {
        for (const operand of expr.operands) see(operand);
        seeOutput(expr.plan);
      }
      if (expr.kind === 'in-list') for (const part of [expr.operand, ...expr.items]) see(part);
      if (expr.kind === 'call' && expr.type.kind === 'boolean') for (const arg of expr.args) see(arg);
    },
  });
  return [...uses.values()];
}

function columnsIn(expr: Expr): readonly { readonly id: ColumnId; readonly at?: Position }[] {
  const found: { id: ColumnId; at?: Position }[] = [];
  let at: Position | undefined;
  walkExpr(expr, {
    expr: (node) => {
      if ('at' in node && node.at !== undefined) at = node.at;
      if (node.kind === 'column') found.push({ id: node.id, ...(at === undefined ? {} : { at }) });
    },
  });
  return found;
}

/** From a column id to the expressions or columns it is made of, and on to the leaves. */
class Trace {
  private readonly made = new Map<ColumnId, readonly Expr[]>();
  private readonly copies = new Map<ColumnId, readonly ColumnId[]>();
  private readonly leaves = new Map<ColumnId, Source>();
  private readonly known = new Map<ColumnId, readonly Source[]>();

  constructor(plan: Plan) {
    walkPlan(plan, { plan: (node) => this.note(node) });
  }

  /** All that can be reached: a recursive CTE is made of itself as well. */
  of(id: ColumnId): readonly Source[] {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const found = new Map<string, Source>();
    const add = (source: Source): unknown => found.set(`${source.leaf}.${source.source}`, source);
    const seen = new Set<ColumnId>([id]);
    const open = [id];
    // It grows while it is gone through.
    for (const next of open) {
      const leaf = this.leaves.get(next);
      if (leaf !== undefined) add(leaf);
      for (const below of this.below(next)) {
        if (seen.has(below)) continue;
        seen.add(below);
        const done = this.known.get(below);
        if (done === undefined) open.push(below);
        else done.forEach(add);
      }
    }
    const sources = [...found.values()];
    this.known.set(id, sources);
    return sources;
  }

  /** The columns that it is made of at once. */
  private below(id: ColumnId): readonly ColumnId[] {
    const made: ColumnId[] = [...(this.copies.get(id) ?? [])];
    for (const expr of this.made.get(id) ?? []) {
      made.push(...columnsIn(expr).map((column) => column.id));
      walkExpr(expr, {
        expr: (node) => {
          if (node.kind === 'scalar-subquery')
            made.push(...outputColumns(node.plan).map((column) => column.id));
        },
      });
    }
    return made;
  }

  private note(plan: Plan): void {
    switch (plan.kind) {
      case 'scan':
        for (const column of plan.columns)
          this.leaves.set(column.id, { leaf: plan.leaf, source: column.source });
        break;
      case 'project':
      case 'window':
        for (const item of plan.items) this.made.set(item.column.id, [item.expr]);
        break;
      case 'unnest':
        for (const made of [plan.item, plan.position]) if (made) this.made.set(made.id, [plan.list]);
        break;
      case 'aggregate':
        for (const item of [...plan.keys, ...plan.aggregates]) this.made.set(item.column.id, [item.expr]);
        break;
      case 'set-operation': {
        const [left, right] = [outputColumns(plan.left), outputColumns(plan.right)];
        plan.columns.forEach((column, i) => {
          this.copies.set(
            column.id,
            [left[i]?.id, right[i]?.id].filter((id) => id !== undefined),
          );
        });
        break;
      }
      case 'recursion': {
        const [anchor, step] = [outputColumns(plan.anchor), outputColumns(plan.step)];
        plan.columns.forEach((column, i) => {
          this.copies.set(
            column.id,
            [anchor[i]?.id, step[i]?.id].filter((id) => id !== undefined),
          );
        });
        break;
      }
      case 'cte-ref':
        for (const column of plan.columns) this.copies.set(column.id, [column.source]);
        break;
      default:
        break;
    }
  }
}
