/**
 * Column lineage of a secured plan: where each output column comes from, and what steers the result as a whole
 * (filters, joins, grouping, sorting; row rules and masks of policies among them). Sound rather than exact: a
 * column that can change an output is named for it; one that never does may be named too.
 *
 * Column ids are unique in a statement, so one environment from id to dependencies serves every scope, and a
 * correlated column needs nothing special.
 */
import { foldName, type ObjectId } from '../catalog/catalog.js';
import type {
  BoundQuery,
  ColumnId,
  Expr,
  Plan,
  PlanKind,
  Recursion,
  Secured,
  SetOperationPlan,
} from '../plan/plan.js';
import { outputColumns } from '../plan/traverse.js';
import { expressionDependencies } from './expression.js';
import {
  type Dependencies,
  dependsOn,
  direct,
  type Flow,
  IDENTITY,
  type IndirectSubtype,
  indirect,
  NOTHING,
  type Source,
  TRANSFORMATION,
  through,
  union,
} from './flow.js';

/** Inputs named for one output at most; past it the answer says `truncated`. */
export const LINEAGE_INPUTS_MAX = 10_000;

export interface LineageInput extends Source {
  readonly flows: readonly Flow[];
}
export interface OutputLineage {
  readonly name: string;
  readonly inputs: readonly LineageInput[];
}
export interface StatementLineage {
  /** One per output column, in order. */
  readonly outputs: readonly OutputLineage[];
  /** What steers which rows there are, or their order: true of every output column. */
  readonly dataset: readonly LineageInput[];
  readonly truncated: boolean;
  /** Names did not say what comes from where: more may be named than there is, never less. */
  readonly approximate: boolean;
}

/** `plan` is the secured plan of `bound`; its leaves carry the policies' effects. */
export function statementLineage(plan: Plan, output: BoundQuery['output']): StatementLineage {
  const tracer = new Tracer();
  tracer.plan(plan);
  const outputs = output.map(({ name, id }) => ({ name, from: tracer.column(id) }));
  return lineageOf(outputs, tracer.effects(), false);
}

export function lineageOf(
  columns: readonly { readonly name: string; readonly from: Dependencies }[],
  effects: Dependencies,
  approximate: boolean,
): StatementLineage {
  const outputs = columns.map(({ name, from }) => ({ name, inputs: grouped(from) }));
  const dataset = grouped(effects);
  const truncated = [dataset, ...outputs.map((o) => o.inputs)].some(
    (list) => list.length > LINEAGE_INPUTS_MAX,
  );
  const bounded = (list: readonly LineageInput[]) => list.slice(0, LINEAGE_INPUTS_MAX);
  return {
    outputs: outputs.map(({ name, inputs }) => ({ name, inputs: bounded(inputs) })),
    dataset: bounded(dataset),
    truncated,
    approximate,
  };
}

/** What a column of a table comes from: itself, unless the table stands for a part of a larger plan. */
export type SourceOf = (table: ObjectId, column: string) => Dependencies;
export const columnOf: SourceOf = (table, column) => dependsOn({ table, column }, IDENTITY);

/** Walks a plan once, inputs before what uses them. */
export class Tracer {
  readonly #columns: Map<ColumnId, Dependencies>;
  readonly #sourceOf: SourceOf;
  #steering: Dependencies[] = [];

  constructor(sourceOf: SourceOf = columnOf, columns = new Map<ColumnId, Dependencies>()) {
    this.#sourceOf = sourceOf;
    this.#columns = columns;
  }

  column(id: ColumnId): Dependencies {
    return this.#columns.get(id) ?? NOTHING;
  }
  effects(): Dependencies {
    return union(this.#steering);
  }
  /** For the plan of a subquery: sees the same columns, steers only the expression that it stands in. */
  nested(): Tracer {
    return new Tracer(this.#sourceOf, this.#columns);
  }

  plan(plan: Plan): void {
    (this.#byKind[plan.kind] as (p: Plan) => void)(plan);
  }

  readonly #byKind: { readonly [K in PlanKind]: (plan: Extract<Plan, { kind: K }>) => void } = {
    scan: (p) => {
      for (const c of p.columns) this.#set(c.id, this.#sourceOf(p.table, c.source));
    },
    secured: (p) => this.#secured(p),
    'one-row': () => undefined,
    values: (p) => {
      p.columns.forEach((column, i) => {
        this.#set(column.id, union(p.rows.map((row) => this.#expr(row[i]))));
      });
    },
    range: () => undefined,
    project: (p) => {
      this.plan(p.input);
      for (const item of p.items) this.#set(item.column.id, this.#expr(item.expr));
    },
    filter: (p) => {
      this.plan(p.input);
      this.#steer('FILTER', this.#expr(p.condition));
    },
    join: (p) => {
      this.plan(p.left);
      this.plan(p.right);
      this.#steer('JOIN', this.#expr(p.on));
    },
    aggregate: (p) => {
      this.plan(p.input);
      for (const item of [...p.keys, ...p.aggregates]) this.#set(item.column.id, this.#expr(item.expr));
      for (const key of p.keys) this.#steer('GROUP_BY', this.column(key.column.id));
    },
    window: (p) => {
      this.plan(p.input);
      for (const item of p.items) this.#set(item.column.id, this.#expr(item.expr));
    },
    unnest: (p) => {
      this.plan(p.input);
      const list = this.#expr(p.list);
      this.#set(p.item.id, through(TRANSFORMATION, list));
      // How many rows there are.
      this.#steer('JOIN', list);
    },
    sample: (p) => this.plan(p.input),
    distinct: (p) => {
      this.plan(p.input);
      this.#steer('GROUP_BY', this.#all(p.input));
    },
    'set-operation': (p) => this.#setOperation(p),
    sort: (p) => {
      this.plan(p.input);
      for (const key of p.keys) this.#steer('SORT', this.#expr(key.expr));
    },
    limit: (p) => this.plan(p.input),
    with: (p) => {
      for (const cte of p.ctes) this.plan(cte.plan);
      this.plan(p.input);
    },
    recursion: (p) => this.#recursion(p),
    'cte-ref': (p) => {
      for (const column of p.columns) this.#set(column.id, this.column(column.source));
    },
  };

  /** A mask is a masking transformation, a row rule a filter, both a policy's. */
  #secured(leaf: Secured): void {
    for (const { id, source } of leaf.raw) this.#set(id, this.#sourceOf(leaf.table, source));
    for (const { column, expr } of leaf.items) {
      const plain = expr.kind === 'column';
      const step = plain ? IDENTITY : direct('TRANSFORMATION', true, true);
      this.#set(column.id, through(step, this.#expr(expr)));
    }
    if (leaf.filter === undefined) return;
    this.#steering.push(through(indirect('FILTER', true), this.#expr(leaf.filter)));
  }

  /** Until a step brings nothing new: what a level is made of is found in as many steps as there are columns. */
  #recursion({ anchor, step, columns }: Recursion): void {
    this.plan(anchor);
    const first = outputColumns(anchor).map(({ id }) => this.column(id));
    columns.forEach(({ id }, i) => {
      this.#set(id, first[i] ?? NOTHING);
    });
    for (let grown = true; grown; ) {
      this.plan(step);
      const made = outputColumns(step).map(({ id }) => this.column(id));
      grown = false;
      columns.forEach(({ id }, i) => {
        const known = this.column(id);
        const all = union([known, made[i] ?? NOTHING]);
        grown = grown || all.size > known.size;
        this.#set(id, all);
      });
    }
  }

  #setOperation(operation: SetOperationPlan): void {
    const sides = [operation.left, operation.right];
    for (const side of sides) this.plan(side);
    const outputs = sides.map((side) => outputColumns(side));
    operation.columns.forEach((column, i) => {
      this.#set(column.id, union(outputs.map((side) => this.column(side[i]?.id ?? 0))));
    });
    // Whether a row of one side is there depends on the other side; duplicates depend on all columns.
    const subtype = operation.operator === 'union' ? 'GROUP_BY' : 'FILTER';
    if (operation.operator === 'union' && operation.all) return;
    for (const side of sides) this.#steer(subtype, this.#all(side));
  }

  #all(plan: Plan): Dependencies {
    return union(outputColumns(plan).map((column) => this.column(column.id)));
  }
  #expr(expr: Expr | undefined): Dependencies {
    return expr === undefined ? NOTHING : expressionDependencies(expr, this);
  }
  #set(id: ColumnId, dependencies: Dependencies): void {
    this.#columns.set(id, dependencies);
  }
  #steer(subtype: IndirectSubtype, dependencies: Dependencies): void {
    if (dependencies.size > 0) this.#steering.push(through(indirect(subtype), dependencies));
  }
}

/** One entry per source column, sorted, with all the ways it flowed. */
function grouped(dependencies: Dependencies): readonly LineageInput[] {
  const bySource = new Map<string, { readonly source: Source; readonly flows: Flow[] }>();
  for (const { table, column, flow } of dependencies.values()) {
    const key = `${table}\0${foldName(column)}`;
    const entry = bySource.get(key) ?? { source: { table, column }, flows: [] };
    entry.flows.push(flow);
    bySource.set(key, entry);
  }
  return [...bySource.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { source, flows }]) => ({ ...source, flows }));
}
