/**
 * A DataFrame plan whose rows are written: its root is the SQL of the write, its leaves are secured like those of any plan.
 * On top of that come the right to the target, tags, and what must not go back, by the lineage of the whole plan.
 */
import { planLineage } from '../../core/lineage/connect/plan-lineage.js';
import type { TracedPlan } from '../../core/lineage/connect/plan-tracer.js';
import { type PlanMessage, relationCase } from '../../core/plan/connect/message.js';
import type { BoundQuery } from '../../core/plan/plan.js';
import { INT } from '../../core/plan/types.js';
import type { BoundRowChange, BoundWrite, TargetColumn } from '../../core/plan/write.js';
import type { Decision } from '../../core/policy/decision.js';
import { changeQuery } from '../../core/rewrite/row-change.js';
import type { PreparedWrite } from '../../engines/engine.js';
import type { BindScope } from '../bind-context.js';
import type { Governance } from '../statement.js';
import { decideTarget } from '../write/decide-write.js';
import {
  changeGovernance,
  decideChanged,
  type GovernedChange,
  secureChange,
} from '../write/govern-change.js';
import { type DecidedWrite, decideRows } from '../write/govern-write.js';
import { type GovernedWrite, writeGovernance } from '../write/prepare-write.js';
import type { BoundPlan } from './bind-plan.js';
import type { NamedRelation } from './engine.js';
import { type BoundLeaf, sqlRoot } from './plan-leaf.js';
import { namesOf, type SecuredConnectPlan } from './secure-plan.js';

/** Asks nothing: one row that nobody reads. */
const NOTHING_READ: BoundQuery = {
  plan: {
    kind: 'values',
    columns: [{ id: 1, name: 'row', type: INT, nullable: false }],
    rows: [[{ kind: 'literal', type: INT, nullable: false, value: 0n }]],
  },
  output: [{ id: 1, name: 'row', type: INT, nullable: false }],
  leaves: [],
};

/** What a write reads, as a query. */
export function readBy(write: BoundWrite): BoundQuery {
  switch (write.kind) {
    case 'table-write':
      return write.source;
    case 'row-change':
      return changeQuery(write).query;
    default:
      return NOTHING_READ;
  }
}

export interface PlanWriteInput {
  /** With views put in. */
  readonly plan: PlanMessage;
  readonly bound: BoundPlan;
  readonly secured: SecuredConnectPlan;
  /** On what is read. */
  readonly decision: Decision;
  readonly scope: BindScope;
  readonly trace: () => TracedPlan;
}

/** A change of rows by a plan. */
export interface PlanChange extends GovernedChange {
  /** Relations of the plan that it names. */
  readonly named: ReadonlyMap<string, NamedRelation>;
  /** The same as they stand in the secured plan. */
  readonly references: (secured: PlanMessage) => readonly PlanMessage[];
}

export interface PlanWrite {
  readonly governance: Governance;
  readonly write?: GovernedWrite;
  readonly change?: PlanChange;
}

/** Undefined: the plan only reads. */
export function planWrite(input: PlanWriteInput): PlanWrite | undefined {
  const { plan, bound, scope } = input;
  const root = sqlRoot(plan);
  const leaf = root && bound.leaves.get(root);
  if (root === undefined || leaf?.write === undefined) return undefined;
  if (leaf.write.kind === 'row-change') return planChange(leaf.write, root, leaf, input);
  const decided = decidePlanWrite(leaf.write, input);
  const { into } = decided;
  const write = {
    ...decided,
    scope,
    ...(into === undefined ? {} : { prepared: preparedWrite(root, leaf, input, into.write.columns) }),
  };
  return { write, governance: writeGovernance(decided, scope) };
}

function planChange(
  bound: BoundRowChange,
  root: PlanMessage,
  leaf: BoundLeaf,
  { secured, decision, scope, trace }: PlanWriteInput,
): PlanWrite {
  const made = secured.leaves.get(root);
  if (made === undefined) throw new Error('the target of a change was not secured');
  const outputs = leaf.bound.output.map(({ name }) => name);
  const decided = decideChanged(bound, leaf.bound, scope, decision, planLineage(trace(), outputs));
  const { existing, rows } = decided;
  return {
    governance: changeGovernance(decided, scope),
    change: {
      bound,
      existing,
      scope,
      tags: rows.tags,
      // It is printed when it runs, with the relations that it names.
      prepared: { change: secureChange(decided, made.plan, scope), text: '' },
      named: namesOf(leaf),
      references: referencesIn,
    },
  };
}

/** Below the SQL of the leaf, which stands at the root. */
function referencesIn(secured: PlanMessage): readonly PlanMessage[] {
  const { case: kind, value } = relationCase(secured);
  if (kind === 'toDf') return referencesIn(value.input as PlanMessage);
  return kind === 'withRelations' ? (value.references as readonly PlanMessage[]) : [];
}

/** Where the rows come from stands in the plan; this is what the record and the commit go by. */
function preparedWrite(
  root: PlanMessage,
  leaf: BoundLeaf,
  { secured, scope }: PlanWriteInput,
  columns: readonly TargetColumn[],
): PreparedWrite {
  const made = secured.leaves.get(root);
  if (made === undefined) throw new Error('the source of a write was not secured');
  const statement = { plan: made.plan, output: leaf.bound.output, catalog: scope.catalog, spool: true };
  return { write: { statement, columns }, text: '' };
}

function decidePlanWrite(
  bound: Exclude<BoundWrite, BoundRowChange>,
  { scope, decision, trace }: PlanWriteInput,
): DecidedWrite {
  if (bound.kind === 'nothing') return { bound, decision, existing: undefined };
  const { existing } = decideTarget(bound, scope);
  if (bound.kind === 'drop') return { bound, decision, existing };
  const names = bound.columns.map(({ name }) => name);
  const lineage = planLineage(trace(), names);
  return { bound, decision, existing, into: decideRows(bound, scope, decision, existing, lineage) };
}
