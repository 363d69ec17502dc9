/** What one setting is, and two ways to write one down: with a standard value and without. */
import type { z } from 'zod';

export interface Setting<S extends z.ZodType = z.ZodType> {
  readonly name: `SLUICE_${string}`;
  readonly group: string;
  readonly schema: S;
  /** As one would write it; absent: the setting has no value unless given. */
  readonly default?: string;
  readonly doc: string;
  /** Kept out of logs; can also be given as a file through `<name>_FILE`. */
  readonly secret?: boolean;
}

interface Given<S extends z.ZodType> extends Setting<S> {
  readonly default: string;
}

export const group =
  (name: string) =>
  <S extends z.ZodType>(
    variable: `SLUICE_${string}`,
    schema: S,
    standard: string,
    doc: string,
  ): Given<S> => ({
    name: variable,
    group: name,
    schema,
    default: standard,
    doc,
  });
export const optional =
  (name: string, secret = false) =>
  <S extends z.ZodType>(variable: `SLUICE_${string}`, schema: S, doc: string): Setting<S> => ({
    name: variable,
    group: name,
    schema,
    doc,
    ...(secret ? { secret } : {}),
  });
