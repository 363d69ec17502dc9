/** What binding needs from outside, and what it counts on the way. */
import type { ColumnMeta, ObjectId, TableVersion } from '../catalog/catalog.js';
import { GovernanceError, type Position } from '../errors.js';
import type { Column, ColumnId, CteId, Expr, LeafId, LiteralExpr, Scan } from '../plan/plan.js';
import { exprChildren, exprPlan, planChildren, planExpressions } from '../plan/traverse.js';
import type { DataType } from '../plan/types.js';
import type { FunctionTable } from '../sql/functions/table.js';

/** Nodes that copies of an expression may add to a statement (BETWEEN, CASE x WHEN, aliases used again). */
const COPIED_NODES_MAX = 50_000;
const COLUMNS_MAX = 20_000;
const LEAVES_MAX = 200;

/** A table as the principal may know it: hidden columns are not in it. */
export interface BoundTable {
  readonly id: ObjectId;
  readonly columns: readonly ColumnMeta[];
  /** What qualifies its columns, where that is not its id: a view goes by its own name. */
  readonly qualifier?: readonly string[];
  /** Of a table that remembers. */
  readonly versions?: readonly TableVersion[];
}

export type ParameterValue = LiteralExpr | readonly LiteralExpr[];

export interface BindContext {
  readonly functions: Pick<FunctionTable, 'lookup' | 'nearest'>;
  /** By 1 to 3 parts as typed; undefined for unknown and for hidden tables alike. */
  resolveTable(parts: readonly string[]): BoundTable | undefined;
  readonly parameters: {
    readonly named: ReadonlyMap<string, ParameterValue>;
    readonly positional: readonly LiteralExpr[];
  };
  readonly currentUser: string;
  readonly currentCatalog: string;
  readonly currentSchema: string;
  /** `YYYY-MM-DD HH:MM:SS.ffffff` in UTC: the one moment of the statement. */
  readonly now: { readonly timestamp: string };
  /** Continues the ids of a statement that is already bound (row rules). */
  readonly ids?: { nextColumn(): ColumnId; nextLeaf(): LeafId };
}

/** One binding run: ids, leaves, budgets. */
export class Binder {
  private columns = 0;
  private leafCount = 0;
  private ctes = 0;
  private copied = 0;
  readonly leaves: Scan[] = [];

  constructor(readonly context: BindContext) {}

  column(name: string, type: DataType, nullable: boolean): Column {
    this.columns += 1;
    if (this.columns > COLUMNS_MAX) throw tooComplex(`more than ${COLUMNS_MAX} columns`);
    return { id: this.context.ids?.nextColumn() ?? this.columns, name, type, nullable };
  }
  leaf(scan: (leaf: LeafId) => Scan): Scan {
    this.leafCount += 1;
    if (this.leafCount > LEAVES_MAX) throw tooComplex(`more than ${LEAVES_MAX} table references`);
    const made = scan(this.context.ids?.nextLeaf() ?? this.leafCount);
    this.leaves.push(made);
    return made;
  }
  cte(): CteId {
    this.ctes += 1;
    return this.ctes;
  }
  /** Counts an expression that will stand in the plan once more: copies of copies must not explode. */
  copy<T extends Expr>(expr: T): T {
    this.copied += exprSize(expr);
    if (this.copied > COPIED_NODES_MAX) throw tooComplex('repeated expressions that grow without bound');
    return expr;
  }
}

const sizes = new WeakMap<object, number>();
function exprSize(expr: Expr): number {
  const known = sizes.get(expr);
  if (known !== undefined) return known;
  const plan = exprPlan(expr);
  let size = 1 + (plan === undefined ? 0 : planSize(plan));
  for (const child of exprChildren(expr)) size += exprSize(child);
  sizes.set(expr, size);
  return size;
}
function planSize(plan: Parameters<typeof planChildren>[0]): number {
  let size = 1;
  for (const expr of planExpressions(plan)) size += exprSize(expr);
  for (const child of planChildren(plan)) size += planSize(child);
  return size;
}

const tooComplex = (what: string): GovernanceError =>
  new GovernanceError('STATEMENT_TOO_COMPLEX', `The statement has ${what}.`, {
    remedy: 'Split it into several statements.',
    position: { line: 1, column: 1 },
    sqlState: '54001',
  });

export const invalid = (
  message: string,
  position: Position,
  remedy = 'Correct the statement here.',
): GovernanceError =>
  new GovernanceError('INVALID_STATEMENT', message, { position, remedy, sqlState: '42000' });

export const typeMismatch = (
  message: string,
  position: Position,
  remedy = 'Cast one side.',
): GovernanceError => new GovernanceError('TYPE_MISMATCH', message, { position, remedy, sqlState: '42K09' });

export const badGrouping = (message: string, position: Position, remedy: string): GovernanceError =>
  new GovernanceError('INVALID_GROUPING', message, { position, remedy, sqlState: '42803' });
