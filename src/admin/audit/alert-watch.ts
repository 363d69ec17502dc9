/**
 * Alerts: one gateway at a time follows the log, holds the rules against it and records what fires as an event of
 * the log, which takes it to the sinks. How far it has come is in Postgres; no event is passed over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertRule, Firing } from '../../core/audit/alert-rule.js';
import type { AlertRules } from '../../store/alert-rules.js';
import {
  type Alert,
  alertCursor,
  dueAlerts,
  isInLog,
  keepFirings,
  noteRecorded,
} from '../../store/audit-alerts.js';
import { eventsAfter } from '../../store/audit-feed.js';
import type { AuditStatus } from '../../store/audit-status.js';
import { AuditTurn } from '../../store/audit-turn.js';
import { firingsOf, standingFirings, type Tagged } from './alert-evaluation.js';
import type { AuditTrail } from './audit-trail.js';

const EVENTS_MAX = 500;
const DUE_MAX = 100;
const POLL_MS = 1_000;
const TURN_MS = 3_000;

export interface AlertWatchOptions {
  readonly url: string;
  readonly rules: AlertRules;
  readonly trail: Pick<AuditTrail, 'record'>;
  readonly status: () => AuditStatus;
  /** What of the log or its anchors does not fit. */
  readonly broken: () => readonly string[];
  readonly tagged: Tagged;
  readonly clock: () => Date;
  readonly onAlert: (rule: string, severity: string) => void;
  readonly onProblem: (error: unknown) => void;
  readonly pollMs?: number;
}

export class AlertWatch {
  private readonly abort = new AbortController();
  private readonly running: Promise<void>;
  private readonly unreadable = new Set<string>();
  private failing = false;

  constructor(private readonly options: AlertWatchOptions) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.abort;
    while (!signal.aborted) {
      const lost = new AbortController();
      let turn: AuditTurn | undefined;
      try {
        turn = await AuditTurn.take(this.options.url, 'alerts', () => lost.abort());
        while (turn !== undefined && !signal.aborted && !lost.signal.aborted) {
          const more = await this.round(turn);
          this.failing = false;
          if (!more) await this.pause(this.options.pollMs ?? POLL_MS);
        }
      } catch (error) {
        if (!this.failing && !signal.aborted) this.options.onProblem(error);
        this.failing = true;
      } finally {
        await turn?.end();
      }
      await this.pause(TURN_MS);
    }
  }

  /** True: there are more events. */
  private async round(turn: AuditTurn): Promise<boolean> {
    const rules = await this.rules();
    const { status, broken, tagged, clock } = this.options;
    const cursor = await alertCursor(turn);
    const events = await eventsAfter(turn, cursor, EVENTS_MAX);
    const firings: Firing[] = [];
    for (const rule of rules) {
      firings.push(...(await firingsOf(turn, rule, events, tagged)));
      firings.push(...standingFirings(rule, status(), broken(), clock()));
    }
    if (events.length > 0 || firings.length > 0)
      await keepFirings(turn, firings, events.at(-1)?.number ?? cursor);
    for (const alert of await dueAlerts(turn, DUE_MAX)) await this.record(turn, alert);
    return events.length > 0;
  }

  private async record(turn: AuditTurn, { id, rule, subject, windowStart, fields }: Alert): Promise<void> {
    const severity = String(fields.severity);
    if (!(await isInLog(turn, id))) {
      const { condition, severity: _, ...detail } = fields;
      await this.options.trail.record({
        kind: 'alert.fired',
        fields: {
          alertId: id,
          rule,
          condition: String(condition),
          severity,
          windowStart: windowStart.toISOString(),
          ...(PSEUDONYM.test(subject) ? { actor: subject } : subject === '' ? {} : { subject }),
          detail: detail as Firing['detail'],
        },
      });
      this.options.onAlert(rule, severity);
    }
    await noteRecorded(turn, id);
  }

  /** Those that can be read; one that cannot is told once and changes nothing. */
  private async rules(): Promise<readonly AlertRule[]> {
    const stored = await this.options.rules.all();
    for (const { name, rule } of stored) {
      if (rule !== undefined) this.unreadable.delete(name);
      else if (!this.unreadable.has(name)) {
        this.unreadable.add(name);
        this.options.onProblem(new Error(`the alert rule ${name} cannot be read`));
      }
    }
    return stored.flatMap(({ rule }) => (rule?.enabled === true ? [rule] : []));
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.abort.signal }).catch(() => undefined);
  }
}

const PSEUDONYM = /^[0-9a-f]{32}$/;
