/**
 * One execution of one client. Its id is the client's, found under the client's own session only; what the server knows it
 * by is ours. A stream may break and be taken up again, so the answers outlive the call that asked for them: those of the
 * server are kept there, those of the gateway here.
 */
import { randomUUID } from 'node:crypto';
import { GovernanceError } from '../../core/errors.js';
import type { TracedPlan } from '../../core/lineage/connect/plan-tracer.js';
import type { PlanMessage } from '../../core/plan/connect/message.js';
import type { ClientSession, EngineSession } from '../../gateway/connect/connect-session.js';
import type { PlanSession } from '../../gateway/connect/engine.js';
import type { PlanTurn } from '../../gateway/connect/plan-turn.js';
import type { PlanOutcome } from '../../gateway/connect/run-plan.js';
import type { NamedType } from '../../gateway/lineage-teller.js';
import type { Governance } from '../../gateway/statement.js';
import type { ConnectMessage } from '../../proto/message.js';
import type { Feed } from './feed.js';

export type OperationState = 'running' | 'succeeded' | 'failed' | 'canceled';

/** An execution on the server. */
export interface Remote {
  readonly engine: EngineSession;
  /** Where it runs. */
  readonly session: PlanSession;
  readonly outcome: PlanOutcome;
  readonly governance: Governance;
  /** Where the columns of its result come from. */
  readonly trace: () => TracedPlan;
  readonly reattachable: boolean;
  /** The caller may see what is counted below row rules. */
  readonly showsMetrics: boolean;
  /** Secured; made when it is about to run. */
  readonly plan: () => Promise<PlanMessage>;
  /** The server was asked to run it. */
  sent: boolean;
  /** What the client asks for besides, as the server takes it. */
  readonly requestOptions: readonly unknown[];
  readonly turn: PlanTurn;
}

export class Operation {
  readonly remoteId = randomUUID();
  readonly statementId = randomUUID();
  state: OperationState = 'running';
  remote: Remote | undefined;
  /** Answers of ours, whole; kept until the client lets go of them. */
  answers: readonly ConnectMessage[] = [];
  /** Answers of ours that go on. */
  feed: Feed | undefined;
  rows = 0;
  bytes = 0;
  /** Columns of the result, once the server has told them. */
  schema: readonly NamedType[] | undefined;
  /** Ends the call that hears its answers now; the operation goes on. */
  listening: AbortController | undefined;
  /** Ends it when nobody has come back for it, and when its time is over. */
  abandoned: NodeJS.Timeout | undefined;
  deadline: NodeJS.Timeout | undefined;
  /** Why it never ran. */
  refused: unknown;
  /** Why it was ended by us: told instead of what the server makes of it. */
  stopped: GovernanceError | undefined;
  private readonly stopper = new AbortController();

  constructor(
    readonly session: ClientSession,
    readonly id: string,
    readonly tags: readonly string[],
  ) {}

  /** Aborted when it is ended by us. */
  get stopping(): AbortSignal {
    return this.stopper.signal;
  }

  /** Interrupts it on the server. The stream then ends with `reason`, or whoever comes back for it hears it. */
  async stop(reason: GovernanceError): Promise<void> {
    this.stopped ??= reason;
    this.remote?.turn.cancel();
    this.stopper.abort(this.stopped);
    this.feed?.close();
    await this.interruptRemote();
  }

  async interruptRemote(): Promise<void> {
    const { remote } = this;
    if (remote === undefined) return;
    await remote.session
      .call('Interrupt', {
        interruptType: INTERRUPT_OPERATION,
        interrupt: { case: 'operationId', value: this.remoteId },
      })
      .catch(() => undefined);
  }

  /** It has ended; how, is on record. */
  settle(state: Exclude<OperationState, 'running'>): void {
    clearTimeout(this.abandoned);
    clearTimeout(this.deadline);
    if (this.state === 'running') this.state = state;
  }
}

/** `INTERRUPT_TYPE_OPERATION_ID` */
const INTERRUPT_OPERATION = 3;

export const canceled = (): GovernanceError =>
  new GovernanceError('STATEMENT_CANCELED', 'The statement was cancelled.', { sqlState: '57014' });
