/** How the text of a setting becomes a value. Each reader names in its error what it would have taken. */
import { z } from 'zod';

const PORT_MAX = 65_535;
const DURATION_UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTE_UNITS = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
} as const;

/** A reader that turns text into a value or explains what it wanted. */
export const read = <T>(wanted: string, parse: (text: string) => T | undefined) =>
  z.string().transform((text, context): T => {
    const value = parse(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `must be ${wanted}` });
    return z.NEVER;
  });

const inRange = (value: number, min: number, max: number): number | undefined =>
  Number.isSafeInteger(value) && value >= min && value <= max ? value : undefined;

/** Decimal digits only: no signs, exponents or hexadecimal that a typing mistake could make. */
const digits = (text: string): number => (/^\d{1,16}$/.test(text) ? Number(text) : Number.NaN);

export const text = read('a text', (value) => value);

export const port = read(`a port from 0 to ${PORT_MAX} (0: any free one)`, (value) =>
  inRange(digits(value), 0, PORT_MAX),
);

export const boolean = read('true or false', (value) =>
  value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : undefined,
);

export const count = (min: number, max: number) =>
  read(`a whole number from ${min} to ${max}`, (value) => inRange(digits(value), min, max));

export const decimal = (min: number, max: number) =>
  read(`a number from ${min} to ${max}`, (value) => {
    const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  });

/** `500ms`, `30s`, `5m`, `2h`, `7d` as milliseconds. */
export const duration = (minMs: number, maxMs: number) =>
  read(`a duration like 500ms, 30s, 5m, 2h or 7d, from ${minMs} to ${maxMs} ms`, (value) => {
    const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(value);
    if (match === null) return undefined;
    const unit = DURATION_UNITS_MS[match[2] as keyof typeof DURATION_UNITS_MS];
    return inRange(Number(match[1]) * unit, minMs, maxMs);
  });

/** `512MB`, `1GiB` or plain bytes. */
export const bytes = (min: number) =>
  read(`a size like 512MB or 4GiB, at least ${min} bytes`, (value) => {
    const match = /^(\d{1,15})(B|[KMGT]B|[KMG]iB)?$/.exec(value);
    if (match === null) return undefined;
    const unit = BYTE_UNITS[(match[2] ?? 'B') as keyof typeof BYTE_UNITS];
    return inRange(Number(match[1]) * unit, min, Number.MAX_SAFE_INTEGER);
  });

export const oneOf = <const T extends string>(...values: readonly T[]) =>
  read(`one of ${values.join(', ')}`, (value) => values.find((known) => known === value));

/** Comma-separated, each one of `values`. */
export const listOf = <const T extends string>(...values: readonly T[]) =>
  read(`a comma-separated list out of ${values.join(', ')}`, (value) => {
    const found = value.split(',').map((item) => values.find((known) => known === item.trim()));
    return found.some((item) => item === undefined) ? undefined : (found as readonly T[]);
  });

export const url = (...protocols: readonly string[]) =>
  read(`a URL starting with ${protocols.join(' or ')}`, (value) =>
    protocols.some((protocol) => value.startsWith(protocol)) && URL.canParse(value) ? value : undefined,
  );
