/**
 * Delta tables on Spark: rows into them, changes of rows in them. Spark commits to the log of the table; readers see the
 * version when the gateway has committed it. One write of a table runs at a time, the gateway sees to that.
 */
import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GovernanceError } from '../../core/errors.js';
import type { Column } from '../../core/plan/plan.js';
import { STRING } from '../../core/plan/types.js';
import { printIdentifier } from '../../core/sql/print-literal.js';
import { printReplaced, printRowChange } from '../../core/sql/spark-plan/row-change.js';
import type { DeltaWritten, JudgedChange, SecuredRowChange, SecuredStatement } from '../engine.js';
import { batchLines } from './arrow/lines.js';
import { DATA_FILE, latestVersion, readVersion } from './delta-log.js';
import { CHECK_FAILED } from './errors.js';
import { commandPlan, type Fields, type ParquetWrite, withinBytes, writeTooLarge } from './parquet-write.js';
import {
  emptyRelation,
  judgedSql,
  type NamedRelation,
  requirePlainIdentifiers,
  shownSql,
} from './prepare.js';
import { changeCheck } from './second-check/change.js';
import type { Connected } from './server.js';
import { planOf, type SparkSession, sqlRelation } from './session.js';
import { tableAt } from './table-files.js';

const EXPLAINED: readonly Column[] = [{ id: 1, name: 'plan', type: STRING, nullable: false }];
const NONE: ReadonlyMap<string, NamedRelation> = new Map();

export interface DeltaRows extends ParquetWrite {
  /** `overwrite`: the rows that were there go. */
  readonly mode: 'append' | 'overwrite';
}

/** Rows into the table of this folder, or the first rows of one that is to be. */
export function writeDelta(session: SparkSession, { mode, ...write }: DeltaRows): Promise<DeltaWritten> {
  const plan = commandPlan('delta', write, { mode: mode === 'append' ? 'APPEND' : 'OVERWRITE' });
  return committed(session, write, plan);
}

export interface DeltaChange extends JudgedChange {
  /** Relations that it names, secured. */
  readonly references: readonly Fields[];
  readonly folder: string;
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

export function changeDelta(session: SparkSession, change: DeltaChange): Promise<DeltaWritten> {
  const told = withReferences(sqlRelation(change.sql), change.references);
  const { replaced, folder } = change;
  if (replaced === undefined) return committed(session, change, planOf(told));
  const { where, columns } = replaced;
  const options = { replaceWhere: where };
  const plan = commandPlan('delta', { input: told, columns, folder }, { mode: 'OVERWRITE', options });
  return committed(session, change, plan, replacedRows);
}

/** What Spark commits to the log while this runs. The gateway lets nobody else write meanwhile. */
async function committed(
  session: SparkSession,
  write: Pick<ParquetWrite, 'folder' | 'bytesMax' | 'signal'>,
  plan: Fields,
  count: (metrics: Readonly<Record<string, number>>) => number = rowsIn,
): Promise<DeltaWritten> {
  const { folder, bytesMax } = write;
  const before = await latestVersion(folder);
  const files = new Set(await dataFiles(folder));
  try {
    await withinBytes(write, (signal) => session.toEnd(plan, signal));
  } catch (error) {
    if (isTooLarge(error)) await removeOthers(folder, files);
    throw error;
  }
  const logVersion = await latestVersion(folder);
  // What changes nothing is not committed.
  if (logVersion === before) return { rowCount: 0, logVersion, files: [] };
  if (logVersion !== before + 1) {
    throw new GovernanceError('WRITE_CONFLICT', 'Somebody else wrote to the log of this table.', {
      retryable: true,
      remedy: 'Run the statement again.',
      sqlState: '40001',
    });
  }
  const { metrics, added, bytes } = await readVersion(folder, logVersion);
  if (bytes > bytesMax) {
    // In the log it is still: what readers were never told of is taken back before the next write.
    await removeOthers(folder, files);
    throw writeTooLarge(bytesMax);
  }
  return { rowCount: count(metrics), logVersion, files: added };
}

const isTooLarge = (error: unknown): boolean =>
  error instanceof GovernanceError && error.code === 'WRITE_TOO_LARGE';

const dataFiles = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => DATA_FILE.test(name));

/** Files that have come since these were all. */
async function removeOthers(folder: string, before: ReadonlySet<string>): Promise<void> {
  const come = (await dataFiles(folder)).filter((name) => !before.has(name));
  await Promise.all(come.map((name) => rm(join(folder, name), { force: true })));
}

/** Rows that came, were changed or went. */
const CHANGED = [
  'numTargetRowsInserted',
  'numTargetRowsUpdated',
  'numTargetRowsDeleted',
  'numUpdatedRows',
  'numDeletedRows',
];

function rowsIn(metrics: Readonly<Record<string, number>>): number {
  const changed = CHANGED.filter((name) => metrics[name] !== undefined);
  if (changed.length === 0) return metrics.numOutputRows ?? 0;
  return changed.reduce((sum, name) => sum + (metrics[name] ?? 0), 0);
}

/** Rows that came and rows that went; copied ones are neither. */
const replacedRows = ({
  numOutputRows = 0,
  numCopiedRows = 0,
  numDeletedRows = 0,
}: Readonly<Record<string, number>>) => numOutputRows - numCopiedRows + numDeletedRows;

/** Makes the table again what it was at this version. */
export async function restoreDelta(session: SparkSession, folder: string, version: number): Promise<void> {
  const sql = `RESTORE TABLE ${tableAt(folder)} TO VERSION AS OF ${Math.trunc(version)}`;
  await session.run(sqlRelation(sql));
}

/** Its source and all of its expressions as queries, then the statement itself. */
export async function judgedChange(
  { query, change }: SecuredRowChange,
  folder: string,
  connected: Connected,
  named: ReadonlyMap<string, NamedRelation> = NONE,
): Promise<JudgedChange> {
  await judgedSql(query, connected, named);
  const source = change.source && (await judgedSql(sourceStatement(change.source, query), connected, named));
  const target = tableAt(folder);
  if (change.replaces !== undefined && source !== undefined) {
    const where = printReplaced(change);
    // The rows that go are those that a DELETE would take.
    await judgeStatement(`DELETE FROM ${target} AS target WHERE ${where}`, folder, connected, []);
    return { sql: source, replaced: { where, columns: change.replaces } };
  }
  const sql = printRowChange(change, {
    target,
    checkFailed: CHECK_FAILED,
    ...(source === undefined ? {} : { source }),
  });
  await judgeStatement(sql, folder, connected, [...named.values()].map(emptyRelation));
  return { sql };
}

async function judgeStatement(
  sql: string,
  folder: string,
  connected: Connected,
  references: readonly Fields[],
): Promise<void> {
  if (connected.judged.has(sql)) return;
  requirePlainIdentifiers(sql);
  changeCheck(await explained(connected.session, sql, references), folder);
  connected.judged.set(sql, true);
}

/** The same for people, with the name of the table. */
export function shownChange({ query, change }: SecuredRowChange, object: string): string {
  const { source } = change;
  return printRowChange(change, {
    target: printIdentifier({ name: object }),
    checkFailed: CHECK_FAILED,
    ...(source === undefined ? {} : { source: shownSql(sourceStatement(source, query)) }),
  });
}

/** What stands above it is not looked at with it, so its row rules are fenced off. */
const sourceStatement = (
  { plan, output }: NonNullable<SecuredRowChange['change']['source']>,
  { catalog }: SecuredStatement,
): SecuredStatement => ({ plan, output, catalog, spool: true });

const withReferences = (root: Fields, references: readonly Fields[]): Fields =>
  references.length === 0 ? root : { relType: { case: 'withRelations', value: { root, references } } };

async function explained(session: SparkSession, sql: string, references: readonly Fields[]): Promise<string> {
  const plan = planOf(withReferences(sqlRelation(`EXPLAIN EXTENDED ${sql}`), references));
  let text = '';
  for await (const batch of session.execute(plan, randomUUID())) {
    for (const line of batchLines(batch, EXPLAINED, 'json', Number.POSITIVE_INFINITY))
      text += line.bytes.toString('utf8');
  }
  const [shown] = JSON.parse(text) as readonly [string];
  return shown;
}
