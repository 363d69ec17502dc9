/** TABLESAMPLE over what a principal may see: the rows that policies hide are gone before any is chosen. */
import type { Plan } from '../plan/plan.js';
import type { Sample } from '../sql/ast-relation.js';
import type { Binder } from './context.js';
import { rowNumber } from './query.js';
import type { Scope } from './scope.js';

export function bindSample(
  input: Plan,
  sample: Sample | undefined,
  binder: Binder,
  ctes: Scope['ctes'],
): Plan {
  if (sample === undefined) return input;
  const { part, seed } = sample;
  if (part.kind === 'rows')
    return { kind: 'limit', input, limit: rowNumber(part.count, 'TABLESAMPLE', binder, ctes) };
  const percent = part.kind === 'percent' ? Number(part.percent) : (part.bucket / part.of) * 100;
  return { kind: 'sample', input, percent, ...(seed === undefined ? {} : { seed: Number(seed) }) };
}
