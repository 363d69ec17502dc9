/**
 * The turn of a DataFrame plan on the engine, and its limits: waited for when somebody first listens to the plan, kept
 * until the plan has ended. Who goes away while it waits gives the place in line up, and comes back at its end.
 */
import type { EngineTurns, RunLimits, Turn } from '../../engines/engine.js';
import type { Policies } from '../policies.js';
import { runLimits, shownResources } from '../run-limits.js';
import type { StatementLimits } from '../run-statement.js';
import type { Caller, ShownResources } from '../statement.js';

export interface PlanTurnDeps {
  readonly turns: EngineTurns;
  readonly limits: StatementLimits;
  readonly policies: Policies;
  readonly clock: () => Date;
}

export class PlanTurn {
  readonly limits: Required<RunLimits>;
  private readonly turn: Turn;
  private leave: (() => void) | undefined;
  private release: (() => void) | undefined;
  private over = false;

  constructor(
    private readonly deps: PlanTurnDeps,
    { principal }: Caller,
    statementId: string,
  ) {
    const { limits, policies, clock } = deps;
    const group = policies.current().resources(principal, 'spark', clock().getTime());
    // The protocol has no place for what a client wants to wait or get at most.
    const asked = { byteLimit: limits.byteLimitMax, timeoutMs: limits.timeoutMsMax };
    this.limits = runLimits(limits, asked, group);
    this.turn = { statementId, user: principal.user, group };
  }

  get resources(): ShownResources {
    return shownResources(this.turn.group, this.limits);
  }

  /** Its turn has come at some time. */
  get begun(): boolean {
    return this.release !== undefined || this.over;
  }

  /** For the list of statements. */
  watched: { readonly onWait: () => void; readonly onStart: () => void } | undefined;

  /** Throws QUEUE_FULL, and STATEMENT_CANCELED when `signal` fires or the plan ends. */
  async take(signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    const leave = (): void => waiting.abort();
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    this.leave = leave;
    this.watched?.onWait();
    try {
      const release = await this.deps.turns.enter(this.turn, waiting.signal);
      if (this.over) return release();
      this.release = release;
      this.watched?.onStart();
    } finally {
      signal.removeEventListener('abort', leave);
      this.leave = undefined;
    }
  }

  /** Waits no longer. */
  cancel(): void {
    this.leave?.();
  }

  /** The plan has ended, however; again and again is the same as once. */
  end(): void {
    this.over = true;
    this.cancel();
    this.release?.();
  }
}
