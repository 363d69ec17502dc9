/** `<=>` on DuckDB. */
import type { Expr } from '../../plan/plan.js';
import { walkExpr } from '../../plan/traverse.js';
import type { RenderCall } from './spec.js';

/**
 * DuckDB 1.5.6 pushes a null-safe comparison with a constant into the statistics of a column and, where the
 * column is all NULL, gets it wrong inside OR. Under IS TRUE it is left where it is; between columns it stays
 * plain, so that it can still be a hash join.
 */
export function nullSafeEqual(call: RenderCall): string {
  const equal = `(${call.args[0]} IS NOT DISTINCT FROM ${call.args[1]})`;
  return call.nodes.every(readsColumn) ? equal : `(${equal} IS TRUE)`;
}

function readsColumn(expr: Expr): boolean {
  let found = false;
  walkExpr(expr, {
    expr: (inner) => {
      if (inner.kind === 'column' || inner.kind === 'lambda-variable') found = true;
    },
  });
  return found;
}
