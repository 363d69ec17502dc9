/**
 * Takes out personal parts that have had their time, little by little, by one gateway at a time. Each piece is on
 * record as an erasure before it is gone, and the next one goes on where the last one stopped.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventPlace } from '../core/audit/event.js';
import type { AuditErasure } from './audit-erasure.js';
import { AuditTurn } from './audit-turn.js';

const PIECE_MAX = 500;
const DAY_MS = 86_400_000;
const PAUSE_MS = 600_000;
const TURN_MS = 60_000;
const EVENTS_PER_BATCH = 1_024;
/** Clocks that were set back and forth: so many checkpoints after the moment are looked at. */
const CHECKPOINTS_READ_MAX = 10_000;

export interface RetentionOptions {
  readonly url: string;
  readonly erasure: Pick<AuditErasure, 'erase'>;
  readonly days: number;
  readonly clock: () => Date;
  readonly onProblem: (error: unknown) => void;
  readonly pauseMs?: number;
}

export class AuditRetention {
  private readonly abort = new AbortController();
  private readonly running: Promise<void>;
  private failing = false;

  constructor(private readonly options: RetentionOptions) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { url, pauseMs } = this.options;
    const { signal } = this.abort;
    while (!signal.aborted) {
      const lost = new AbortController();
      let turn: AuditTurn | undefined;
      try {
        turn = await AuditTurn.take(url, 'retention', () => lost.abort());
        while (turn !== undefined && !signal.aborted && !lost.signal.aborted) {
          if (!(await this.piece(turn))) await this.pause(pauseMs ?? PAUSE_MS);
          this.failing = false;
        }
      } catch (error) {
        if (!this.failing && !signal.aborted) this.options.onProblem(error);
        this.failing = true;
      } finally {
        await turn?.end();
      }
      await this.pause(Math.min(pauseMs ?? TURN_MS, TURN_MS));
    }
  }

  /** False: there is no more. */
  private async piece(turn: AuditTurn): Promise<boolean> {
    const { erasure, days, clock } = this.options;
    const now = clock();
    const found = await turn.query<EventPlace & { readonly number: number }>(EXPIRED, [
      days * DAY_MS,
      now,
      PIECE_MAX,
    ]);
    const last = found.at(-1)?.number;
    if (last === undefined) return false;
    await erasure.erase(found, `kept for ${days} days`, now);
    await turn.query('UPDATE audit_retention SET cursor = greatest(cursor, $1)', [last]);
    return found.length === PIECE_MAX;
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.abort.signal }).catch(() => undefined);
  }
}

/**
 * By the log, not by the clock of whoever wrote an event: what was signed before the first checkpoint that is young
 * enough. The gateway's clock and that of Postgres must both say that it is time.
 */
const EXPIRED = `
  WITH moment AS (
    SELECT least($2::timestamptz, clock_timestamp()) AS now,
           least($2::timestamptz, clock_timestamp()) - $1::float8 * interval '1 millisecond' AS cutoff),
  young AS (
    SELECT min(previous_size) AS size FROM (
      SELECT previous_size FROM audit_checkpoint, moment WHERE at >= cutoff AND at <= now
       ORDER BY at LIMIT ${CHECKPOINTS_READ_MAX}) AS first_ones),
  signed AS (SELECT coalesce((SELECT size FROM young), (SELECT max(size) FROM audit_checkpoint, moment WHERE at < cutoff), 0) AS size)
  SELECT s.shard, s.seq::float8 AS seq, s.id::float8 AS number
    FROM audit_search s JOIN audit_private p USING (shard, seq)
   WHERE s.id > (SELECT cursor FROM audit_retention)
     AND s.id < (SELECT size FROM signed) * ${EVENTS_PER_BATCH}
   ORDER BY s.id LIMIT $3`;
