/** What a write would do, without doing it: for EXPLAIN, and for POST /v1/statements/explain. */
import type { BoundQuery } from '../../core/plan/plan.js';
import type { Decision } from '../../core/policy/decision.js';
import type { WriteStatement } from '../../core/sql/ast-write.js';
import { type BindScope, bindContext } from '../bind-context.js';
import type { GovernDeps } from '../decide-statement.js';
import { mayExplain, tableAnswer } from '../explain.js';
import { explainLines } from '../explain-rows.js';
import { secure, securedStatement } from '../govern.js';
import { valuesQuery } from '../metadata-rows.js';
import { resourcesOf } from '../run-limits.js';
import type { ExplainAnswer, Governance } from '../statement.js';
import { chooseEngine } from './engine-choice.js';

import { changeGovernance, type DecidedChange, decideChange, secureChange } from './govern-change.js';
import { bindWrite, type DecidedWrite, decideWrite, sourceOf } from './govern-write.js';
import { engineOfWrite, targetOf, WRITE_SCHEMA, writeGovernance, writerOf } from './prepare-write.js';
import { deltaOf } from './run-delta-write.js';

/** A decided write, as far as it is shown. */
interface Shown {
  readonly head: string;
  /** What is read for it. */
  readonly query: BoundQuery;
  readonly decision: Decision;
  readonly governance: Governance;
  /** Undefined: nothing is read or written. */
  readonly securedPlan?: (deps: GovernDeps) => Promise<string>;
}

/** One text column `plan`, as Spark has it. */
export function explainWriteRows(statement: WriteStatement, scope: BindScope): BoundQuery {
  const { head, query, decision } = shown(statement, scope);
  return valuesQuery(['plan'], [[explainLines({ bound: query, decision }, scope, head)]]);
}

export async function explainWrite(
  deps: GovernDeps,
  statement: WriteStatement,
  scope: BindScope,
): Promise<ExplainAnswer> {
  const { decision, governance, securedPlan } = shown(statement, scope);
  const tables = [...decision.tables.values()];
  const answer: ExplainAnswer = {
    decision: 'allow',
    governance,
    schema: WRITE_SCHEMA,
    tables: tables.map(tableAnswer),
    denied: [],
    resources: resourcesOf(scope.policies, scope.principal, scope.now.getTime()),
  };
  if (securedPlan === undefined || !tables.every(mayExplain)) return answer;
  return { ...answer, securedPlan: await securedPlan(deps) };
}

function shown(statement: WriteStatement, scope: BindScope): Shown {
  const bound = bindWrite(statement, scope, bindContext(scope));
  return bound.kind === 'row-change'
    ? shownChange(decideChange(bound, scope), scope)
    : shownRows(decideWrite(bound, scope), scope);
}

function shownRows(write: DecidedWrite, scope: BindScope): Shown {
  const { bound, decision, into } = write;
  const mode = bound.kind === 'table-write' ? bound.mode : bound.kind;
  const query = sourceOf(bound);
  const common = { query, decision, governance: writeGovernance(write, scope) };
  const head = `Write ${mode} ${bound.target.object}`;
  if (into === undefined) return { ...common, head };
  const columns = into.after.columns.map(({ name, tags }) =>
    tags.length === 0 ? name : `${name} {tags: ${tags.join(', ')}}`,
  );
  return {
    ...common,
    head: `${head} [${columns.join(', ')}]`,
    securedPlan: async (deps) => {
      const secured = secure(query, decision, scope);
      const writer = writerOf(engineOfWrite(deps, write, secured, scope));
      const statement = securedStatement(query, secured, scope);
      return (await writer.prepare({ statement, columns: into.write.columns })).text;
    },
  };
}

function shownChange(change: DecidedChange, scope: BindScope): Shown {
  const { bound, query, decision } = change;
  return {
    head: `Write ${bound.kind} ${bound.target.object}`,
    query,
    decision,
    governance: changeGovernance(change, scope),
    securedPlan: async (deps) => {
      const secured = secureChange(change, secure(query, decision, scope).plan, scope);
      const delta = deltaOf(chooseEngine(deps, scope, true, bound.target.at));
      return (await delta.prepareChange(secured, targetOf(change))).text;
    },
  };
}
