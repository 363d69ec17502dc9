/** What commands of a session change or ask, outside of a run. */
import { type ColumnMeta, foldName } from '../../core/catalog/catalog.js';
import { codeRefused } from '../../core/plan/connect/code.js';
import type { Statement } from '../../core/sql/ast.js';
import { browsable } from '../bind-context.js';
import { useQuery } from '../metadata-rows.js';
import type { Caller } from '../statement.js';
import type { CodeFiles } from './code-files.js';
import { requireCodeSomewhere } from './code-plan.js';
import type { ClientSession } from './connect-session.js';
import { planScope, relationColumns } from './govern-plan.js';
import type { Namespace } from './plan-leaf.js';
import { type PlanRun, type RunPlanDeps, recordingRefusals } from './run-plan.js';
import { addFunction } from './session-functions.js';

/** Where names are looked up after USE. Throws when the principal knows of no such place. */
export function useNamespace(
  statement: Extract<Statement, { kind: 'use' }>,
  deps: RunPlanDeps,
  caller: Caller,
  session: ClientSession,
): Namespace {
  const scope = planScope(deps, caller, session);
  const { catalog, schema } = session.namespace;
  useQuery(statement, {
    catalog: scope.catalog,
    currentCatalog: catalog,
    currentSchema: schema,
    browse: (table) => browsable(scope, table),
  });
  const [first = '', second] = statement.name.map(({ name }) => foldName(name));
  if (second !== undefined) return { catalog: first, schema: second };
  const tables = [...scope.catalog.tables.values()];
  const isSchema = tables.some((table) => table.catalog === catalog && table.schema === first);
  if (statement.what !== 'catalog' && isSchema) return { catalog, schema: first };
  return { catalog: first, schema: 'main' };
}

/** The columns of a plan that is to be a view; asked of the server, as Spark does when a view is made. */
export function viewColumns(
  deps: RunPlanDeps,
  run: PlanRun,
): Promise<{ readonly columns: readonly ColumnMeta[]; readonly policyVersion: number }> {
  return recordingRefusals(deps, run, async () => {
    const { columns, governed } = await relationColumns(deps, run.caller, run.session, run.plan);
    return { columns, policyVersion: governed.governance.policyVersion };
  });
}

/** A file for code of the session. `run.plan` names it. */
export const allowCodeFile = (deps: RunPlanDeps, run: PlanRun): Promise<CodeFiles> =>
  recordingRefusals(deps, run, async () => {
    if (deps.code === undefined) throw codeRefused('A file for code', 'no-engine');
    requireCodeSomewhere(planScope(deps, run.caller, run.session));
    return deps.code.files;
  });

/** `run.plan`: a `CommonInlineUserDefinedFunction` in its normal form. */
export const registerFunction = (deps: RunPlanDeps, run: PlanRun): Promise<void> =>
  recordingRefusals(deps, run, async () => {
    requireCodeSomewhere(planScope(deps, run.caller, run.session));
    addFunction(run.session, run.plan);
  });
