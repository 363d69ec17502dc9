/**
 * Brings the log to one sink: in its order, at least once, by one gateway at a time. Events wait in Postgres,
 * not here; however the receiver behaves, statements go on, and how far it is behind is a metric.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { cefOf } from '../../core/audit/siem/cef.js';
import { ocsfOf } from '../../core/audit/siem/ocsf.js';
import type { SiemEvent, SiemSource } from '../../core/audit/siem/siem-event.js';
import { eventsAfter } from '../../store/audit-feed.js';
import { moveSinkCursor, noteSinkSettings, openSinkCursor } from '../../store/audit-sink-cursor.js';
import { AuditTurn } from '../../store/audit-turn.js';
import type { PrivateParts } from '../../store/private-parts.js';
import { type Sink, SinkProblem } from './sink.js';

const EVENTS_MAX = 500;
const POLL_MS = 1_000;
const TURN_MS = 3_000;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 60_000;

export interface SinkTarget {
  readonly name: string;
  /** Where it goes, without secrets: what the log says of it. */
  readonly place: string;
  readonly format: 'ocsf' | 'cef';
  /** With what names people. */
  readonly personal: boolean;
  readonly fromNow: boolean;
  /** Only these; absent: all. */
  readonly kinds?: readonly string[];
}

export interface SinkDeliveryOptions {
  readonly url: string;
  readonly target: SinkTarget;
  readonly sink: Sink;
  readonly source: SiemSource;
  readonly parts?: PrivateParts;
  /** That it goes there from now on, on record before anything does. */
  readonly configured: (target: SinkTarget, after: number) => Promise<void>;
  readonly onDelivered: (events: number) => void;
  readonly onProblem: (error: unknown) => void;
  readonly retryMs?: (attempt: number) => number;
  readonly pollMs?: number;
  readonly turnMs?: number;
}

export class SinkDelivery {
  private readonly abort = new AbortController();
  private readonly running: Promise<void>;
  private eventsMax = EVENTS_MAX;
  private failures = 0;

  constructor(private readonly options: SinkDeliveryOptions) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.running;
    await this.options.sink.close();
  }

  private get stopped(): boolean {
    return this.abort.signal.aborted;
  }

  private async run(): Promise<void> {
    const { url, target, turnMs } = this.options;
    while (!this.stopped) {
      const lost = new AbortController();
      let turn: AuditTurn | undefined;
      try {
        turn = await AuditTurn.take(url, `sink ${target.name}`, () => lost.abort());
        if (turn !== undefined) await this.deliver(turn, AbortSignal.any([this.abort.signal, lost.signal]));
      } catch (error) {
        // Postgres is away, or the turn was lost: from the cursor again.
        if (!this.stopped) this.failed(error);
      } finally {
        await turn?.end();
      }
      await this.pause(turnMs ?? TURN_MS);
    }
  }

  private async deliver(turn: AuditTurn, signal: AbortSignal): Promise<void> {
    const { target, pollMs, parts } = this.options;
    let cursor = await this.open(turn);
    while (!signal.aborted) {
      const events = await eventsAfter(turn, cursor, this.eventsMax, parts);
      const last = events.at(-1)?.number;
      if (last === undefined) {
        await this.pause(pollMs ?? POLL_MS);
        continue;
      }
      const wanted = events.filter(({ record }) => target.kinds?.includes(String(record.kind)) ?? true);
      if (wanted.length > 0 && !(await this.send(wanted, signal))) continue;
      await moveSinkCursor(turn, target.name, cursor, last);
      cursor = last;
    }
  }

  private async open(turn: AuditTurn): Promise<number> {
    const { target, configured } = this.options;
    const { name, place, format, personal, kinds } = target;
    const settings = JSON.stringify({ place, format, personal, kinds: kinds ?? 'all' });
    const { cursor, isChanged } = await openSinkCursor(turn, name, settings, target.fromNow);
    if (isChanged) {
      await configured(target, cursor);
      await noteSinkSettings(turn, name, settings);
    }
    return cursor;
  }

  /** False: not taken. It waits before it returns, longer each time. */
  private async send(events: readonly SiemEvent[], signal: AbortSignal): Promise<boolean> {
    const shown = events.map((event) => this.shown(event));
    try {
      await this.options.sink.send({ events: shown, lines: shown.map((event) => this.line(event)) }, signal);
      this.options.onDelivered(events.length);
      this.failures = 0;
      this.eventsMax = Math.min(EVENTS_MAX, this.eventsMax * 2);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.failed(error);
      if (error instanceof SinkProblem && error.tooLarge) this.eventsMax = Math.ceil(events.length / 2);
      const ms = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** (this.failures - 1));
      await this.pause(this.options.retryMs?.(this.failures) ?? ms);
      return false;
    }
  }

  /** Told once, and not for as long as it lasts. */
  private failed(error: unknown): void {
    this.failures += 1;
    if (this.failures === 1) this.options.onProblem(error);
  }

  private shown(event: SiemEvent): SiemEvent {
    if (this.options.target.personal) return event;
    const { personal: _, ...rest } = event;
    return rest;
  }

  private line(event: SiemEvent): string {
    const { target, source } = this.options;
    return target.format === 'cef' ? cefOf(event, source) : JSON.stringify(ocsfOf(event, source));
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.abort.signal }).catch(() => undefined);
  }
}
