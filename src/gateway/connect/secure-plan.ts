/**
 * Rewrite and check for DataFrame plans: each leaf becomes SQL of ours over the raw tables, with row rules and masks in
 * it, judged a second time. It stands under the name and plan id that the leaf had, so `df["c"]`, `t.c` and self joins
 * resolve as before.
 */
import type { CatalogSnapshot } from '../../core/catalog/catalog.js';
import { type NamedRelations, replaceLeaves, withCommon } from '../../core/plan/connect/leaves.js';
import type { MessageSchema, PlanMessage } from '../../core/plan/connect/message.js';
import type { SessionFunctions } from '../../core/plan/connect/session-functions.js';
import type { Plan } from '../../core/plan/plan.js';
import type { Decision, TableDecision } from '../../core/policy/decision.js';
import { planHash } from '../../core/rewrite/plan-hash.js';
import type { SecuredStatement } from '../../engines/engine.js';
import type { BindScope } from '../bind-context.js';
import { secure, securedStatement } from '../govern.js';
import type { BoundPlan } from './bind-plan.js';
import { type CodedLeaf, codedLeaf, codedRelation, hasCode } from './coded-leaf.js';
import type { ConnectEngine, NamedRelation } from './engine.js';
import type { BoundLeaf } from './plan-leaf.js';
import { requireZonelessRules } from './zone-guard.js';

export interface SecureInput {
  readonly bound: BoundPlan;
  readonly decision: Decision;
  readonly scope: BindScope;
  /** Time zone of the session. */
  readonly zone: string | undefined;
  /** What stands above the leaves may raise: row rules are fenced off. */
  readonly fenced: boolean;
}

/** A leaf as it stands in the secured plan. */
interface SecuredLeaf {
  readonly sql: string;
  /** The view that has the same text. */
  readonly view: string | undefined;
  readonly plan: Plan;
  readonly hash: string;
  /** It calls functions of the session: `sql` does not run where tables are. */
  readonly code?: CodedLeaf;
}

export interface SecuredConnectPlan {
  /** By the relation that the leaf is in the plan. */
  readonly leaves: ReadonlyMap<PlanMessage, SecuredLeaf>;
  readonly hashes: readonly string[];
}

/** Only the leaves are made here, `assemble` puts them in place: printing asks the engine. */
export async function secureLeaves(
  { bound, decision, scope, zone, fenced }: SecureInput,
  engine: ConnectEngine,
  viewOf: (sql: string) => Promise<string | undefined>,
  rewrite: <T>(work: () => T) => T,
): Promise<SecuredConnectPlan> {
  const leaves = new Map<PlanMessage, SecuredLeaf>();
  for (const [relation, leaf] of bound.leaves) {
    const own = withNamedTables(leaf, decision, scope);
    const secured = rewrite(() => secure(leaf.bound, own.decision, own.scope));
    requireZonelessRules(secured.plan, zone);
    const made = securedStatement(leaf.bound, secured, own.scope);
    const statement = { ...made, spool: fenced || made.spool, ...streamedLeaf(leaf) };
    const hash = planHash(secured.plan);
    if (hasCode(secured.plan)) {
      const query = { plan: secured.plan, output: leaf.bound.output };
      const code = await codedLeaf(query, { ...statement, spool: fenced }, scope.functions, (part) =>
        engine.print(part, namesOf(leaf)),
      );
      leaves.set(relation, { sql: code.sql, view: undefined, plan: code.lineage, hash, code });
      continue;
    }
    const sql = await engine.print(statement, namesOf(leaf));
    // What names relations of its plan cannot be looked up outside of it.
    const view = leaf.named.length === 0 && leaf.stream === undefined ? await viewOf(sql) : undefined;
    leaves.set(relation, { sql, view, plan: secured.plan, hash });
  }
  return { leaves, hashes: [...leaves.values()].map(({ hash }) => hash) };
}

/** What ran past the second judge of a leaf. */
export const judgedTexts = ({ sql, code }: SecuredLeaf): readonly string[] =>
  code === undefined ? [sql] : code.parts.map((part) => part.sql);

/** What runs beside code. */
export const codedTexts = ({ leaves }: SecuredConnectPlan): ReadonlySet<string> =>
  new Set([...leaves.values()].flatMap(({ sql, code }) => (code === undefined ? [] : [sql])));

/** A table that is read as a stream is the one table of its leaf; what a row rule asks is not. */
function streamedLeaf({ bound, stream }: BoundLeaf): Pick<SecuredStatement, 'streamed'> {
  const [scan] = bound.leaves;
  return stream === undefined || scan === undefined ? {} : { streamed: { leaf: scan.leaf, options: stream } };
}

/** What a relation of the same plan is called in SQL. */
const nameOf = (table: string): string => `sluice_${table}`;

export const namesOf = ({ named }: BoundLeaf): ReadonlyMap<string, NamedRelation> =>
  new Map(named.map(({ table }) => [table.id, { name: nameOf(table.table), columns: table.columns }]));

/** A relation of the plan is decided on already: all of it may be read as it is. */
export function withNamedTables(
  { named }: BoundLeaf,
  decision: Decision,
  scope: BindScope,
): { readonly decision: Decision; readonly scope: BindScope } {
  if (named.length === 0) return { decision, scope };
  const open = named.map(({ table }): [string, TableDecision] => [
    table.id,
    {
      object: table.id,
      actions: { browse: true, read: true, write: false, explain: false, code: false, administer: false },
      grants: [],
      rows: { kind: 'all' },
      columns: table.columns.map(({ name }) => ({
        column: name,
        mask: { kind: 'clear' },
        rules: [],
        predicate: 'allow',
      })),
    },
  ]);
  const catalog: CatalogSnapshot = {
    ...scope.catalog,
    tables: new Map([
      ...scope.catalog.tables,
      ...named.map(({ table }): [string, typeof table] => [table.id, table]),
    ]),
  };
  return {
    decision: { ...decision, tables: new Map([...decision.tables, ...open]) },
    scope: { ...scope, catalog },
  };
}

/** The plan with each leaf in its secured form. `uploaded` and `kept` judge the handles in it. */
export function assemble(
  plan: PlanMessage,
  schema: MessageSchema,
  bound: BoundPlan,
  secured: SecuredConnectPlan,
  functions: SessionFunctions,
  handles: {
    uploaded(hashes: readonly string[], relation: PlanMessage): PlanMessage;
    kept(id: string, relation: PlanMessage): PlanMessage;
    model(id: string): void;
  },
): PlanMessage {
  const leafOf = (relation: PlanMessage, named: NamedRelations): PlanMessage => {
    const leaf = bound.leaves.get(relation);
    const made = secured.leaves.get(relation);
    if (leaf === undefined || made === undefined) throw new Error('a leaf was not secured');
    return withCommon(leafRelation(leaf, made, named, schema, functions), relation);
  };
  return replaceLeaves(plan, schema, {
    namedTable: (_, relation, named) => leafOf(relation, named),
    sql: (_, relation, named) => leafOf(relation, named),
    ...handles,
  });
}

function leafRelation(
  { bound, alias, named }: BoundLeaf,
  { sql, view, code }: SecuredLeaf,
  relations: NamedRelations,
  schema: MessageSchema,
  functions: SessionFunctions,
): PlanMessage {
  const relation = (kind: string, value: object): PlanMessage =>
    schema.make('Relation', { relType: { case: kind, value } });
  const references = named.map(({ table, key }) =>
    relation('subqueryAlias', {
      alias: nameOf(table.table),
      input: relation('toDf', {
        input: relations.get(key),
        columnNames: table.columns.map(({ name }) => name),
      }),
    }),
  );
  const textOf = (query: string): PlanMessage => {
    const root = relation('sql', { query });
    return references.length === 0 ? root : relation('withRelations', { root, references });
  };
  const read =
    code !== undefined
      ? codedRelation(code, schema, functions, textOf)
      : view !== undefined
        ? relation('read', { readType: { case: 'namedTable', value: { unparsedIdentifier: view } } })
        : textOf(sql);
  const shown = relation('toDf', { input: read, columnNames: bound.output.map(({ name }) => name) });
  if (alias === undefined) return shown;
  return relation('subqueryAlias', { input: shown, alias: alias.name, qualifier: alias.qualifier });
}
