/** What doors call: the pipeline with its parts already in hand. */
import { foldName, type TableMeta } from '../core/catalog/catalog.js';
import { GovernanceError } from '../core/errors.js';
import type { Decision, Principal } from '../core/policy/decision.js';
import type { EngineId, ResourceLimits } from '../core/policy/resources.js';
import { explainStatement } from './explain.js';
import { governanceOf } from './governance.js';
import { resourcesOf } from './run-limits.js';
import {
  type RunDeps,
  type RunHooks,
  runStatement,
  type Sink,
  type StatementResult,
} from './run-statement.js';
import type { Caller, ExplainAnswer, Governance, StatementRequest } from './statement.js';

/** Objects in one decision request. */
export const DECISION_OBJECTS_MAX = 100;

export class StatementPipeline {
  constructor(private readonly deps: RunDeps) {}

  run(caller: Caller, request: StatementRequest, sink: Sink, hooks: RunHooks): Promise<StatementResult> {
    return runStatement(this.deps, caller, request, sink, hooks);
  }

  explain(caller: Caller, request: StatementRequest): Promise<ExplainAnswer> {
    return explainStatement(this.deps, caller, request);
  }

  /** The decision for these objects. Those one may not browse are answered like those that do not exist. */
  decide(principal: Principal, objects: readonly string[], purpose?: string): Decision {
    if (objects.length > DECISION_OBJECTS_MAX) {
      throw new GovernanceError('BAD_REQUEST', `At most ${DECISION_OBJECTS_MAX} objects per decision.`);
    }
    const now = this.deps.clock().getTime();
    const policies = this.deps.policies.current();
    const tables = objects.map((object) => this.tableNamed(object));
    for (const table of tables) if (!policies.canBrowse(principal, table, now)) throw unknownTable();
    return policies.decide({ principal, tables, now, ...(purpose === undefined ? {} : { purpose }) });
  }

  /** Would the same statement be governed alike now? Asked again whenever a kept result is fetched. */
  sameRights(principal: Principal, governance: Governance, purpose?: string): boolean {
    const policies = this.deps.policies.current();
    const catalog = this.deps.catalog();
    const tables = governance.objects.map((object) => catalog.tables.get(object));
    if (tables.some((table) => table === undefined)) return false;
    const decision = policies.decide({
      principal,
      tables: tables.filter((table) => table !== undefined),
      now: this.deps.clock().getTime(),
      ...(purpose === undefined ? {} : { purpose }),
    });
    if (!decision.allowed) return false;
    const now = governanceOf(decision, governance.decisionId);
    return (
      JSON.stringify(now.filteredTables) === JSON.stringify(governance.filteredTables) &&
      JSON.stringify(now.maskedColumns) === JSON.stringify(governance.maskedColumns)
    );
  }

  /** Its answer is not to be given to anybody again. */
  forget(statementId: string): void {
    this.deps.cache.forget(statementId);
  }

  /** What a statement of this principal gets on each engine. */
  resources(principal: Principal): Readonly<Record<EngineId, ResourceLimits>> {
    return resourcesOf(this.deps.policies.current(), principal, this.deps.clock().getTime());
  }

  /** Undefined: it is not known yet what it reads. */
  mayExplain(principal: Principal, objects: readonly string[] | undefined): boolean {
    if (objects === undefined) return false;
    try {
      this.requireExplain(principal, objects);
      return true;
    } catch {
      return false;
    }
  }

  /** Throws unless this principal may see plans over each of these objects, now. */
  requireExplain(principal: Principal, objects: readonly string[]): void {
    const tables = objects.flatMap((object) => this.deps.catalog().tables.get(object) ?? []);
    const now = this.deps.clock().getTime();
    const decision = this.deps.policies.current().decide({ principal, tables, now });
    const denied = objects.filter((object) => decision.tables.get(object)?.actions.explain !== true);
    if (denied.length === 0) return;
    throw new GovernanceError('EXPLAIN_NOT_ALLOWED', `You may not see plans over ${denied.join(', ')}.`, {
      denied: denied.map((object) => ({ object, action: 'explain' })),
      remedy:
        'Ask for the explain right on each of its tables; GET /v1/statements/{id} has the times of its stages.',
      sqlState: '42501',
    });
  }

  private tableNamed(object: string): TableMeta {
    const table = this.deps.catalog().tables.get(foldName(object));
    if (table === undefined) throw unknownTable();
    return table;
  }
}

const unknownTable = (): GovernanceError =>
  new GovernanceError('NOT_FOUND', 'There is no such object, or you may not know of it.', {
    remedy: 'GET /v1/catalog/tables lists what you may browse.',
  });
