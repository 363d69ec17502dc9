/**
 * Whose turn it is on one engine. So many statements run at once, and so many of each resource group; the rest wait in
 * line. Groups are served by weight (start-time fair queueing), the principals of a group in turn: who sends a thousand
 * statements delays the others of the group by one.
 */
import { GovernanceError } from '../../core/errors.js';
import type { Turn } from '../../engines/engine.js';

const RETRY_AFTER_SECONDS = 2;

export interface QueueLimits {
  readonly runningMax: number;
  readonly waitingMax: number;
  readonly waitingPerPrincipalMax: number;
}

/** Gives the place back; calling it again does nothing. */
export type Release = () => void;

/** Why a statement waits: its group runs as many as it may, or the engine does. */
export interface WaitingFor {
  readonly kind: 'groupConcurrency' | 'engineSlots';
  readonly running: number;
  readonly limit: number;
}

/** Where a statement stands that waits. */
export interface Place {
  /** In its group on this engine, from 1. */
  readonly position: number;
  readonly waitingFor: WaitingFor;
}

export interface GroupCount {
  readonly group: string;
  readonly running: number;
  readonly waiting: number;
}

interface Waiter {
  readonly turn: Turn;
  readonly start: (release: Release) => void;
}

/** Statements of one resource group. */
class Group {
  /** By principal, in the order in which they are served next. */
  readonly lines = new Map<string, Waiter[]>();
  running = 0;
  waiting = 0;
  /** Virtual time of its next start; the smallest is served. */
  tag: number;

  constructor(
    public limits: Turn['group'],
    now: number,
  ) {
    this.tag = now;
  }

  get hasRoom(): boolean {
    return this.running < (this.limits.concurrency ?? Number.POSITIVE_INFINITY);
  }

  /** Of two definitions the one of the later policies holds. */
  define(limits: Turn['group']): void {
    if (limits.policyVersion >= this.limits.policyVersion) this.limits = limits;
  }

  shift(): Waiter {
    const [first] = this.lines;
    if (first === undefined) throw new Error('nobody waits in this group');
    const [user, line] = first;
    const waiter = line.shift() as Waiter;
    this.lines.delete(user);
    if (line.length > 0) this.lines.set(user, line);
    this.waiting -= 1;
    return waiter;
  }

  /** How many are served before this one and with it, if nobody comes or goes. */
  positionOf(waiter: Waiter): number {
    const own = this.lines.get(waiter.turn.user) ?? [];
    const round = own.indexOf(waiter);
    let position = round + 1;
    let before = true;
    for (const [user, line] of this.lines) {
      if (user === waiter.turn.user) before = false;
      else position += Math.min(line.length, round + (before ? 1 : 0));
    }
    return position;
  }
}

export class TurnQueue {
  private readonly groups = new Map<string, Group>();
  private running = 0;
  private waiting = 0;
  /** Virtual time: the tag that was served last. */
  private now = 0;

  constructor(private readonly limits: QueueLimits) {}

  get runningCount(): number {
    return this.running;
  }

  get waitingCount(): number {
    return this.waiting;
  }

  counts(): readonly GroupCount[] {
    return [...this.groups].map(([group, { running, waiting }]) => ({ group, running, waiting }));
  }

  /** Takes a place at once, or one in line; throws QUEUE_FULL when there is neither. The answer leaves the line. */
  enter(waiter: Waiter): { readonly leave: () => boolean; readonly place: () => Place | undefined } {
    const { turn } = waiter;
    const group = this.groupOf(turn);
    group.define(turn.group);
    const startsNow = this.running < this.limits.runningMax && group.hasRoom && group.waiting === 0;
    if (!startsNow) this.refuseIfFull(turn, group);
    const line = group.lines.get(turn.user) ?? [];
    line.push(waiter);
    group.lines.set(turn.user, line);
    group.waiting += 1;
    this.waiting += 1;
    this.serve();
    return { leave: () => this.leave(group, waiter), place: () => this.placeOf(group, waiter) };
  }

  private refuseIfFull({ user, group: { group: name, queue } }: Turn, group: Group): void {
    if (queue !== undefined && group.waiting >= queue)
      throw full(`${queue} statements of the resource group ${name} wait already.`);
    if (this.waiting >= this.limits.waitingMax) throw full('Too many statements are waiting for the engine.');
    if ((group.lines.get(user)?.length ?? 0) >= this.limits.waitingPerPrincipalMax)
      throw full('Too many of your statements are waiting for the engine.');
  }

  /** Nobody who could run waits while there is a place. */
  private serve(): void {
    while (this.running < this.limits.runningMax) {
      const group = this.next();
      if (group === undefined) return;
      const waiter = group.shift();
      this.waiting -= 1;
      this.now = group.tag;
      group.tag += 1 / group.limits.priority;
      waiter.start(this.occupy(group));
    }
  }

  private next(): Group | undefined {
    let next: Group | undefined;
    for (const group of this.groups.values()) {
      if (group.waiting === 0 || !group.hasRoom) continue;
      if (next === undefined || group.tag < next.tag) next = group;
    }
    return next;
  }

  private occupy(group: Group): Release {
    this.running += 1;
    group.running += 1;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.running -= 1;
      group.running -= 1;
      this.serve();
      this.forgetIdle();
    };
  }

  private leave(group: Group, waiter: Waiter): boolean {
    const { user } = waiter.turn;
    const line = group.lines.get(user);
    const at = line?.indexOf(waiter) ?? -1;
    if (line === undefined || at < 0) return false;
    line.splice(at, 1);
    if (line.length === 0) group.lines.delete(user);
    group.waiting -= 1;
    this.waiting -= 1;
    this.forgetIdle();
    return true;
  }

  private placeOf(group: Group, waiter: Waiter): Place | undefined {
    if (group.lines.get(waiter.turn.user)?.includes(waiter) !== true) return undefined;
    const { concurrency = 0 } = group.limits;
    return {
      position: group.positionOf(waiter),
      waitingFor: group.hasRoom
        ? { kind: 'engineSlots', running: this.running, limit: this.limits.runningMax }
        : { kind: 'groupConcurrency', running: group.running, limit: concurrency },
    };
  }

  /** A group that comes back gains nothing by having been away, and keeps what it has taken in advance. */
  private groupOf({ group: limits }: Turn): Group {
    const known = this.groups.get(limits.group);
    if (known !== undefined) {
      if (known.waiting === 0) known.tag = Math.max(known.tag, this.now);
      return known;
    }
    const made = new Group(limits, this.now);
    this.groups.set(limits.group, made);
    return made;
  }

  private forgetIdle(): void {
    for (const [name, group] of this.groups) {
      const idle = group.running === 0 && group.waiting === 0;
      if (idle && (group.tag <= this.now || this.running + this.waiting === 0)) this.groups.delete(name);
    }
  }
}

const full = (detail: string): GovernanceError =>
  new GovernanceError('QUEUE_FULL', detail, {
    retryable: true,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    remedy: 'Send fewer statements at once, or try again shortly.',
  });
