/** May this principal write to this table, in this way? */
import type { TableMeta } from '../../core/catalog/catalog.js';
import { isOwnSchema } from '../../core/catalog/work-schema.js';
import { GovernanceError } from '../../core/errors.js';
import type { BoundWrite, WriteTarget } from '../../core/plan/write.js';
import type { TableDecision } from '../../core/policy/decision.js';
import type { BindScope } from '../bind-context.js';
import { tableAfter } from './write-target.js';

export interface TargetDecision {
  /** As it is; undefined: there is none, whoever asks. */
  readonly existing: TableMeta | undefined;
  readonly decision: TableDecision;
}

/**
 * The `write` right and the `browse` right on the target. A new table is asked about under its name: a rule of its schema
 * or catalog allows it.
 */
export function decideTarget(bound: BoundWrite, scope: BindScope): TargetDecision {
  const existing = scope.catalog.tables.get(bound.target.object);
  const columns = bound.kind === 'table-write' ? bound.columns : [];
  const decision = decideTable(existing ?? tableAfter(bound.target, columns, [], undefined), scope);
  if (!decision.actions.write || !decision.actions.browse) throw mayNotWrite(bound.target, existing, scope);
  if (existing !== undefined) requireWritable(bound, existing);
  if (existing !== undefined && removesRows(bound)) requireAllSeen(bound.target, existing, decision, scope);
  return { existing, decision };
}

export function decideTable(table: TableMeta, scope: BindScope): TableDecision {
  const { principal, request, now } = scope;
  const decision = scope.policies.decide({
    principal,
    tables: [table],
    now: now.getTime(),
    ...(request.purpose === undefined ? {} : { purpose: request.purpose }),
  });
  const found = decision.tables.get(table.id);
  if (found === undefined) throw new Error('a decision without its table');
  return found;
}

function mayNotWrite(
  { object, at }: WriteTarget,
  existing: TableMeta | undefined,
  scope: BindScope,
): GovernanceError {
  const owner = existing?.owner === undefined ? 'a steward' : `its owner, ${existing.owner}, or a steward`;
  return new GovernanceError('ACCESS_DENIED', `You may not write ${object}.`, {
    position: at,
    decisionId: scope.decisionId,
    denied: [{ object, action: 'write' }],
    sqlState: '42501',
    remedy: `Ask ${owner} for the write right on ${object}, or write to a table of your own schema in work.`,
  });
}

/** The lake's files have an owner of their own; Parquet tables know no single rows. */
function requireWritable(bound: BoundWrite, { id, source, managed }: TableMeta): void {
  const { at } = bound.target;
  const refuse = (message: string, remedy: string) =>
    new GovernanceError('TABLE_NOT_WRITABLE', message, { position: at, remedy, sqlState: '42809' });
  if (bound.kind === 'row-change' && source.format !== 'delta') {
    throw refuse(
      `${id} is not a Delta table, so its rows cannot be changed one by one.`,
      'INSERT OVERWRITE it, or make a table of it: CREATE TABLE ... USING delta AS SELECT ...',
    );
  }
  if (managed !== undefined && !managed.lake) return;
  const added = bound.kind === 'table-write' && bound.mode === 'append';
  if (bound.kind !== 'nothing' && !added) {
    throw refuse(
      `${id} is a table of the lake: its files cannot be replaced or dropped.`,
      'INSERT INTO it, or write to a table of another name.',
    );
  }
  if (source.format !== 'parquet' || source.partitions.length > 0) {
    throw refuse(
      `${id} is not a plain Parquet table, so nothing can be added to it.`,
      'Make a table of it: CREATE TABLE ... AS SELECT ...',
    );
  }
}

const removesRows = (bound: BoundWrite): boolean =>
  bound.kind === 'drop' ||
  (bound.kind === 'table-write' && (bound.mode === 'overwrite' || bound.mode === 'replace'));

/**
 * Rows or columns that one does not see would be gone with those that one does. In one's own schema they may be: there
 * everything was written by its owner.
 */
function requireAllSeen(
  { object, at }: WriteTarget,
  table: TableMeta,
  { rows, columns }: TableDecision,
  scope: BindScope,
): void {
  const hidden = rows.kind !== 'all' || columns.some(({ mask }) => mask.kind === 'hide');
  if (!hidden || isOwnSchema(scope.principal.user, table)) return;
  throw new GovernanceError(
    'ACCESS_DENIED',
    `You do not see all of ${object}, so you may not replace or drop it.`,
    {
      position: at,
      decisionId: scope.decisionId,
      denied: [{ object, action: 'write' }],
      sqlState: '42501',
      remedy: 'INSERT INTO it, or ask its owner: a rule hides rows or columns from you.',
    },
  );
}
