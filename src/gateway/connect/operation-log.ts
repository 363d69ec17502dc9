/** Plans of the Spark Connect door as statements that can be listed: in memory while they run, then in the register. */
import type { EngineStage } from '../../engines/engine.js';
import type { RegisterWriter } from '../register-writer.js';
import type { ShownResources, Timings } from '../statement.js';
import type { StatementState } from '../statement-entry.js';

/** Plans that ended lately, to be asked about. */
const KEPT_MAX = 2_000;

export interface LoggedPlan {
  readonly id: string;
  readonly user: string;
  readonly submittedAt: Date;
  readonly resources: ShownResources;
  readonly objects: readonly string[];
  readonly timings: Timings;
  readonly stop: () => void;
  /** What the engine tells of its stages. */
  readonly stages: () => Promise<readonly EngineStage[]>;
  state: StatementState;
  startedAt?: Date;
  finishedAt?: Date;
  code?: string;
}

export interface OperationLogOptions {
  readonly register: Pick<RegisterWriter, 'note'>;
  readonly clock: () => Date;
}

export class OperationLog {
  private readonly plans = new Map<string, LoggedPlan>();

  constructor(private readonly options: OperationLogOptions) {}

  enter(
    plan: Pick<LoggedPlan, 'id' | 'user' | 'resources' | 'objects' | 'timings' | 'stages' | 'stop'>,
  ): LoggedPlan {
    const logged: LoggedPlan = { ...plan, submittedAt: this.options.clock(), state: 'running' };
    this.plans.set(logged.id, logged);
    if (this.plans.size > KEPT_MAX) this.dropOldest();
    this.note(logged);
    return logged;
  }

  waits(plan: LoggedPlan): void {
    plan.state = 'queued';
    this.note(plan);
  }

  started(plan: LoggedPlan): void {
    if (plan.state !== 'queued') return;
    plan.state = 'running';
    plan.startedAt = this.options.clock();
    this.note(plan);
  }

  ended(plan: LoggedPlan, state: StatementState, code?: string): void {
    plan.state = state;
    plan.finishedAt = this.options.clock();
    if (code !== undefined) plan.code = code;
    this.note(plan);
  }

  find(id: string): LoggedPlan | undefined {
    return this.plans.get(id);
  }

  private note(plan: LoggedPlan): void {
    this.options.register.note(plan.id, () => ({
      id: plan.id,
      principal: plan.user,
      // Rows of a plan go to its client and are kept nowhere.
      state: plan.state,
      submittedAt: plan.submittedAt,
      finishedAt: plan.finishedAt ?? null,
      code: plan.code ?? null,
      header: { door: 'spark-connect', engine: 'spark', group: plan.resources.group },
    }));
  }

  private dropOldest(): void {
    for (const plan of this.plans.values()) {
      if (plan.finishedAt === undefined) continue;
      this.plans.delete(plan.id);
      return;
    }
  }
}
