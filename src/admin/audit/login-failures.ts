/**
 * Sign-ins that failed, as events: the first one at once, what follows from the same address within a moment
 * as one event with its count. Whoever tries a million times must not push out the record of statements.
 */
import type { AuditEvent } from '../../core/audit/event.js';

const WINDOW_MS = 1_000;
/** Addresses that are told apart at the same time. */
const ADDRESSES_MAX = 50;
const OTHERS = 'others';

export interface LoginFailuresOptions {
  readonly record: (event: AuditEvent) => Promise<void>;
  readonly clock: () => Date;
  readonly onProblem: (error: unknown) => void;
}

export class LoginFailures {
  /** Failures since the last event, by what they have in common. */
  private readonly windows = new Map<string, number>();

  constructor(private readonly options: LoginFailuresOptions) {}

  note(method: string, address: string): void {
    const own = `${method} ${address}`;
    const key = this.windows.has(own) || this.windows.size < ADDRESSES_MAX ? own : `${method} ${OTHERS}`;
    const counted = this.windows.get(key);
    if (counted !== undefined) {
      this.windows.set(key, counted + 1);
      return;
    }
    this.open(key, method, key === own ? address : OTHERS);
    this.tell(method, address, 1);
  }

  private open(key: string, method: string, address: string): void {
    this.windows.set(key, 0);
    setTimeout(() => {
      const count = this.windows.get(key) ?? 0;
      this.windows.delete(key);
      if (count === 0) return;
      this.open(key, method, address);
      this.tell(method, address, count);
    }, WINDOW_MS).unref();
  }

  /** Nobody waits for it: no data depends on it. */
  private tell(method: string, address: string, count: number): void {
    const at = this.options.clock().toISOString();
    this.options
      .record({ kind: 'login.failed', at, fields: { method, count }, personal: { address } })
      .catch(this.options.onProblem);
  }
}
