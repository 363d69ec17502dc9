/**
 * From a secured plan to judged Spark SQL. What is run is the very text that was judged, over the same views; on
 * another server both are made again.
 */

import { GovernanceError } from '../../core/errors.js';
import type { LeafId, Secured } from '../../core/plan/plan.js';
import { walkPlan } from '../../core/plan/traverse.js';
import type { DataType } from '../../core/plan/types.js';
import { columnName } from '../../core/sql/plan-sql/block.js';
import { printIdentifier, printType } from '../../core/sql/print-literal.js';
import { printSpark } from '../../core/sql/spark-plan/print.js';
import type { SecuredStatement } from '../engine.js';
import { needsFence } from './fence.js';
import { quotedName, viewColumn } from './lake-tables.js';
import { type Expected, secondCheck } from './second-check.js';
import type { Connected } from './server.js';

/** Names of struct fields and raw columns stand in the plan's text as they are. */
const QUOTED = /`((?:[^`]|``)*)`/g;
const PLAIN_IDENTIFIER = /^[\p{L}\p{N}_ $.%:@/"-]*$/u;

/** A relation of the same plan that SQL reads from. Names are ours. */
export interface NamedRelation {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: DataType }[];
}

const NONE: ReadonlyMap<string, NamedRelation> = new Map();

/** SQL that passed the second judge on this server. `named`: what stands for ids that are no tables of the lake. */
export async function judgedSql(
  statement: SecuredStatement,
  connected: Connected,
  named: ReadonlyMap<string, NamedRelation> = NONE,
): Promise<string> {
  const { plan, output, catalog } = statement;
  const leaves = leavesOf(statement);
  const tables = [...leaves.values()].map(({ leaf }) => leaf.table).filter((table) => !named.has(table));
  const names = await connected.tables.names(tables, catalog);
  const stream = await streamOf(statement, leaves, connected);
  const earlier = await earlierOf(statement, leaves, connected);
  const viewOf = (table: string, leaf: LeafId): string => {
    const then = leaf === stream?.leaf ? stream.name : earlier.get(leaf);
    const name = then ?? named.get(table)?.name ?? names.get(table);
    if (name === undefined) throw new Error(`${table} was not registered`);
    return name;
  };
  const fenced = isFenced(statement);
  const sql = printSpark(plan, {
    source: (table, _, leaf) =>
      named.has(table) ? printIdentifier({ name: viewOf(table, leaf) }) : quotedName(viewOf(table, leaf)),
    column: (table, name) => (named.has(table) ? name : viewColumn(catalog.tables.get(table), name)),
    output,
    fenced,
  });
  const expected: Expected = {
    fenced,
    leaves: [...leaves.values()].map(({ leaf, count }) => ({
      leaf: leaf.leaf,
      view: viewOf(leaf.table, leaf.leaf),
      named: named.has(leaf.table),
      streamed: leaf.leaf === stream?.leaf,
      filtered: leaf.filter !== undefined,
      columns: leaf.items.map((item) => columnName(item.column.id)),
      count,
    })),
  };
  const references = [...named.values()].map(emptyRelation);
  const key = JSON.stringify([sql, expected, references]);
  if (connected.judged.has(key)) return sql;
  requirePlainIdentifiers(sql);
  secondCheck(await connected.session.explain(sql, 'EXTENDED', references), expected);
  connected.judged.set(key, true);
  return sql;
}

/** Names of leaves that are read as they were. */
async function earlierOf(
  { catalog }: SecuredStatement,
  leaves: ReadonlyMap<LeafId, { readonly leaf: Secured }>,
  { tables }: Connected,
): Promise<ReadonlyMap<LeafId, string>> {
  const names = new Map<LeafId, string>();
  for (const [id, { leaf }] of leaves) {
    const table = leaf.asOf === undefined ? undefined : catalog.tables.get(leaf.table);
    if (leaf.asOf === undefined) continue;
    if (table === undefined) throw new Error('a table of earlier is not in the catalogue');
    names.set(id, await tables.earlierName(table, leaf.asOf));
  }
  return names;
}

/** The name of the leaf that is read as a stream. */
async function streamOf(
  { streamed, catalog }: SecuredStatement,
  leaves: ReadonlyMap<LeafId, { readonly leaf: Secured }>,
  { tables }: Connected,
): Promise<{ readonly leaf: LeafId; readonly name: string } | undefined> {
  if (streamed === undefined) return undefined;
  const table = catalog.tables.get(leaves.get(streamed.leaf)?.leaf.table ?? '');
  if (table === undefined) throw new Error('there is no leaf to read as a stream');
  return { leaf: streamed.leaf, name: await tables.streamName(table, streamed.options) };
}

/** Types are all that analysis asks of a relation. */
export function emptyRelation({ name, columns }: NamedRelation): Readonly<Record<string, unknown>> {
  const schema = columns.map((column) => `${printIdentifier(column)} ${printType(column.type)}`).join(', ');
  const input = { relType: { case: 'localRelation', value: { schema } } };
  return { relType: { case: 'subqueryAlias', value: { input, alias: name } } };
}

/** The same for people: with the catalogue's names instead of those that only Spark may know. */
export const shownSql = (statement: SecuredStatement): string =>
  printSpark(statement.plan, {
    source: (table) => printIdentifier({ name: table }),
    column: (_, name) => name,
    output: statement.output,
    fenced: isFenced(statement),
  });

const isFenced = ({ plan, spool }: SecuredStatement): boolean => spool || needsFence(plan);

function leavesOf({
  plan,
}: SecuredStatement): ReadonlyMap<LeafId, { readonly leaf: Secured; count: number }> {
  const found = new Map<LeafId, { readonly leaf: Secured; count: number }>();
  walkPlan(plan, {
    plan: (node) => {
      if (node.kind !== 'secured') return;
      const seen = found.get(node.leaf);
      if (seen === undefined) found.set(node.leaf, { leaf: node, count: 1 });
      else seen.count += 1;
    },
  });
  return found;
}

/** A field called `x) AS c5#1` would read like a piece of the plan. */
export function requirePlainIdentifiers(sql: string): void {
  for (const [, name = ''] of sql.matchAll(QUOTED)) {
    if (PLAIN_IDENTIFIER.test(name)) continue;
    throw new GovernanceError(
      'FEATURE_NOT_ALLOWED',
      'A field or column has a name that Spark is not shown.',
      {
        remedy: 'Run the statement with engine: duckdb, or give the field a name of letters and digits.',
      },
    );
  }
}
