/**
 * A seeded source of choices (mulberry32): the same seed gives the same query, policy and data on every
 * machine.
 */
export class Random {
  private state: number;
  private names = 0;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 0 <= x < 1 */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** An integer from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.int(0, items.length - 1)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  some<T>(items: readonly T[], low: number, high: number): T[] {
    const pool = [...items];
    const wanted = Math.min(this.int(low, high), pool.length);
    return Array.from({ length: wanted }, () => pool.splice(this.int(0, pool.length - 1), 1)[0] as T);
  }

  /** A name that was not given before. */
  name(prefix: string): string {
    this.names += 1;
    return `${prefix}${this.names}`;
  }
}
