/** Numbers that come again with their seed. */
export interface Random {
  /** 0 to n - 1. */
  below(n: number): number;
  bytes(n: number): Buffer;
}

/** Mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return { below, bytes: (n) => Buffer.from(Array.from({ length: n }, () => below(256))) };
}
