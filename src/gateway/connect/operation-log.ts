/**
 * Plans of the Spark Connect door as statements that can be listed. Those that run are in memory; the register in Postgres
 * gets them in batches, so that a plan of a few milliseconds costs one row and no waiting.
 */
import type { EngineStage } from '../../engines/engine.js';
import type { StatementRegister } from '../../store/statement-register.js';
import type { ShownResources, Timings } from '../statement.js';
import type { StatementState } from '../statement-entry.js';

const FLUSH_MS = 500;
const BATCH_MAX = 500;
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
  readonly register: Pick<StatementRegister, 'put'>;
  readonly clock: () => Date;
  readonly onProblem: (error: unknown) => void;
}

export class OperationLog {
  private readonly plans = new Map<string, LoggedPlan>();
  private readonly changed = new Set<LoggedPlan>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

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

  /** Resolves when what was known until now is in the register. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const plans = [...this.changed];
    this.changed.clear();
    if (plans.length > 0) this.writing = this.writing.then(() => this.write(plans));
    await this.writing;
  }

  private note(plan: LoggedPlan): void {
    this.changed.add(plan);
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => void this.flush(), FLUSH_MS);
    this.timer.unref();
  }

  private async write(plans: readonly LoggedPlan[]): Promise<void> {
    for (let at = 0; at < plans.length; at += BATCH_MAX) {
      const rows = plans.slice(at, at + BATCH_MAX).map((plan) => ({
        id: plan.id,
        principal: plan.user,
        // Rows of a plan go to its client and are kept nowhere.
        state: plan.state,
        submittedAt: plan.submittedAt,
        finishedAt: plan.finishedAt ?? null,
        code: plan.code ?? null,
        header: { door: 'spark-connect', engine: 'spark', group: plan.resources.group },
      }));
      await this.options.register.put(rows).catch(this.options.onProblem);
    }
  }

  private dropOldest(): void {
    for (const plan of this.plans.values()) {
      if (plan.finishedAt === undefined) continue;
      this.plans.delete(plan.id);
      return;
    }
  }
}
