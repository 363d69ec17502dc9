/** Executions by session and id. */

import { GovernanceError } from '../../core/errors.js';
import type { ClientSession } from '../../gateway/connect/connect-session.js';
import { ProtocolError } from './errors.js';
import { canceled, Operation } from './operation.js';

/** That run or may still be fetched, in one session. */
const OPERATIONS_MAX = 500;
/** What has ended stays to be asked about for so long, the newest of them. */
const ENDED_MAX = 200;

export class Operations {
  private readonly bySession = new WeakMap<ClientSession, Map<string, Operation>>();
  private readonly running = new Set<Operation>();

  /** Throws when the id is in use. */
  begin(session: ClientSession, id: string, tags: readonly string[]): Operation {
    const all = this.all(session);
    if (all.has(id))
      throw new ProtocolError('INVALID_HANDLE.OPERATION_ALREADY_EXISTS', 'There is such an operation.');
    if (all.size >= OPERATIONS_MAX) this.dropEnded(all);
    if (all.size >= OPERATIONS_MAX) {
      throw new GovernanceError('QUEUE_FULL', `One session runs at most ${OPERATIONS_MAX} operations.`, {
        retryable: true,
        remedy: 'Wait for some of them to end.',
      });
    }
    const operation = new Operation(session, id, tags);
    all.set(id, operation);
    this.running.add(operation);
    return operation;
  }

  /** Someone else's is not found, as one that never was. */
  find(session: ClientSession, id: string): Operation {
    const found = this.all(session).get(id);
    if (found !== undefined) return found;
    throw new ProtocolError('INVALID_HANDLE.OPERATION_NOT_FOUND', 'There is no such operation.');
  }

  peek(session: ClientSession, id: string): Operation | undefined {
    return this.all(session).get(id);
  }

  list(session: ClientSession): readonly Operation[] {
    return [...this.all(session).values()];
  }

  /** Nobody will ask for its answers again. */
  forget(operation: Operation): void {
    operation.answers = [];
    this.dropEnded(this.all(operation.session));
  }

  ended(operation: Operation): void {
    this.running.delete(operation);
  }

  /** Ends all that runs in a session. */
  async stopAll(session: ClientSession): Promise<void> {
    await Promise.all(this.list(session).map((operation) => this.stopOne(operation)));
  }

  /** Lets what runs end for `graceMs`, then ends it. */
  async drain(graceMs: number): Promise<void> {
    const deadline = Date.now() + graceMs;
    while (this.running.size > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(50, graceMs)));
    }
    await Promise.all([...this.running].map((operation) => this.stopOne(operation)));
  }

  /** For good: a client that is gone hears nothing of it, the record does. */
  async stopOne(operation: Operation): Promise<void> {
    if (operation.state !== 'running') return;
    await operation.stop(canceled());
    await operation.remote?.outcome.failed(canceled()).catch(() => undefined);
    operation.settle('canceled');
    this.ended(operation);
  }

  /** Clients need not say that they let go: the oldest are let go for them. */
  private dropEnded(all: Map<string, Operation>): void {
    const ended = [...all.values()].filter(({ state }) => state !== 'running');
    for (const old of ended.slice(0, Math.max(0, ended.length - ENDED_MAX))) all.delete(old.id);
  }

  private all(session: ClientSession): Map<string, Operation> {
    const known = this.bySession.get(session) ?? new Map<string, Operation>();
    this.bySession.set(session, known);
    return known;
  }
}
