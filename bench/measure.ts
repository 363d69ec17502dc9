/** Two things measured in turns, so that what else the machine does falls on both alike. */
export interface Alternated {
  /** Medians, in milliseconds. */
  readonly baselineMs: number;
  readonly subjectMs: number;
}

/** Each gets the number of its round; the first `warmUp` rounds do not count. */
export async function alternate(
  rounds: number,
  warmUp: number,
  baseline: (round: number) => Promise<void>,
  subject: (round: number) => Promise<void>,
  onRound: () => void = () => undefined,
): Promise<Alternated> {
  const [ofBaseline, ofSubject]: [number[], number[]] = [[], []];
  for (let round = -warmUp; round < rounds; round += 1) {
    const [a, b] = [await timed(() => baseline(round)), await timed(() => subject(round))];
    if (round >= 0) {
      ofBaseline.push(a);
      ofSubject.push(b);
    }
    onRound();
  }
  return { baselineMs: median(ofBaseline), subjectMs: median(ofSubject) };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[values.length >> 1];
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}

/** A benchmark that counts the wrong rows measures something else. */
export function requireCount(what: string, found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`${what}: ${found} instead of ${wanted}`);
}
