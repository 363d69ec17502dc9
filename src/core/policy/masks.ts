/**
 * Masks: what they accept, which is stricter, and what several of them make. A partial order: hide > null >
 * constant > every other kind > clear; among the others only year > month > day and fewer shown characters >
 * more are comparable. Two that are not give null, unless something stricter stands above both: so the order
 * and grouping of rules never matter (docs/adr/0006).
 */

import { isDateTime, isNumeric } from '../plan/coercion.js';
import type { DataType } from '../plan/types.js';
import type { Mask } from './decision.js';
import type { MaskDocument } from './document.js';

export function maskOf(document: MaskDocument): Mask {
  if (typeof document === 'string') return { kind: document };
  if ('constant' in document) return { kind: 'constant', value: document.constant };
  if ('showFirst' in document) return { kind: 'showFirst', count: document.showFirst };
  if ('showLast' in document) return { kind: 'showLast', count: document.showLast };
  if ('hash' in document) return { kind: 'hash', domain: document.hash.domain };
  if ('round' in document) return { kind: 'round', to: document.round };
  return { kind: 'bucket', bounds: document.bucket };
}

const INTEGER_BITS: Partial<Record<DataType['kind'], number>> = {
  tinyint: 8,
  smallint: 16,
  int: 32,
  bigint: 64,
};

const isText = (type: DataType): boolean => type.kind === 'string';

function constantFits(value: string | number | boolean, type: DataType): boolean {
  if (typeof value === 'string') return isText(type);
  return typeof value === 'number' ? numberFits(value, type) : type.kind === 'boolean';
}

/** Can a column of this type hold the number? One that it cannot would come out as NULL. */
function numberFits(value: number, type: DataType): boolean {
  const bits = INTEGER_BITS[type.kind];
  if (bits !== undefined) {
    return Number.isSafeInteger(value) && BigInt.asIntN(bits, BigInt(value)) === BigInt(value);
  }
  if (type.kind === 'decimal') return Math.abs(value) < 10 ** (type.precision - type.scale);
  return isNumeric(type);
}

/** Multiples of a fraction are no coarser than whole numbers. */
const roundFits = (to: number, type: DataType): boolean =>
  isNumeric(type) && (INTEGER_BITS[type.kind] === undefined || Number.isSafeInteger(to));

/** May this mask stand on a column of this type? */
export function maskFits(mask: Mask, type: DataType): boolean {
  switch (mask.kind) {
    case 'clear':
    case 'hide':
    case 'null':
      return true;
    case 'constant':
      return constantFits(mask.value, type);
    case 'redact':
    case 'email':
    case 'showFirst':
    case 'showLast':
    case 'hash':
      return isText(type);
    case 'year':
    case 'month':
    case 'day':
      return isDateTime(type);
    case 'round':
      return roundFits(mask.to, type);
    case 'bucket':
      return mask.bounds.every((bound) => numberFits(bound, type));
  }
}

const RANK: Readonly<Record<Mask['kind'], number>> = {
  hide: 4,
  null: 3,
  constant: 2,
  redact: 1,
  email: 1,
  showFirst: 1,
  showLast: 1,
  hash: 1,
  year: 1,
  month: 1,
  day: 1,
  round: 1,
  bucket: 1,
  clear: 0,
};
const CALENDAR = ['day', 'month', 'year'];

/** 1: a is stricter, -1: b is, 0: the same, undefined: they cannot be compared. */
export function compareMasks(a: Mask, b: Mask): -1 | 0 | 1 | undefined {
  const ranks = RANK[a.kind] - RANK[b.kind];
  if (ranks !== 0) return ranks > 0 ? 1 : -1;
  if (sameMask(a, b)) return 0;
  if (CALENDAR.includes(a.kind) && CALENDAR.includes(b.kind)) {
    return CALENDAR.indexOf(a.kind) > CALENDAR.indexOf(b.kind) ? 1 : -1;
  }
  if (
    (a.kind === 'showFirst' && b.kind === 'showFirst') ||
    (a.kind === 'showLast' && b.kind === 'showLast')
  ) {
    return a.count < b.count ? 1 : -1;
  }
  return undefined;
}

function sameMask(a: Mask, b: Mask): boolean {
  if (a === b) return true;
  // Most masks have no parameters; those that have are few, small and alike in shape.
  return a.kind === b.kind && JSON.stringify(a) === JSON.stringify(b);
}

/**
 * The strictest; null where two cannot be compared and nothing stricter stands above both. A tag may have
 * many rules, but they say few different things.
 */
export function strictest(masks: readonly Mask[]): Mask {
  const different: Mask[] = [];
  for (const mask of masks) if (!different.some((known) => sameMask(known, mask))) different.push(mask);
  const top = different.find((mask) => different.every((other) => (compareMasks(mask, other) ?? -1) >= 0));
  if (top !== undefined) return top;
  return masks.length === 0 ? { kind: 'clear' } : { kind: 'null' };
}
