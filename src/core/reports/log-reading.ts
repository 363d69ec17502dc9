/**
 * Reads the whole log below a checkpoint, batch by batch, and hashes what it reads: the numbers of a report
 * are those of the signed root, or there is no report. Events are handed on to whoever counts.
 */
import type { TreeHead } from '../audit/checkpoint.js';
import { AUDIT_VERSION, eventId } from '../audit/event.js';
import { appendLeaf, EMPTY_FRONTIER, type Frontier, leafHash, rootOf } from '../audit/merkle.js';
import { batchClaim } from '../audit/verify-batch.js';
import { parseRecord } from '../crypto/canonical-json.js';
import { GovernanceError } from '../errors.js';
import {
  type EventPoint,
  isWithin,
  type LogRange,
  note,
  type ReportFilter,
  type ReportMaker,
  type ReportNote,
  textOf,
} from './report.js';

/** A clock may be corrected by so much without being worth a word. */
const CLOCK_BACK_MS_MAX = 5_000;
/** Writers whose clocks are watched at once; a gateway has two a start. */
const CLOCKS_MAX = 10_000;

/** Texts as they are in the log. */
export interface LogBatch {
  readonly text: string;
  readonly events: readonly string[];
}

export class LogReading {
  private tree: Frontier = EMPTY_FRONTIER;
  private readonly clocks = new Map<string, number>();
  private inLog = 0;
  private events = 0;
  private first: EventPoint | null = null;
  private last: EventPoint | null = null;
  private newer = 0;
  private clockJumps = 0;
  /** Events with a personal part, kept or erased since. */
  personal = 0;

  constructor(
    private readonly filter: ReportFilter,
    private readonly maker: ReportMaker,
  ) {}

  batch({ text, events }: LogBatch): void {
    const claim = batchClaim(text);
    let root = EMPTY_FRONTIER;
    for (const event of events) root = appendLeaf(root, leafHash(event));
    const holds = claim?.count === events.length && rootOf(root).equals(claim.root);
    if (!holds) throw damaged();
    this.tree = appendLeaf(this.tree, leafHash(text));
    for (const event of events) this.event(event);
  }

  private event(text: string): void {
    const record = parseRecord(text) ?? {};
    this.inLog += 1;
    if (record.personal !== undefined) this.personal += 1;
    if (typeof record.v !== 'number' || record.v > AUDIT_VERSION) {
      this.newer += 1;
      return;
    }
    const id = eventId({ shard: String(record.shard), seq: Number(record.seq) });
    const at = textOf(record.at);
    this.clock(String(record.shard), Date.parse(at));
    if (isWithin(this.filter, at)) {
      this.events += 1;
      this.first ??= { eventId: id, at };
      this.last = { eventId: id, at };
    }
    this.maker.take({ id, kind: textOf(record.kind), at, record });
  }

  private clock(shard: string, at: number): void {
    const before = this.clocks.get(shard) ?? at;
    if (at < before - CLOCK_BACK_MS_MAX) this.clockJumps += 1;
    this.clocks.delete(shard);
    this.clocks.set(shard, at);
    const [longest] = this.clocks;
    if (this.clocks.size > CLOCKS_MAX && longest !== undefined) this.clocks.delete(longest[0]);
  }

  /** Throws when what was read is not what was signed. */
  finish(head: TreeHead & { readonly at: string }): {
    readonly log: LogRange;
    readonly notes: readonly ReportNote[];
  } {
    if (this.tree.size !== head.size || !rootOf(this.tree).equals(head.root)) throw damaged();
    return {
      log: {
        origin: head.origin,
        size: head.size,
        root: head.root.toString('base64'),
        checkpointAt: head.at,
        eventsInLog: this.inLog,
        events: this.events,
        first: this.first,
        last: this.last,
      },
      notes: this.notes(),
    };
  }

  private notes(): readonly ReportNote[] {
    const notes: ReportNote[] = [];
    if (this.newer > 0)
      notes.push(
        note(
          'NEWER_VERSION',
          `${this.newer} events were made by a newer Sluice: they are in the log and its root, and not in these numbers.`,
        ),
      );
    if (this.clockJumps > 0)
      notes.push(
        note(
          'CLOCK_JUMP',
          `The clock of a gateway went back ${this.clockJumps} times: times are what it said, the order is that of the log.`,
        ),
      );
    if (this.events === 0) notes.push(note('NO_EVENTS', 'The log has no events in these times.'));
    return notes;
  }
}

const damaged = (): GovernanceError =>
  new GovernanceError('LOG_DAMAGED', 'The audit log is not what its last checkpoint was signed for.', {
    remedy: 'Export it and run sluice audit verify, which says where.',
    retryable: false,
  });
