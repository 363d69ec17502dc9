/** What doors call: the pipeline with its parts already in hand. */
import { foldName, type TableMeta } from '../core/catalog/catalog.js';
import { GovernanceError } from '../core/errors.js';
import type { Action, Decision, Principal } from '../core/policy/decision.js';
import { explainStatement } from './explain.js';
import {
  type RunDeps,
  type RunHooks,
  runStatement,
  type Sink,
  type StatementResult,
} from './run-statement.js';
import type { Caller, ExplainAnswer, StatementRequest } from './statement.js';

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

  /**
   * The decision for these objects, as `action` matters to the caller. Objects one may not browse are answered like
   * objects that do not exist.
   */
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

  /** May still read all of these: asked again whenever a kept result is fetched. */
  stillAllowed(principal: Principal, objects: readonly string[], action: Action, purpose?: string): boolean {
    if (objects.length === 0) return true;
    const catalog = this.deps.catalog();
    const tables = objects.map((object) => catalog.tables.get(object)).filter((table) => table !== undefined);
    if (tables.length < objects.length) return false;
    const decision = this.deps.policies.current().decide({
      principal,
      tables,
      now: this.deps.clock().getTime(),
      ...(purpose === undefined ? {} : { purpose }),
    });
    return tables.every((table) => decision.tables.get(table.id)?.actions[action] === true);
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
