/**
 * Masks: what they accept, which is stricter, and what several of them make. A partial order: hide > null >
 * constant > every other kind > clear; among the others only year > month > day and fewer shown characters >
 * more are comparable. Two that are not give null.
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

const isText = (type: DataType): boolean => type.kind === 'string';
const constantFits = (value: string | number | boolean, type: DataType): boolean => {
  if (typeof value === 'string') return isText(type);
  return typeof value === 'number' ? isNumeric(type) : type.kind === 'boolean';
};

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
    case 'bucket':
      return isNumeric(type);
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
  if (JSON.stringify(a) === JSON.stringify(b)) return 0;
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

/** The strictest; null where two cannot be compared and nothing stricter stands above both. */
export function strictest(masks: readonly Mask[]): Mask {
  const top = masks.filter((mask) =>
    masks.every((other) => {
      const order = compareMasks(mask, other);
      return order === undefined ? false : order >= 0;
    }),
  );
  const [only] = top;
  if (only !== undefined) return only;
  return masks.length === 0 ? { kind: 'clear' } : { kind: 'null' };
}
