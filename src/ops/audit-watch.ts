/** Looks at the log and its copies every few seconds; what it saw last is in the metrics. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { AuditStatus } from '../store/audit-status.js';

const LOOK_MS = 2_000;

export interface AuditWatchOptions {
  readonly registry: Registry;
  readonly look: () => Promise<AuditStatus>;
  /** When the key that signs now was made. */
  readonly keyMadeAt: Date;
  readonly clock: () => Date;
}

export class AuditWatch {
  private readonly delivered: Counter<'sink'>;
  private readonly failures: Counter<'kind' | 'name'>;
  private readonly alerts: Counter<'rule' | 'severity'>;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private stopped = false;
  private seen: AuditStatus = { unsignedSeconds: 0, copies: [] };

  constructor(private readonly options: AuditWatchOptions) {
    const registers = [options.registry];
    this.delivered = new Counter({
      name: 'sluice_audit_sink_events_total',
      help: 'Events that a receiver has, sent by this gateway.',
      labelNames: ['sink'],
      registers,
    });
    this.failures = new Counter({
      name: 'sluice_audit_copy_failures_total',
      help: 'Times that a sink or an anchor began to fail.',
      labelNames: ['kind', 'name'],
      registers,
    });
    this.alerts = new Counter({
      name: 'sluice_audit_alerts_total',
      help: 'Alerts that this gateway recorded, by rule.',
      labelNames: ['rule', 'severity'],
      registers,
    });
    this.gauges(registers);
    this.schedule();
  }

  deliveredTo(sink: string, events: number): void {
    this.delivered.inc({ sink }, events);
  }

  failed(kind: 'sink' | 'anchor', name: string): void {
    this.failures.inc({ kind, name });
  }

  alerted(rule: string, severity: string): void {
    this.alerts.inc({ rule, severity });
  }

  get status(): AuditStatus {
    return this.seen;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.looking = this.look().finally(() => this.schedule());
    }, LOOK_MS);
    this.timer.unref();
  }

  private async look(): Promise<void> {
    // A database that is away is told elsewhere; what was seen last stays.
    this.seen = await this.options.look().catch(() => this.seen);
  }

  private gauges(registers: Registry[]): void {
    const { keyMadeAt, clock } = this.options;
    const status = (): AuditStatus => this.seen;
    new Gauge({
      name: 'sluice_audit_unsigned_seconds',
      help: 'Age of the oldest event that no checkpoint covers; 0: all are covered.',
      registers,
      collect() {
        this.set(status().unsignedSeconds);
      },
    });
    new Gauge({
      name: 'sluice_audit_key_age_seconds',
      help: 'Age of the key that signs the audit log.',
      registers,
      collect() {
        this.set((clock().getTime() - keyMadeAt.getTime()) / 1_000);
      },
    });
    for (const [name, help, field] of COPY_GAUGES)
      new Gauge({
        name,
        help,
        labelNames: ['kind', 'name'],
        registers,
        collect() {
          this.reset();
          for (const copy of status().copies) this.set({ kind: copy.kind, name: copy.name }, copy[field]);
        },
      });
  }
}

const COPY_GAUGES = [
  [
    'sluice_audit_copy_lag_seconds',
    'Age of the oldest event or checkpoint that a sink or an anchor does not have; 0: it has all.',
    'lagSeconds',
  ],
  [
    'sluice_audit_copy_batches_behind',
    'Batches of the log that a sink or an anchor does not have yet.',
    'batchesBehind',
  ],
] as const;
