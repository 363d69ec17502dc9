/** What makes rows in FROM: range(), generators as table functions, LATERAL VIEW. */
import { foldName } from '../catalog/catalog.js';
import { GovernanceError } from '../errors.js';
import type { Column, Plan } from '../plan/plan.js';
import { BIGINT } from '../plan/types.js';
import type { LateralView, TableFunctionRelation } from '../sql/ast-relation.js';
import { type Binder, invalid } from './context.js';
import { bindExpr, type ExprContext } from './expression.js';
import type { From } from './from.js';
import { bindGenerator, generatorName } from './generator.js';
import { emptyScope, type Scope } from './scope.js';

const RANGE_ROWS_MAX = 10_000_000n;
/** A fourth number says how Spark divides the work. */
const RANGE_ARGUMENTS_MAX = 4;

interface TableFunction {
  readonly plan: Plan;
  readonly columns: readonly Column[];
  /** What qualifies them where there is no alias. */
  readonly name: readonly string[];
}

export function bindTableFunction(
  relation: TableFunctionRelation,
  binder: Binder,
  scope: Scope,
): TableFunction {
  const name = relation.name.map((part) => foldName(part.name)).join('.');
  if (generatorName(relation.name) !== undefined) {
    const made = bindGenerator({ ...relation, outer: false }, [], contextOf(binder, scope, name));
    return { plan: made.plan({ kind: 'one-row' }, made.list), columns: made.columns, name: [] };
  }
  if (name !== 'range') {
    throw new GovernanceError('FUNCTION_NOT_ALLOWED', `The table function ${name} is not allowed.`, {
      position: relation.at,
      remedy: 'range, explode, posexplode, inline and stack are; files are read by table names only.',
      sqlState: '42883',
    });
  }
  const plan = bindRange(relation, contextOf(binder, emptyScope(undefined, scope.ctes), 'range'));
  return { plan, columns: [plan.column], name: [name] };
}

const contextOf = (binder: Binder, scope: Scope, clause: string): ExprContext => ({
  binder,
  scope,
  clause,
  aggregates: false,
  windows: false,
});

function bindRange(relation: TableFunctionRelation, context: ExprContext): Extract<Plan, { kind: 'range' }> {
  const numbers = relation.args.map((arg) => {
    const bound = bindExpr(arg, context);
    if (bound.kind !== 'literal' || typeof bound.value !== 'bigint') {
      throw invalid('range takes literal whole numbers.', arg.at);
    }
    return bound.value;
  });
  if (numbers.length < 1 || numbers.length > RANGE_ARGUMENTS_MAX)
    throw invalid(`range takes 1 to ${RANGE_ARGUMENTS_MAX} arguments.`, relation.at);
  const [start, end, step] =
    numbers.length === 1
      ? [0n, numbers[0] ?? 0n, 1n]
      : [numbers[0] ?? 0n, numbers[1] ?? 0n, numbers[2] ?? 1n];
  if (step === 0n) throw invalid('The step of range may not be 0.', relation.at);
  const rows = (end - start) / step;
  if (rows > RANGE_ROWS_MAX) throw invalid(`range gives at most ${RANGE_ROWS_MAX} rows.`, relation.at);
  return { kind: 'range', column: context.binder.column('id', BIGINT, false), start, end, step };
}

export function bindLateralView(view: LateralView, input: From, binder: Binder, scope: Scope): From {
  const context = contextOf(binder, scope, 'LATERAL VIEW');
  const made = bindGenerator(view, view.alias?.columns ?? [], context);
  const name = view.alias?.name;
  const binding = name === undefined ? [] : [{ qualifier: [foldName(name.name)], columns: made.columns }];
  return {
    plan: made.plan(input.plan, made.list),
    visible: [...input.visible, ...made.columns],
    bindings: [...input.bindings, ...binding],
  };
}
