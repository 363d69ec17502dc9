/**
 * The function table: every function and operator there is. Not in it: refused, with the nearest names that
 * are.
 */

import { AGGREGATES, WINDOWS } from './aggregates.js';
import { ARRAY_SETS } from './array-sets.js';
import { COLLECTIONS } from './collections.js';
import { COLLECTORS } from './collectors.js';
import { DATES } from './dates.js';
import { LAMBDAS } from './lambdas.js';
import { MAPS } from './maps.js';
import { MASK_TEXT } from './mask-text.js';
import { MASKS } from './masks.js';
import { CONDITIONALS, MATHS } from './maths.js';
import { MOMENTS } from './moments.js';
import { NULL_HANDLING } from './null-handling.js';
import { OPERATORS } from './operators.js';
import { REAL_NUMBERS } from './real-numbers.js';
import { REGRESSIONS } from './regressions.js';
import type { FunctionSpec } from './spec.js';
import { STRINGS } from './strings.js';
import { TEXT_CODES } from './text-codes.js';
import { TEXT_PARTS } from './text-parts.js';
import { TIME_ZONES } from './time-zones.js';
import { TRY_ARITHMETIC } from './try-arithmetic.js';
import { WHOLE_NUMBERS } from './whole-numbers.js';

const NEAREST_MAX = 3;
const NEAREST_DISTANCE_MAX = 4;
/** A third of a short name is another name. */
const LETTERS_PER_MISTAKE = 3;
const mistakesMax = (name: string): number =>
  Math.min(NEAREST_DISTANCE_MAX, Math.ceil(name.length / LETTERS_PER_MISTAKE));

const entries: readonly FunctionSpec[] = [
  ...OPERATORS,
  ...STRINGS,
  ...TEXT_PARTS,
  ...TEXT_CODES,
  ...MASK_TEXT,
  ...MATHS,
  ...REAL_NUMBERS,
  ...WHOLE_NUMBERS,
  ...TRY_ARITHMETIC,
  ...CONDITIONALS,
  ...NULL_HANDLING,
  ...DATES,
  ...MOMENTS,
  ...TIME_ZONES,
  ...COLLECTIONS,
  ...ARRAY_SETS,
  ...MAPS,
  ...LAMBDAS,
  ...AGGREGATES,
  ...REGRESSIONS,
  ...COLLECTORS,
  ...WINDOWS,
  ...MASKS,
];

const byName = new Map<string, FunctionSpec>();
for (const entry of entries) {
  for (const name of [entry.name, ...(entry.aliases ?? [])]) {
    if (byName.has(name)) throw new Error(`${name} stands in the function table twice`);
    byName.set(name, entry);
  }
}
const callable = [...byName].filter(([, entry]) => !entry.internal && !entry.operator).map(([name]) => name);

export interface FunctionTable {
  /** By canonical name or alias, lower case. Internal kernels too: the binder refuses them to users. */
  lookup(name: string): FunctionSpec | undefined;
  /** Up to three names a user may have meant. */
  nearest(name: string): readonly string[];
  all(): readonly FunctionSpec[];
}

export const functionTable: FunctionTable = {
  lookup: (name) => byName.get(name),
  nearest: (name) =>
    callable
      .map((candidate) => ({ candidate, distance: editDistance(name.slice(0, 40), candidate) }))
      .filter(({ distance }) => distance <= mistakesMax(name))
      .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
      .slice(0, NEAREST_MAX)
      .map(({ candidate }) => candidate),
  all: () => entries,
};

/** Levenshtein distance by rows. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((row[j - 1] ?? 0) + 1, (previous[j] ?? 0) + 1, substitution));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
