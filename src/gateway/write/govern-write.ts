/**
 * The stages before record for statements that write: the source is bound, decided and secured like any query; on top of
 * that come the right to the target, what must not go back, and the tags that go along.
 */
import type { BindContext } from '../../core/bind/bind.js';
import { bindReplacement, bindRowChange } from '../../core/bind/row-change.js';
import { bindTableStatement } from '../../core/bind/write.js';
import { findColumn, foldName, type TableMeta } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import { type InheritedColumn, inheritedColumns, maskedWriteBack } from '../../core/lineage/inherit.js';
import { type StatementLineage, statementLineage } from '../../core/lineage/lineage.js';
import type { BoundQuery } from '../../core/plan/plan.js';
import type { BoundDrop, BoundTableWrite, BoundWrite, NothingToWrite } from '../../core/plan/write.js';
import type { Decision, Notice, TableDecision } from '../../core/policy/decision.js';
import type { WriteStatement } from '../../core/sql/ast-write.js';
import type { BindScope } from '../bind-context.js';
import { decideFor, requireAllowed } from '../decide-statement.js';
import { refuseDeniedPredicates } from '../governance.js';
import type { ColumnTags } from '../table-commits.js';
import { decideTable, decideTarget } from './decide-write.js';
import { tableAfter, targetNames } from './write-target.js';

/** A write that was bound and decided: everything that the commit needs but the files. */
export interface DecidedWrite {
  readonly bound: BoundTableWrite | BoundDrop | NothingToWrite;
  /** What is read for it. */
  readonly decision: Decision;
  /** The target as it is; undefined: not there. */
  readonly existing: TableMeta | undefined;
  readonly into?: DecidedRows;
}

/** Rows into a table. */
export interface DecidedRows {
  readonly write: BoundTableWrite;
  readonly inherited: readonly InheritedColumn[];
  /** The table as the write leaves it, and what its policies say of it then. */
  readonly after: TableMeta;
  readonly afterDecision: TableDecision;
  readonly tags: readonly ColumnTags[];
  readonly notices: readonly Notice[];
}

export function bindWrite(statement: WriteStatement, scope: BindScope, context: BindContext): BoundWrite {
  switch (statement.kind) {
    case 'insert': {
      const { replaceWhere } = statement;
      if (replaceWhere === undefined) return bindTableStatement(statement, context, targetNames(scope));
      return bindReplacement({ ...statement, replaceWhere }, context, targetNames(scope));
    }
    case 'create-table':
    case 'create-table-as':
    case 'drop-table':
    case 'truncate':
      return bindTableStatement(statement, context, targetNames(scope));
    default:
      return bindRowChange(statement, context, targetNames(scope));
  }
}

const NOTHING_READ: BoundQuery = { plan: { kind: 'one-row' }, output: [], leaves: [] };

/** What a write reads, as a query. */
export const sourceOf = (bound: BoundWrite): BoundQuery =>
  bound.kind === 'table-write' ? bound.source : NOTHING_READ;

/**
 * Rights on the target and on everything that is read. `lineage` is that of the source as bound: SQL has it from the plan,
 * a DataFrame from its own.
 */
export function decideWrite(
  bound: BoundTableWrite | BoundDrop | NothingToWrite,
  scope: BindScope,
  lineage: StatementLineage = statementLineage(sourceOf(bound).plan, sourceOf(bound).output),
): DecidedWrite {
  const source = sourceOf(bound);
  const decision = decideFor(source, scope);
  if (bound.kind === 'nothing') return { bound, decision, existing: undefined };
  const { existing } = decideTarget(bound, scope);
  requireAllowed(decision, scope.decisionId);
  refuseDeniedPredicates(source, decision);
  if (bound.kind === 'drop') return { bound, decision, existing };
  return { bound, decision, existing, into: decideRows(bound, scope, decision, existing, lineage) };
}

/** Tags, and masked values that must not go back. */
export function decideRows(
  write: BoundTableWrite,
  scope: BindScope,
  decision: Pick<Decision, 'tables'>,
  existing: TableMeta | undefined,
  lineage: StatementLineage,
): DecidedRows {
  if (lineage.truncated) {
    throw new GovernanceError(
      'STATEMENT_TOO_COMPLEX',
      'The rows come from more columns than can be followed.',
      {
        position: write.target.at,
        remedy: 'Write in several steps.',
        sqlState: '54001',
      },
    );
  }
  const { tables } = scope.catalog;
  const names = write.columns.map(({ name }) => name);
  const inherited = inheritedColumns(lineage, names, tables);
  const replaced = write.mode === 'replace';
  const back = maskedWriteBack(
    inherited,
    ({ table, column }) => isMasked(decision.tables.get(table), column),
    write.target.object,
    replaced ? undefined : existing,
    tables,
  );
  if (back !== undefined) throw writeBack(write, back.column, `${back.source.table}.${back.source.column}`);
  const after = tableAfter(write.target, write.columns, inherited, existing);
  const tags = columnTags(after, inherited, existing);
  return {
    write,
    inherited,
    after,
    afterDecision: decideTable(after, scope),
    tags,
    notices: tagNotices(write, after, existing),
  };
}

const isMasked = (table: TableDecision | undefined, column: string): boolean => {
  const found = table?.columns.find((one) => foldName(one.column) === foldName(column));
  return found !== undefined && found.mask.kind !== 'clear';
};

const writeBack = (write: BoundTableWrite, column: string, source: string): GovernanceError =>
  new GovernanceError(
    'MASKED_WRITE_BACK',
    `${write.target.object}.${column} would get masked values of ${source}, among true ones.`,
    {
      position: write.target.at,
      denied: [{ object: write.target.object, columns: [column], action: 'write' }],
      remedy: `Leave ${column} out, or write to a new table: it takes the tags of ${source} over.`,
      sqlState: '42501',
    },
  );

/** Columns whose tags have to be set, or may have to be when they are looked at again in the committing transaction. */
function columnTags(
  after: TableMeta,
  inherited: readonly InheritedColumn[],
  existing: TableMeta | undefined,
): readonly ColumnTags[] {
  return inherited.flatMap(({ column, from }) => {
    const own = from.filter(({ table }) => table !== after.id);
    const tags = findColumn(after, column)?.tags ?? [];
    const before = (existing && findColumn(existing, column)?.tags) ?? [];
    if (own.length === 0 && tags.length === before.length) return [];
    return [
      { column, tags, from: own.map(({ table, column: source }) => ({ object: table, column: source })) },
    ];
  });
}

/** What the writer is told of tags that came along. */
function tagNotices(
  { target }: BoundTableWrite,
  after: TableMeta,
  existing: TableMeta | undefined,
): readonly Notice[] {
  const gained = after.columns.flatMap(({ name, tags }) => {
    const before = (existing && findColumn(existing, name)?.tags) ?? [];
    const added = tags.filter((tag) => !before.includes(tag));
    return added.length === 0 ? [] : [`${name}: ${added.join(', ')}`];
  });
  if (gained.length === 0) return [];
  const text = `Columns of ${target.object} took over tags of where their rows come from: ${gained.join('; ')}.`;
  return [{ code: 'TAGS_INHERITED', text }];
}
