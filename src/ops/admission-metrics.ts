/** Metrics of the line before the engines, by engine and resource group. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const WAIT_BUCKETS_SECONDS = [0.001, 0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800];
/** Groups with values of their own, the first that come; the others share one. */
const GROUPS_MAX = 200;
const OTHERS = 'others';

export interface AdmissionCount {
  readonly engine: string;
  readonly group: string;
  readonly running: number;
  readonly waiting: number;
}

interface Came {
  readonly engine: string;
  readonly group: string;
  readonly kind: 'started' | 'rejected' | 'left';
  readonly waitedMs: number;
}

export class AdmissionMetrics {
  private readonly groups = new Set<string>();
  private readonly waited: Histogram<'engine' | 'group'>;
  private readonly ended: Counter<'engine' | 'group' | 'reason'>;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.waited = new Histogram({
      name: 'sluice_queue_wait_seconds',
      help: 'Time that statements waited for their turn on the engine.',
      labelNames: ['engine', 'group'],
      buckets: WAIT_BUCKETS_SECONDS,
      registers,
    });
    this.ended = new Counter({
      name: 'sluice_queue_unserved_total',
      help: 'Statements that never got their turn: rejected because the queue was full, or left (cancelled, out of time).',
      labelNames: ['engine', 'group', 'reason'],
      registers,
    });
  }

  /** Asked at each scrape. */
  watch(counts: () => readonly AdmissionCount[]): void {
    this.gauge('sluice_queue_running', 'Statements of a resource group that run now.', counts, 'running');
    this.gauge('sluice_queue_waiting', 'Statements of a resource group that wait now.', counts, 'waiting');
  }

  readonly observe = ({ engine, group, kind, waitedMs }: Came): void => {
    const labels = { engine, group: this.labelOf(group) };
    if (kind === 'started') this.waited.observe(labels, waitedMs / 1_000);
    else this.ended.inc({ ...labels, reason: kind });
  };

  private gauge(
    name: string,
    help: string,
    counts: () => readonly AdmissionCount[],
    read: 'running' | 'waiting',
  ): void {
    const labelOf = (group: string): string => this.labelOf(group);
    new Gauge({
      name,
      help,
      labelNames: ['engine', 'group'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const count of counts())
          this.inc({ engine: count.engine, group: labelOf(count.group) }, count[read]);
      },
    });
  }

  private labelOf(group: string): string {
    if (this.groups.size < GROUPS_MAX) this.groups.add(group);
    return this.groups.has(group) ? group : OTHERS;
  }
}
