/** Runs policy tests: the statement is bound, decided and secured as the gateway does it, and never run. */
import type { CatalogSnapshot } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import type { Decision, Mask, Principal, TableDecision } from '../../core/policy/decision.js';
import { maskOf } from '../../core/policy/masks.js';
import type { Expectation, PolicyTest, PolicyTestFile } from '../../core/policy/policy-test.js';
import { ENGINE_IDS, type EngineId } from '../../core/policy/resources.js';
import { parseStatement } from '../../core/sql/parse.js';
import type { BindScope } from '../../gateway/bind-context.js';
import { bindAndDecide, bindStatement, decideFor } from '../../gateway/decide-statement.js';
import { secure } from '../../gateway/govern.js';
import { rowRules, ruleName } from '../../gateway/governance.js';
import type { PolicyView } from '../../gateway/policies.js';
import { Stopwatch } from '../../gateway/timings.js';

export interface PolicyTestContext {
  readonly policies: PolicyView;
  readonly catalog: CatalogSnapshot;
  readonly now: Date;
  /** For names that say less than all three parts. */
  readonly defaultCatalog: string;
}

export interface PolicyTestResult {
  readonly name: string;
  /** What was decided otherwise than expected; none: passed. */
  readonly differences: readonly string[];
}

export const runPolicyTests = (
  file: PolicyTestFile,
  context: PolicyTestContext,
): readonly PolicyTestResult[] =>
  file.tests.map((test) => {
    const outcome = decided(test, principalOf(file, test), context);
    return {
      name: test.name,
      differences: [
        ...differences(test.expect, outcome),
        ...groupDifferences(test, principalOf(file, test), context),
      ],
    };
  });

interface Outcome {
  /** Absent: the statement never came as far as a decision. */
  readonly decision?: Decision;
  readonly refused?: GovernanceError;
}

function principalOf(file: PolicyTestFile, { principal }: PolicyTest): Principal {
  const known = typeof principal === 'string' ? file.principals[principal] : principal;
  const name = typeof principal === 'string' ? principal : 'somebody';
  const { user = name, roles = [], groups = [], attributes = {} } = known ?? {};
  return { user, roles, groups, attributes, via: 'policy-test' };
}

function decided(test: PolicyTest, principal: Principal, context: PolicyTestContext): Outcome {
  const { catalog, policies } = context;
  const scope: BindScope = {
    catalog,
    policies,
    principal,
    request: {
      statement: test.statement,
      parameters: [],
      engine: 'auto',
      tags: {},
      ...(test.purpose === undefined ? {} : { purpose: test.purpose }),
    },
    now: test.at === undefined ? context.now : new Date(test.at),
    decisionId: 'policy-test',
    currentCatalog: context.defaultCatalog,
    currentSchema: 'main',
  };
  let decision: Decision | undefined;
  try {
    const statement = parseStatement(test.statement, { parameters: 'statement' });
    const watch = new Stopwatch();
    decision = decideFor(bindStatement(statement, scope, watch), scope);
    // Whatever else would refuse it: denied predicates, row rules that do not fit the person.
    const { bound } = bindAndDecide(statement, scope, watch);
    secure(bound, decision, scope);
    return { decision };
  } catch (refused) {
    if (!(refused instanceof GovernanceError)) throw refused;
    return { refused, ...(decision === undefined ? {} : { decision }) };
  }
}

function differences(expected: Expectation, { decision, refused }: Outcome): readonly string[] {
  const found: string[] = [];
  const allowed = refused === undefined;
  if (allowed !== expected.allowed) {
    found.push(allowed ? 'is allowed' : `is refused: ${refused.code}: ${refused.message}`);
  }
  if (expected.code !== undefined && expected.code !== refused?.code)
    found.push(`code: expected ${expected.code}, was ${refused?.code ?? 'none'}`);
  const table = (name: string): TableDecision | undefined => decision?.tables.get(name.toLowerCase());
  for (const [name, rules] of Object.entries(expected.rows ?? {}))
    compare(`rows of ${name}`, rules === 'none' ? rules : [...rules].sort(), rowsOf(table(name)), found);
  for (const [name, actions] of Object.entries(expected.actions ?? {}))
    compare(`actions on ${name}`, [...actions].sort(), actionsOf(table(name)), found);
  if (expected.masks !== undefined) {
    const masks = Object.entries(expected.masks).map(([name, mask]) => [name, maskOf(mask)] as const);
    compare('masks', sorted(masks), sorted(masksOf(decision)), found);
  }
  return found;
}

function groupDifferences(
  { expect, at }: PolicyTest,
  principal: Principal,
  { policies, now }: PolicyTestContext,
): readonly string[] {
  const found: string[] = [];
  const moment = at === undefined ? now.getTime() : Date.parse(at);
  const groupOn = (engine: EngineId): string => policies.resources(principal, engine, moment).group;
  for (const engine of ENGINE_IDS) {
    const wanted = expect.resources?.[engine];
    if (wanted !== undefined) compare(`resources on ${engine}`, wanted, groupOn(engine), found);
  }
  return found;
}

function compare(what: string, expected: unknown, actual: unknown, found: string[]): void {
  const [wanted, was] = [JSON.stringify(expected), JSON.stringify(actual) ?? 'nothing'];
  if (wanted !== was) found.push(`${what}: expected ${wanted}, was ${was}`);
}

const rowsOf = (table: TableDecision | undefined): unknown =>
  table?.rows.kind === 'none' ? 'none' : table && rowRules(table.rows).map(ruleName).sort();

const actionsOf = (table: TableDecision | undefined): readonly string[] | undefined =>
  table &&
  Object.entries(table.actions)
    .filter(([, allowed]) => allowed)
    .map(([action]) => action)
    .sort();

const masksOf = (decision: Decision | undefined): readonly (readonly [string, Mask])[] =>
  [...(decision?.tables.values() ?? [])].flatMap((table) =>
    table.columns
      .filter((column) => column.mask.kind !== 'clear')
      .map((column) => [`${table.object}.${column.column}`, column.mask] as const),
  );

const sorted = (masks: readonly (readonly [string, Mask])[]): Readonly<Record<string, Mask>> =>
  Object.fromEntries(
    masks.map(([name, mask]) => [name.toLowerCase(), mask] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
