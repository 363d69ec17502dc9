/**
 * Why a statement would give what it gives. Anyone may ask about their own: decision, masks, names of rules.
 * Expressions of row rules, the secured plan and the engine's plan need the `explain` action on every table
 * involved.
 */
import type { TableDecision } from '../core/policy/decision.js';
import { isWrite } from '../core/sql/ast-write.js';
import { parseStatement } from '../core/sql/parse.js';
import { bindStatement, decideFor, type GovernDeps, scopeOf } from './decide-statement.js';
import { secure, securedStatement } from './govern.js';
import { governanceOf, manifestOf, refuseDeniedPredicates, rowRules, ruleName } from './governance.js';
import { resourcesOf } from './run-limits.js';
import type { Caller, ExplainAnswer, StatementRequest } from './statement.js';
import { Stopwatch } from './timings.js';
import { chooseEngine, readsDelta } from './write/engine-choice.js';
import { explainWrite } from './write/explain-write.js';

export const mayExplain = (table: TableDecision): boolean => table.actions.explain;

/** Decides and, where allowed, secures and judges the statement; runs nothing. */
export async function explainStatement(
  deps: GovernDeps,
  caller: Caller,
  request: StatementRequest,
): Promise<ExplainAnswer> {
  const statement = parseStatement(request.statement, { parameters: 'statement' });
  const scope = scopeOf(deps, caller, request);
  if (isWrite(statement)) return explainWrite(deps, statement, scope);
  const bound = bindStatement(statement, scope, new Stopwatch());
  const decision = decideFor(bound, scope);
  const answer: ExplainAnswer = {
    decision: decision.allowed ? 'allow' : 'deny',
    governance: governanceOf(decision, scope.decisionId),
    schema: manifestOf(bound, decision),
    tables: [...decision.tables.values()].map(tableAnswer),
    denied: decision.denied,
    resources: resourcesOf(scope.policies, scope.principal, scope.now.getTime()),
    ...(decision.remedy === undefined ? {} : { remedy: decision.remedy }),
  };
  if (!decision.allowed) return answer;
  refuseDeniedPredicates(bound, decision);
  if (![...decision.tables.values()].every(mayExplain)) return answer;
  const secured = secure(bound, decision, scope);
  const engine = chooseEngine(deps, scope, readsDelta(secured.leaves, scope));
  const prepared = await engine.prepare(securedStatement(bound, secured, scope));
  return { ...answer, securedPlan: prepared.text, enginePlan: await engine.explain(prepared) };
}

export const tableAnswer = (table: TableDecision): ExplainAnswer['tables'][number] => ({
  object: table.object,
  allowed: table.actions.read,
  filters: rowRules(table.rows).map((rule) => ({
    rule: ruleName(rule),
    mode: rule.mode,
    ...(mayExplain(table) ? { where: rule.where } : {}),
  })),
  masks: table.columns
    .filter((column) => !['clear', 'hide'].includes(column.mask.kind))
    .map((column) => ({
      column: column.column,
      mask: column.mask,
      rule: column.rules.map(ruleName).join(', '),
    })),
});
