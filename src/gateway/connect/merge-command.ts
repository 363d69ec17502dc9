/** `df.mergeInto("t", condition).whenMatched().update(...).merge()` as the MERGE that it is. */
import { tableNameParts } from '../../core/plan/connect/identifiers.js';
import {
  caseOf,
  type MessageSchema,
  type PlanMessage,
  relationCase,
  textOf,
} from '../../core/plan/connect/message.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import type { QualifiedName } from '../../core/sql/ast.js';
import type { Assignment, MergeAction, MergeClause, MergeRows, MergeWhen } from '../../core/sql/ast-write.js';
import { expressionTree, type TableOfPlan } from './expression-tree.js';
import { START } from './plan-leaf.js';
import { qualifiedName, ROWS } from './write-command.js';

/** What the source is called where the program has not said it. */
const SOURCE = 'source of the merge';
const ACTIONS = [undefined, 'delete', 'insert', 'insert-all', 'update', 'update-all'] as const;
const CLAUSES: readonly (readonly [field: string, when: MergeWhen])[] = [
  ['matchActions', 'matched'],
  ['notMatchedActions', 'not-matched'],
  ['notMatchedBySourceActions', 'not-matched-by-source'],
];

/** `source`: the relation of the command, in its normal form; so are the expressions. */
export function mergeStatement(command: PlanMessage, source: PlanMessage, schema: MessageSchema): MergeRows {
  if (command.withSchemaEvolution === true) throw notAllowed('Columns that change with a write');
  const alias = nameOf(source);
  const ids = planIds(source, schema);
  const tableOf: TableOfPlan = (planId) => (ids.has(planId) ? alias : undefined);
  const clauses = CLAUSES.flatMap(([field, when]) =>
    ((command[field] ?? []) as readonly PlanMessage[]).map((action) => clauseOf(action, when, tableOf)),
  );
  return {
    kind: 'merge',
    target: qualifiedName(tableNameParts(textOf(command, 'targetTableName'))),
    source: {
      kind: 'table',
      name: qualifiedName([ROWS]),
      alias: { name: { name: alias, quoted: true, at: START }, columns: [] },
      at: START,
    },
    on: expressionTree(command.mergeCondition as PlanMessage, tableOf),
    clauses,
    at: START,
  };
}

/** As in Spark: its alias, or the table that it is. */
function nameOf(source: PlanMessage): string {
  const { case: kind, value } = relationCase(source);
  if (kind === 'subqueryAlias') return textOf(value, 'alias');
  if (kind !== 'read') return SOURCE;
  return tableNameParts(textOf(caseOf(value, 'readType').value, 'unparsedIdentifier')).at(-1) ?? SOURCE;
}

function planIds(source: PlanMessage, schema: MessageSchema): ReadonlySet<bigint> {
  const ids = new Set<bigint>();
  const visit = (message: PlanMessage): void => {
    const common = message.common as PlanMessage | undefined;
    if (typeof common?.planId === 'bigint') ids.add(common.planId);
    for (const child of schema.children(message)) visit(child);
  };
  visit(source);
  return ids;
}

function clauseOf(expression: PlanMessage, when: MergeWhen, tableOf: TableOfPlan): MergeClause {
  const { case: kind, value } = caseOf(expression, 'exprType');
  const action = kind === 'mergeAction' ? ACTIONS[Number(value.actionType)] : undefined;
  if (action === undefined) throw notAllowed('This action of a merge');
  const condition = value.condition as PlanMessage | undefined;
  return {
    when,
    action: actionOf(action, (value.assignments ?? []) as readonly PlanMessage[], tableOf),
    at: START,
    ...(condition === undefined ? {} : { condition: expressionTree(condition, tableOf) }),
  };
}

function actionOf(
  kind: NonNullable<(typeof ACTIONS)[number]>,
  assignments: readonly PlanMessage[],
  tableOf: TableOfPlan,
): MergeAction {
  const set = assignments.map((each) => assignment(each, tableOf));
  switch (kind) {
    case 'update':
      return { kind, assignments: set };
    case 'insert':
      return { kind, columns: set.map(({ column }) => column), values: set.map(({ value }) => value) };
    case 'delete':
    case 'update-all':
    case 'insert-all':
      return { kind };
  }
}

function assignment({ key, value }: PlanMessage, tableOf: TableOfPlan): Assignment {
  return {
    column: columnOf(expressionTree(key as PlanMessage, tableOf)),
    value: expressionTree(value as PlanMessage, tableOf),
    at: START,
  };
}

function columnOf(expression: ReturnType<typeof expressionTree>): QualifiedName {
  if (expression.kind === 'column') return expression.name;
  throw notAllowed('An assignment to something that is not a column');
}
