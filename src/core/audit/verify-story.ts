/**
 * Checks what the events say together: every end has its beginning, every erased part its record, and where
 * clocks or heartbeats leave a gap, it is told.
 */
import type { FindingCode } from './verdict.js';

type EventRecord = Readonly<Record<string, unknown>>;
type Report = (code: FindingCode, detail: string) => void;

/** A clock may be corrected by so much without being worth a word. */
const CLOCK_BACK_MS_MAX = 5_000;
/** So many heartbeats may be missed. */
const HEARTBEATS_MISSED_MAX = 3;
/** What ended lately is remembered, so that one end told twice is not taken for an end without beginning. */
const ENDED_KEPT_MAX = 10_000;
/** Statements that began and have not ended: more than that at once is no log of ours. */
const OPEN_MAX = 1_000_000;

export class Story {
  private readonly open = new Set<string>();
  private readonly ended = new Set<string>();
  private readonly clocks = new Map<string, number>();
  private readonly erasedBy = new Map<string, string>();
  private readonly erased = new Set<string>();
  private readonly shown = new Set<string>();
  private everySeconds: number | undefined;
  private last: { readonly at: number; readonly kind: unknown } | undefined;

  constructor(private readonly report: Report) {}

  event(id: string, record: EventRecord): void {
    const at = typeof record.at === 'string' ? Date.parse(record.at) : Number.NaN;
    if (!Number.isNaN(at)) this.time(String(record.shard), at, record.kind, id);
    if (record.kind === 'statement.intent') this.begin(`statement ${String(record.statementId)}`);
    if (record.kind === 'admin.intent') this.begin(`request ${String(record.requestId)}`);
    if (record.kind === 'statement.outcome') this.end(`statement ${String(record.statementId)}`);
    if (record.kind === 'admin.outcome') this.end(`request ${String(record.requestId)}`);
    if (record.kind === 'heartbeat' && typeof record.everySeconds === 'number')
      this.everySeconds = record.everySeconds;
    if (record.kind === 'audit.erased' && Array.isArray(record.events))
      // Said again after a crash in between: the first one is what tombstones name.
      for (const event of record.events.map(String))
        if (!this.erasedBy.has(event)) this.erasedBy.set(event, id);
  }

  /** The personal part of this event is not there any more. */
  isErased(id: string): void {
    this.erased.add(id);
  }

  /** The file says that one event took the personal part of another. */
  tombstone(event: string, erasedBy: string): void {
    if (!this.erased.has(event) || this.erasedBy.get(event) !== erasedBy)
      this.report('ERASURE_UNRECORDED', event);
    this.shown.add(event);
  }

  finish(): void {
    for (const event of this.erased) if (!this.shown.has(event)) this.report('ERASURE_UNRECORDED', event);
    for (const event of this.erasedBy.keys())
      if (!this.erased.has(event)) this.report('ERASED_BUT_KEPT', event);
    for (const what of this.open) this.report('UNANSWERED', what);
  }

  private begin(what: string): void {
    if (this.open.size < OPEN_MAX) this.open.add(what);
  }

  private end(what: string): void {
    if (this.open.delete(what)) this.ended.add(what);
    else if (this.ended.has(what)) this.report('ENDED_TWICE', what);
    else if (this.open.size < OPEN_MAX) this.report('OUTCOME_WITHOUT_INTENT', what);
    // The oldest are forgotten first.
    const [oldest] = this.ended;
    if (this.ended.size > ENDED_KEPT_MAX && oldest !== undefined) this.ended.delete(oldest);
  }

  private time(shard: string, at: number, kind: unknown, id: string): void {
    const before = this.clocks.get(shard) ?? at;
    if (at < before - CLOCK_BACK_MS_MAX)
      this.report('CLOCK_JUMP', `${id}: ${Math.round((before - at) / 1_000)} s back`);
    this.clocks.set(shard, at);
    const quietMs = at - (this.last?.at ?? at);
    const awaited = this.everySeconds !== undefined && this.last?.kind !== 'gateway.stopped';
    if (awaited && quietMs > this.everySeconds! * 1_000 * HEARTBEATS_MISSED_MAX)
      this.report('SILENCE', `${Math.round(quietMs / 1_000)} s before ${id}`);
    this.last = { at: Math.max(at, this.last?.at ?? at), kind };
  }
}
