/** Sizes and times as policy documents write them: `1GiB`, `5m`. */
import { z } from 'zod';

const TIME = /^(\d{1,9})(ms|s|m|h)$/;
const TIME_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const TIME_MS_MIN = 100;
const TIME_MS_MAX = 7 * 24 * 3_600_000;

const SIZE = /^(\d{1,15})(B|KiB|MiB|GiB|TiB)?$/;
const SIZE_BYTES = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
const SIZE_BYTES_MIN = 1_024;

/** NaN for what is none. */
export function millisecondsOf(text: string): number {
  const [, count, unit] = TIME.exec(text) ?? [];
  return count === undefined ? Number.NaN : Number(count) * TIME_MS[unit as keyof typeof TIME_MS];
}

/** NaN for what is none. */
export function bytesOf(text: string): number {
  const [, count, unit = 'B'] = SIZE.exec(text) ?? [];
  return count === undefined ? Number.NaN : Number(count) * SIZE_BYTES[unit as keyof typeof SIZE_BYTES];
}

/** Kept as written; `millisecondsOf` reads it. */
export const timeText = z
  .string()
  .refine((text) => {
    const ms = millisecondsOf(text);
    return ms >= TIME_MS_MIN && ms <= TIME_MS_MAX;
  }, 'must be a time of 100ms to 168h, such as 30s, 5m or 1h')
  .meta({ pattern: TIME.source });

/** Kept as written; `bytesOf` reads it. */
export const sizeText = z
  .string()
  .refine((text) => {
    const bytes = bytesOf(text);
    return bytes >= SIZE_BYTES_MIN && Number.isSafeInteger(bytes);
  }, 'must be a size of 1KiB or more, such as 500MiB or 1GiB')
  .meta({ pattern: SIZE.source });
