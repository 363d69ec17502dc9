/** Takes window calls out of expressions: they are computed by Window nodes below the projection. */
import type { Column, Expr, Plan, ProjectItem, WindowCall } from '../plan/plan.js';
import { mapExpr } from '../plan/traverse.js';
import type { Binder } from './context.js';
import { expressionKey, referTo } from './scope.js';

export class WindowLift {
  private readonly columns = new Map<string, Column>();
  private readonly items: ProjectItem[] = [];

  constructor(private readonly binder: Binder) {}

  /** The expression with each window call replaced by the column that will hold it. */
  lift(expr: Expr): Expr {
    return mapExpr(expr, {
      expr: (node) => (node.kind === 'window-call' ? referTo(this.columnFor(node)) : node),
    });
  }

  plan(input: Plan): Plan {
    return this.items.length === 0 ? input : { kind: 'window', input, items: this.items };
  }

  private columnFor(window: WindowCall): Column {
    const key = expressionKey(window);
    const known = this.columns.get(key);
    if (known !== undefined) return known;
    const column = this.binder.column(window.fn, window.type, window.nullable);
    this.columns.set(key, column);
    this.items.push({ column, expr: window });
    return column;
  }
}
