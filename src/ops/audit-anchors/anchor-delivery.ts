/**
 * Brings checkpoints to one anchor, by one gateway at a time. First what the anchor has is held against our log:
 * where the two are not one history, that is told, and nothing more is sent. The last checkpoint stands for all
 * before it, so what was missed is caught up by the next one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KnownCheckpoint } from '../../core/audit/known-checkpoint.js';
import type { Hash } from '../../core/audit/merkle.js';
import { checkNote, type NoteKey } from '../../core/crypto/signed-note.js';
import { type AnchorRow, noteAnchored, noteDiverged, openAnchor } from '../../store/audit-anchor-row.js';
import { AuditTurn } from '../../store/audit-turn.js';
import { type Anchor, AnchorDiverged, type CheckpointToKeep, type LogProofs } from './anchor.js';

const TURN_MS = 3_000;

/** Our log, as Postgres has it now. */
export interface AnchoredLog extends LogProofs {
  lastCheckpoint(): Promise<CheckpointToKeep | undefined>;
  rootAt(size: number): Promise<Hash>;
  keys(): Promise<readonly NoteKey[]>;
}

export interface AnchorDeliveryOptions {
  readonly url: string;
  readonly name: string;
  /** Where it is, without secrets. */
  readonly place: string;
  readonly anchor: Anchor;
  readonly log: AnchoredLog;
  readonly everyMs: number;
  readonly configured: (name: string, place: string) => Promise<void>;
  readonly onProblem: (error: unknown) => void;
}

export class AnchorDelivery {
  private readonly abort = new AbortController();
  private readonly running: Promise<void>;
  private failing = false;

  constructor(private readonly options: AnchorDeliveryOptions) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { url, name, everyMs } = this.options;
    const { signal } = this.abort;
    while (!signal.aborted) {
      const lost = new AbortController();
      let turn: AuditTurn | undefined;
      try {
        turn = await AuditTurn.take(url, `anchor ${name}`, () => lost.abort());
        while (turn !== undefined && !signal.aborted && !lost.signal.aborted) {
          await this.round(turn, AbortSignal.any([signal, lost.signal])).then(
            () => {
              this.failing = false;
            },
            (error: unknown) => this.failed(error),
          );
          await this.pause(everyMs);
        }
      } catch (error) {
        this.failed(error);
      } finally {
        await turn?.end();
      }
      await this.pause(Math.min(everyMs, TURN_MS));
    }
  }

  private async round(turn: AuditTurn, signal: AbortSignal): Promise<void> {
    const { name, place, anchor, log, configured } = this.options;
    const row = await openAnchor(turn, name, place, () => configured(name, place));
    const last = await log.lastCheckpoint();
    if (last === undefined) return;
    try {
      const kept = await anchor.kept(row.size, signal);
      const sizes = await this.compare(kept, last.size);
      const before = Math.max(row.size, ...sizes);
      if (row.size > last.size)
        throw new AnchorDiverged(`the log of size ${row.size} was taken there; it has ${last.size} now`);
      if (before === last.size && row.size === last.size && row.diverged === null) return;
      const lines = await anchor.keep(last, before, log, signal);
      await noteAnchored(turn, name, last.size, lines);
    } catch (error) {
      if (error instanceof AnchorDiverged) await this.diverged(turn, row, error);
      throw error;
    }
  }

  /** Their sizes; throws when one of them is not of our history. */
  private async compare(kept: readonly KnownCheckpoint[], size: number): Promise<readonly number[]> {
    const { log } = this.options;
    const keys = kept.length === 0 ? [] : await log.keys();
    for (const { head, note } of kept) {
      if (!keys.some((key) => typeof checkNote(note, key) === 'object'))
        throw new AnchorDiverged('it has a checkpoint that no key of this log signed');
      if (head.size > size)
        throw new AnchorDiverged(`it has a checkpoint of size ${head.size}; the log has ${size}`);
      if (!(await log.rootAt(head.size)).equals(head.root))
        throw new AnchorDiverged(`at size ${head.size} it has another log`);
    }
    return kept.map(({ head }) => head.size);
  }

  private async diverged(turn: AuditTurn, row: AnchorRow, { message }: AnchorDiverged): Promise<void> {
    if (row.diverged !== message) await noteDiverged(turn, this.options.name, message);
  }

  /** Told once, and not for as long as it lasts. */
  private failed(error: unknown): void {
    if (!this.failing && !this.abort.signal.aborted) this.options.onProblem(error);
    this.failing = true;
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.abort.signal }).catch(() => undefined);
  }
}
