/**
 * A mask as an expression over the raw column. A mask keeps the column's type, keeps NULL, never raises and
 * never sees another mask: all masks of a table stand in one projection over raw values (DESIGN section 6).
 */
import { GovernanceError } from '../errors.js';
import type { Expr, LiteralExpr, ScanColumn } from '../plan/plan.js';
import { type DataType, TIMESTAMP } from '../plan/types.js';
import type { Mask } from '../policy/decision.js';
import { maskFits } from '../policy/masks.js';
import { callOf, castTo, columnOf, intOf, nullOf, textOf, unlessNull } from './expressions.js';

type Maskers = { readonly [K in Mask['kind']]: (mask: Extract<Mask, { kind: K }>, raw: ScanColumn) => Expr };

const maskers: Maskers = {
  clear: (_, raw) => columnOf(raw),
  // A hidden column is not in the scan at all; should one get here, nothing of it does.
  hide: (_, raw) => nullOf(raw.type),
  null: (_, raw) => nullOf(raw.type),
  constant: (mask, raw) => unlessNull(columnOf(raw), castTo(constantOf(mask.value), raw.type, true)),
  redact: (_, raw) => callOf('sluice_mask_redact', [columnOf(raw)]),
  email: (_, raw) => callOf('sluice_mask_email', [columnOf(raw)]),
  showFirst: (mask, raw) => callOf('sluice_show_first', [columnOf(raw), intOf(mask.count)]),
  showLast: (mask, raw) => callOf('sluice_show_last', [columnOf(raw), intOf(mask.count)]),
  hash: (mask, raw) => callOf('sluice_hash', [columnOf(raw), textOf(mask.domain)]),
  year: (_, raw) => truncated(raw, 'YEAR'),
  month: (_, raw) => truncated(raw, 'MONTH'),
  day: (_, raw) => truncated(raw, 'DAY'),
  round: (mask, raw) => callOf('sluice_mask_round', [columnOf(raw), numberOf(mask.to)]),
  bucket: (mask, raw) => callOf('sluice_bucket', [columnOf(raw), ...mask.bounds.map(numberOf)]),
};

/**
 * The expression that stands for `raw` under `mask`, of the column's own type. Throws POLICY_INVALID for a
 * mask that does not fit the type: policies are checked when saved, but a table's schema may have changed
 * since.
 */
export function maskExpression(mask: Mask, raw: ScanColumn): Expr {
  try {
    if (!maskFits(mask, raw.type)) throw new Error(`${mask.kind} over ${raw.type.kind}`);
    const masked = (maskers[mask.kind] as (m: Mask, r: ScanColumn) => Expr)(mask, raw);
    return castTo(masked, raw.type, true);
  } catch (cause) {
    throw new GovernanceError(
      'POLICY_INVALID',
      `The mask ${mask.kind} does not fit the type of column ${raw.source}.`,
      { remedy: 'Ask a steward to correct the policy: the schema changed since it was saved.' },
      cause,
    );
  }
}

function truncated(raw: ScanColumn, unit: 'YEAR' | 'MONTH' | 'DAY'): Expr {
  if (raw.type.kind !== 'date') return callOf('date_trunc', [textOf(unit), columnOf(raw)]);
  if (unit === 'DAY') return columnOf(raw);
  // Not trunc(), which may raise: a mask that does would have every statement over the table spooled.
  return callOf('date_trunc', [textOf(unit), castTo(columnOf(raw), TIMESTAMP, true)]);
}

function constantOf(value: string | number | boolean): LiteralExpr {
  if (typeof value === 'string') return textOf(value);
  if (typeof value === 'number') return numberOf(value);
  return { kind: 'literal', type: { kind: 'boolean' }, nullable: false, value };
}

function numberOf(value: number): LiteralExpr {
  const type: DataType = Number.isSafeInteger(value) ? { kind: 'bigint' } : { kind: 'double' };
  return {
    kind: 'literal',
    type,
    nullable: false,
    value: type.kind === 'bigint' ? BigInt(value) : value,
  };
}

/** For hash masks: the domains whose keys a run needs. */
export const hashDomain = (mask: Mask): string | undefined =>
  mask.kind === 'hash' ? mask.domain : undefined;
