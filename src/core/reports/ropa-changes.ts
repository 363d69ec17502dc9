/** What is different from the record before. Use changes with every statement, so only its purposes are compared. */
import type { Cell, ReportRow } from './report.js';

const COMPARED = [
  'owner',
  'personalData',
  'categories',
  'allowedPurposes',
  'usedPurposes',
  'recipients',
  'measures',
] as const;

/** `before`: absent, there was none, and nothing has changed. */
export function ropaChanges(
  before: readonly ReportRow[] | undefined,
  now: readonly ReportRow[],
): readonly ReportRow[] {
  if (before === undefined) return [];
  const earlier = new Map(before.map((row) => [String(row.object), row]));
  const later = new Map(now.map((row) => [String(row.object), row]));
  const objects = [...new Set([...earlier.keys(), ...later.keys()])].sort();
  return objects.flatMap((object) => {
    const [was, is] = [earlier.get(object), later.get(object)];
    if (was === undefined) return [{ object, field: 'object', before: '', after: 'new' }];
    if (is === undefined) return [{ object, field: 'object', before: 'there', after: 'gone' }];
    return COMPARED.flatMap((field) => {
      const [old, current] = [said(was[field]), said(is[field])];
      return old === current ? [] : [{ object, field, before: old, after: current }];
    });
  });
}

const said = (cell: Cell | undefined): string => (Array.isArray(cell) ? cell.join(', ') : String(cell ?? ''));
