/** What a write would do, without doing it: for EXPLAIN, and for POST /v1/statements/explain. */
import type { BoundQuery } from '../../core/plan/plan.js';
import type { WriteStatement } from '../../core/sql/ast-write.js';
import { type BindScope, bindContext } from '../bind-context.js';
import type { GovernDeps } from '../decide-statement.js';
import { mayExplain, tableAnswer } from '../explain.js';
import { explainLines } from '../explain-rows.js';
import { secure, securedStatement } from '../govern.js';
import { valuesQuery } from '../metadata-rows.js';
import { resourcesOf } from '../run-limits.js';
import type { ExplainAnswer, StatementRequest } from '../statement.js';
import { bindWrite, type DecidedWrite, decideWrite, sourceOf } from './govern-write.js';
import { engineChoice, requireHere, WRITE_SCHEMA, writeGovernance, writerOf } from './prepare-write.js';

/** One text column `plan`, as Spark has it. */
export function explainWriteRows(statement: WriteStatement, scope: BindScope): BoundQuery {
  const { bound, decision, into } = decided(statement, scope);
  const mode = bound.kind === 'table-write' ? bound.mode : bound.kind;
  const columns = into?.after.columns.map(({ name, tags }) =>
    tags.length === 0 ? name : `${name} {tags: ${tags.join(', ')}}`,
  );
  const head = `Write ${mode} ${bound.target.object}${columns === undefined ? '' : ` [${columns.join(', ')}]`}`;
  return valuesQuery(['plan'], [[explainLines({ bound: sourceOf(bound), decision }, scope, head)]]);
}

export async function explainWrite(
  deps: GovernDeps,
  statement: WriteStatement,
  scope: BindScope,
  request: StatementRequest,
): Promise<ExplainAnswer> {
  const write = decided(statement, scope);
  const { decision, into, bound } = write;
  const tables = [...decision.tables.values()];
  const answer: ExplainAnswer = {
    decision: 'allow',
    governance: writeGovernance(write, scope),
    schema: WRITE_SCHEMA,
    tables: tables.map(tableAnswer),
    denied: [],
    resources: resourcesOf(scope.policies, scope.principal, scope.now.getTime()),
  };
  if (into === undefined || !tables.every(mayExplain)) return answer;
  const engine = deps.engineFor(engineChoice(request.engine, write, scope));
  const source = sourceOf(bound);
  const plain = securedStatement(source, secure(source, decision, scope), scope);
  const prepared = await writerOf(engine).prepare({ statement: plain, columns: into.write.columns });
  return { ...answer, securedPlan: prepared.text };
}

function decided(statement: WriteStatement, scope: BindScope): DecidedWrite {
  const bound = bindWrite(statement, scope, bindContext(scope));
  return decideWrite(requireHere(bound, scope), scope);
}
