/**
 * SQL that calls functions of the session: cut after it was secured. Its parts are printed and judged as any SQL is; what
 * stands above them is printed for the server for code, over their rows, which are relations of the same plan there.
 */

import type { MessageSchema, PlanMessage } from '../../core/plan/connect/message.js';
import { calling, type SessionFunctions } from '../../core/plan/connect/session-functions.js';
import type { BoundQuery, Column, Plan } from '../../core/plan/plan.js';
import { walkPlan } from '../../core/plan/traverse.js';
import { callsCode, cutCode, placeName } from '../../core/rewrite/cut-code.js';
import { mayRaiseOverRestricted } from '../../core/rewrite/raising.js';
import type { KnownFunctions } from '../../core/sql/functions/session-table.js';
import { functionTable } from '../../core/sql/functions/table.js';
import { printIdentifier } from '../../core/sql/print-literal.js';
import { printSpark } from '../../core/sql/spark-plan/print.js';
import type { SecuredStatement } from '../../engines/engine.js';

/** A relation that the SQL with the code names. */
export interface CodePartSql {
  readonly name: string;
  readonly sql: string;
  readonly columnNames: readonly string[];
}

export interface CodedLeaf {
  /** With the calls; it names the parts, and nothing else. */
  readonly sql: string;
  readonly parts: readonly CodePartSql[];
  readonly calls: readonly string[];
  /** Where its columns come from, as far as anybody can know. */
  readonly lineage: Plan;
}

const isCode = (fn: string): boolean => functionTable.lookup(fn) === undefined;

export const hasCode = (plan: Plan): boolean => callsCode(plan, isCode);

export async function codedLeaf(
  { plan, output }: Pick<BoundQuery, 'plan' | 'output'>,
  statement: Pick<SecuredStatement, 'catalog' | 'spool'>,
  functions: KnownFunctions | undefined,
  print: (statement: SecuredStatement) => Promise<string>,
): Promise<CodedLeaf> {
  const { upper, parts } = cutCode({ plan, output }, isCode);
  const names = new Map(parts.map(({ table }, i) => [table, `sluice_part${i + 1}`]));
  const made: CodePartSql[] = [];
  for (const part of parts) {
    const spool = statement.spool || mayRaiseOverRestricted(part.plan);
    made.push({
      name: names.get(part.table) ?? '',
      sql: await print({ ...statement, plan: part.plan, output: part.columns, spool }),
      columnNames: part.columns.map((_, place) => placeName(place)),
    });
  }
  const sql = printSpark(upper, {
    source: (table) => printIdentifier({ name: names.get(table) ?? '' }),
    column: (_, name) => name,
    output,
    fenced: false,
    ...(functions === undefined ? {} : { functions }),
  });
  return { sql, parts: made, calls: callsIn(upper), lineage: fromEverything(parts, output) };
}

function callsIn(plan: Plan): readonly string[] {
  const found = new Set<string>();
  walkPlan(plan, {
    expr: (expr) => {
      if ('fn' in expr && isCode(expr.fn)) found.add(expr.fn);
    },
  });
  return [...found];
}

/** Code can carry anything that it was given into any row and any column. */
function fromEverything(
  parts: readonly { readonly plan: Plan; readonly columns: readonly Column[] }[],
  output: readonly Column[],
): Plan {
  const given = parts.flatMap(({ columns }) => columns);
  const input = parts
    .map(({ plan }) => plan)
    .reduce<Plan>((left, right) => ({ kind: 'join', type: 'cross', left, right, lateral: false }), {
      kind: 'one-row',
    });
  const made = (type: Column['type']) => ({
    kind: 'call' as const,
    fn: 'code',
    args: given.map((column) => ({ kind: 'column' as const, ...column })),
    type,
    nullable: true,
  });
  return {
    kind: 'project',
    input: { kind: 'filter', input, condition: made({ kind: 'boolean' }) },
    items: output.map((column) => ({ column, expr: made(column.type) })),
  };
}

/** The relation that it is in a plan. `part`: what gives the rows of one of them. */
export function codedRelation(
  { sql, parts, calls }: CodedLeaf,
  schema: MessageSchema,
  functions: SessionFunctions,
  part: (sql: string) => PlanMessage,
): PlanMessage {
  const relation = (kind: string, value: object): PlanMessage =>
    schema.make('Relation', { relType: { case: kind, value } });
  const root = calling(
    relation('sql', { query: sql }),
    calls.map((name) => {
      const found = functions.get(name);
      if (found === undefined) throw new Error('a function of the session is gone');
      return found;
    }),
  );
  const references = parts.map(({ name, sql: text, columnNames }) =>
    relation('subqueryAlias', {
      alias: name,
      input: relation('toDf', { input: part(text), columnNames }),
    }),
  );
  return relation('withRelations', { root, references });
}
