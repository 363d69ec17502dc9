/**
 * Bind for DataFrame plans: each leaf to the tables it means, as this principal may know them. Columns above the leaves
 * are Spark's to resolve: a secured leaf shows exactly the columns of what it stands for.
 */
import { type BindContext, type BoundTable, bindQuery } from '../../core/bind/bind.js';
import { type ColumnMeta, foldName } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import { tableNameParts } from '../../core/plan/connect/identifiers.js';
import { type NamedRelations, replaceLeaves } from '../../core/plan/connect/leaves.js';
import {
  type MessageSchema,
  type PlanMessage,
  relationCase,
  textOf,
} from '../../core/plan/connect/message.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import { streamOptions } from '../../core/plan/connect/stream-read.js';
import { type TimeTravel, timeTravelOf } from '../../core/plan/connect/time-travel.js';
import type { BoundQuery } from '../../core/plan/plan.js';
import type { Statement } from '../../core/sql/ast.js';
import { isWrite, type WriteStatement } from '../../core/sql/ast-write.js';
import { parseStatement } from '../../core/sql/parse.js';
import { type BindScope, bindContext } from '../bind-context.js';
import { bindStatement } from '../decide-statement.js';
import type { StatementParameter } from '../statement.js';
import { Stopwatch } from '../timings.js';
import { bindWrite } from '../write/govern-write.js';
import {
  type BoundLeaf,
  COLUMNS_SEEN,
  columnsByPlace,
  marksOf,
  NAMES_FROM,
  type NamedLeaf,
  relationTable,
  sqlRoot,
  tableQuery,
} from './plan-leaf.js';
import { sqlParameters } from './sql-parameters.js';
import { readBy } from './write-plan.js';
import { requireNoMoments } from './zone-guard.js';

/** Table references in one plan. */
export const planLeavesMax = 500;

export interface BoundPlan {
  /** By the relation that the leaf is in the plan. */
  readonly leaves: ReadonlyMap<PlanMessage, BoundLeaf>;
}

/** Throws GovernanceError for a name that the principal may not know, and for what SQL texts get wrong. */
export function bindPlan(
  plan: PlanMessage,
  schema: MessageSchema,
  scope: BindScope,
  zone: string | undefined,
  writes = false,
): BoundPlan {
  const root = writes ? sqlRoot(plan) : undefined;
  const leaves = new Map<PlanMessage, BoundLeaf>();
  const add = (relation: PlanMessage, leaf: BoundLeaf): PlanMessage => {
    if (leaves.size >= planLeavesMax) {
      throw new GovernanceError(
        'STATEMENT_TOO_COMPLEX',
        `The plan reads more than ${planLeavesMax} tables.`,
        {
          remedy: 'Split it, or checkpoint a part.',
          sqlState: '54001',
        },
      );
    }
    leaves.set(relation, leaf);
    return relation;
  };
  replaceLeaves(plan, schema, {
    namedTable: (name, relation) => {
      const read = relationCase(relation).value;
      const stream = streamOptions(read);
      const leaf = bindTable(name, scopeFor(scope, relation, []), timeTravelOf(read));
      return add(relation, stream === undefined ? leaf : { ...leaf, stream });
    },
    sql: (sql, relation, named) => {
      const text = textOf(sql, 'query');
      const leaf = bindSql(text, named, scopeFor(scope, relation, sqlParameters(sql)), zone);
      if (leaf.write !== undefined && relation !== root) {
        throw notAllowed(
          'A statement that writes in the place of a relation',
          'Run it on its own, with spark.sql.',
        );
      }
      return add(relation, leaf);
    },
    uploaded: (_, relation) => relation,
    kept: (_, relation) => relation,
  });
  return { leaves };
}

/** One statement's scope, seen from this leaf. */
function scopeFor(
  scope: BindScope,
  relation: PlanMessage,
  parameters: readonly StatementParameter[],
): BindScope {
  const from = marksOf(relation)[NAMES_FROM];
  return {
    ...scope,
    request: { ...scope.request, parameters },
    ...(from === undefined ? {} : { currentCatalog: from.catalog, currentSchema: from.schema }),
  };
}

function bindTable(name: string, scope: BindScope, asOf: TimeTravel | undefined): BoundLeaf {
  const parts = tableNameParts(name);
  const bound = bindQuery(tableQuery(parts, asOf), bindContext(scope));
  const [scan] = bound.leaves;
  const table = scan && scope.catalog.tables.get(scan.table);
  if (table === undefined) throw new Error('a bound leaf is not in the catalogue');
  return { bound, named: [], alias: { name: table.table, qualifier: [table.catalog, table.schema] } };
}

function bindSql(text: string, named: NamedRelations, scope: BindScope, zone: string | undefined): BoundLeaf {
  const statement = parseStatement(text, { parameters: 'statement' });
  requireNoMoments(statement, zone);
  if (isWrite(statement)) return bindWriteLeaf(statement, named, scope);
  if (named.size === 0 || statement.kind !== 'query-statement') {
    return { bound: bindRows(statement, scope), named: [] };
  }
  const { context, used } = namingContext(named, scope);
  return namedLeaf(bindQuery(statement.query, context), used);
}

type Used = ReadonlyMap<string, NamedLeaf>;

/** `used` fills while something is bound. */
function namingContext(
  named: NamedRelations,
  scope: BindScope,
): { readonly context: BindContext; readonly used: Used } {
  const used = new Map<string, NamedLeaf>();
  const context = bindContext(scope);
  const resolveTable: BindContext['resolveTable'] = (parts) => {
    const found = namedTable(parts, named, used);
    return found ?? context.resolveTable(parts);
  };
  return { context: { ...context, resolveTable }, used };
}

function namedLeaf(bound: BoundQuery, used: Used): BoundLeaf {
  const relations = new Set([...used.values()].map(({ table }) => table.id));
  return { bound: columnsByPlace(bound, relations), named: [...used.values()] };
}

/** What is read for a write is a query like any other. */
function bindWriteLeaf(statement: WriteStatement, named: NamedRelations, scope: BindScope): BoundLeaf {
  const { context, used } = namingContext(named, scope);
  const write = bindWrite(statement, scope, context);
  return { ...namedLeaf(readBy(write), used), write };
}

function bindRows(statement: Statement, scope: BindScope): BoundQuery {
  if (statement.kind === 'use') {
    throw new GovernanceError('STATEMENT_NOT_ALLOWED', 'USE is a statement of its own.', {
      position: statement.at,
    });
  }
  return bindStatement(statement, scope, new Stopwatch());
}

/** As in Spark, a view of the session comes before a table of the current schema. */
function namedTable(
  parts: readonly string[],
  named: NamedRelations,
  used: Map<string, NamedLeaf>,
): BoundTable | undefined {
  const [name, ...rest] = parts;
  if (name === undefined || rest.length > 0) return undefined;
  const key = foldName(name);
  const relation = named.get(key);
  if (relation === undefined) return undefined;
  const columns = columnsOf(relation);
  const table = used.get(key)?.table ?? relationTable(used.size + 1, columns);
  used.set(key, { table, key });
  return { id: table.id, columns, qualifier: [key] };
}

function columnsOf(relation: PlanMessage): readonly ColumnMeta[] {
  const seen = marksOf(relation)[COLUMNS_SEEN];
  if (seen === undefined) throw new Error('a named relation has no columns yet');
  return seen.columns;
}
