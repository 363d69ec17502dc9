/** Is a measured value flat, or does it rise? By the median of the slopes between any two readings: peaks do not count. */

export interface Reading {
  readonly atMs: number;
  readonly value: number;
}

/** What it rises by from the first reading to the last; a fall is negative. */
export function rise(readings: readonly Reading[]): number {
  const slopes = readings
    .flatMap((one, i) =>
      readings.slice(i + 1).map((other) => (other.value - one.value) / (other.atMs - one.atMs)),
    )
    .sort((a, b) => a - b);
  const [first, last] = [readings.at(0), readings.at(-1)];
  if (first === undefined || last === undefined || slopes.length === 0) throw new Error('nothing was read');
  return (slopes[Math.floor(slopes.length / 2)] ?? 0) * (last.atMs - first.atMs);
}

export const median = (readings: readonly Reading[]): number => {
  const sorted = readings.map(({ value }) => value).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};
