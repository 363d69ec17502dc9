/**
 * A name for a secured plan that is the same on every instance and holds nothing personal: SHA-256 over its
 * canonical JSON with object ids, never engine names.
 */
import { createHash } from 'node:crypto';
import type { Plan } from '../plan/plan.js';

/** 64 hex digits. Positions in the text do not count. */
export const planHash = (plan: Plan): string =>
  createHash('sha256').update(JSON.stringify(plan, canonical)).digest('hex');

function canonical(key: string, value: unknown): unknown {
  if (key === 'at') return undefined;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return '-0';
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return value;
}
