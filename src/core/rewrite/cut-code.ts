/**
 * Cuts a secured plan with code in it, as `split-code.ts` cuts DataFrame plans: what reads and has no code in it runs
 * where the tables are; the rest gets its rows, as tables of one part each, and no way to any other. Pure.
 */
import type { ObjectId } from '../catalog/catalog.js';
import type { BoundQuery, Column, ColumnId, Expr, Filter, LeafId, Plan, Secured } from '../plan/plan.js';
import { mapPlan, outputColumns, walkExpr, walkPlan } from '../plan/traverse.js';
import { callOf } from './expressions.js';
import { usedColumns } from './usage.js';

export interface CodePart {
  /** What the upper plan calls its rows. */
  readonly table: ObjectId;
  /** Without code; it needs nothing from outside of it. */
  readonly plan: Plan;
  /** Those that the upper plan uses, under the names that `placeName` gives. */
  readonly columns: readonly Column[];
}

export interface CutPlan {
  /** Its only tables are the parts. */
  readonly upper: Plan;
  readonly parts: readonly CodePart[];
}

type Query = Pick<BoundQuery, 'plan' | 'output'>;
type IsCode = (fn: string) => boolean;

/** What the rows of a part call their columns, from 0. */
export const placeName = (place: number): string => `p${place + 1}`;

/** Does the plan call any of these? */
export function callsCode(plan: Plan, isCode: IsCode): boolean {
  let found = false;
  walkPlan(plan, {
    expr: (expr) => {
      found ||= calls(expr, isCode);
    },
  });
  return found;
}

export function cutCode({ plan, output }: Query, isCode: IsCode): CutPlan {
  const ids = idsAfter(plan);
  const parts = new Map<ObjectId, Plan>();
  const whole = mapPlan(conditionsApart(plan, isCode), {
    whole: (node) => {
      if (isOrdered(node) || !reads(node) || callsCode(node, isCode) || !standsAlone(node)) return undefined;
      const table = `code..r${parts.size + 1}`;
      parts.set(table, node);
      return rowsOf(table, outputColumns(node), ids);
    },
  });
  const used = usedColumns({ plan: whole, output, leaves: [] });
  const columns = new Map<ObjectId, readonly Column[]>();
  const upper = mapPlan(whole, {
    plan: (node) => {
      if (node.kind !== 'secured') return node;
      if (!parts.has(node.table)) throw new Error('code would read a table');
      const wanted = node.items.filter(({ column }) => used.has(column.id));
      // Rows without columns would not be counted.
      const items = wanted.length > 0 ? wanted : node.items.slice(0, 1);
      columns.set(
        node.table,
        items.map(({ column }) => column),
      );
      return rowsOf(
        node.table,
        items.map(({ column }) => column),
        ids,
      );
    },
  });
  return {
    upper,
    parts: [...parts].map(([table, part]) => ({ table, plan: part, columns: columns.get(table) ?? [] })),
  };
}

const calls = (expr: Expr, isCode: IsCode): boolean => 'fn' in expr && isCode(expr.fn);

/** `WHERE a AND f(b)`: what needs no code comes first, below it, so that code is given no more than is asked for. */
const conditionsApart = (plan: Plan, isCode: IsCode): Plan =>
  mapPlan(plan, { plan: (node) => (node.kind === 'filter' ? apart(node, isCode) : node) });

function apart(filter: Filter, isCode: IsCode): Plan {
  const conditions = conjuncts(filter.condition);
  const coded = conditions.filter((condition) => hasCode(condition, isCode));
  const plain = conditions.filter((condition) => !coded.includes(condition));
  if (coded.length === 0 || plain.length === 0) return filter;
  const input: Plan = { kind: 'filter', input: filter.input, condition: all(plain) };
  return { kind: 'filter', input, condition: all(coded) };
}

function hasCode(condition: Expr, isCode: IsCode): boolean {
  let found = false;
  walkExpr(condition, {
    expr: (expr) => {
      found ||= calls(expr, isCode);
    },
  });
  return found;
}

const conjuncts = (expr: Expr): readonly Expr[] =>
  expr.kind === 'call' && expr.fn === 'and' ? expr.args.flatMap(conjuncts) : [expr];

const all = (conditions: readonly Expr[]): Expr => conditions.reduce((a, b) => callOf('and', [a, b]));

/** Handed over, its order would be lost. */
const isOrdered = (plan: Plan): boolean =>
  plan.kind === 'sort' || (plan.kind === 'project' && isOrdered(plan.input));

function reads(plan: Plan): boolean {
  let found = false;
  walkPlan(plan, {
    plan: (node) => {
      found ||= node.kind === 'secured';
    },
  });
  return found;
}

/** Does it use no column and no CTE of what is around it? */
function standsAlone(plan: Plan): boolean {
  const made = new Set<ColumnId>();
  const used = new Set<ColumnId>();
  const ctes = new Set<number>();
  const named = new Set<number>();
  walkPlan(plan, {
    plan: (node) => {
      for (const column of outputColumns(node)) made.add(column.id);
      if (node.kind === 'secured') for (const column of node.raw) made.add(column.id);
      if (node.kind === 'with') for (const cte of node.ctes) ctes.add(cte.id);
      if (node.kind === 'cte-ref') named.add(node.cte);
    },
    expr: (expr) => {
      if (expr.kind === 'column') used.add(expr.id);
    },
  });
  return [...used].every((id) => made.has(id)) && [...named].every((cte) => ctes.has(cte));
}

interface Ids {
  column(): ColumnId;
  leaf(): LeafId;
}

function rowsOf(table: ObjectId, columns: readonly Column[], ids: Ids): Secured {
  const raw = columns.map((column, place) => ({ ...column, id: ids.column(), source: placeName(place) }));
  const items = columns.map((column, place) => {
    const { id, type, nullable } = raw[place] ?? column;
    return { column, expr: { kind: 'column' as const, id, type, nullable } };
  });
  return { kind: 'secured', leaf: ids.leaf(), table, raw, items };
}

function idsAfter(plan: Plan): Ids {
  let column = 0;
  let leaf = 0;
  walkPlan(plan, {
    plan: (node) => {
      const raw = node.kind === 'secured' ? node.raw : [];
      for (const { id } of [...outputColumns(node), ...raw]) column = Math.max(column, id);
      if (node.kind === 'secured') leaf = Math.max(leaf, node.leaf);
    },
    expr: (expr) => {
      if (expr.kind === 'lambda') for (const { id } of expr.parameters) column = Math.max(column, id);
    },
  });
  return {
    column: () => {
      column += 1;
      return column;
    },
    leaf: () => {
      leaf += 1;
      return leaf;
    },
  };
}
