/** `sluice explain` and `sluice policy explain`: what would be allowed, and why. Nothing runs. */
import type { components } from '../../clients/typescript/src/generated/api.js';
import { type ApiClient, pointingInto } from './api-client.js';
import { print } from './connection.js';
import { printGovernance } from './query.js';
import { parameterOf, type TextOptions } from './statement-text.js';
import { tableText } from './table.js';
import { terminalWidth } from './text-width.js';

export interface ExplainOptions extends TextOptions {
  readonly as?: string;
  readonly purpose?: string;
  readonly param?: readonly string[];
}

type Explained = components['schemas']['Explanation'];
type Denied = Explained['denied'][number];

export async function explain(
  api: ApiClient,
  sql: string,
  options: ExplainOptions,
  asJson: boolean,
): Promise<void> {
  const { as, purpose, param } = options;
  const body = {
    statement: sql,
    ...(as === undefined ? {} : { asPrincipal: as }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(param === undefined ? {} : { parameters: param.map(parameterOf) }),
  };
  const answer = await pointingInto(sql, () => api.post('/v1/statements/explain', body));
  print(asJson, answer, () => printExplained(answer as Explained));
}

function printExplained(answer: Explained): void {
  console.log(`decision: ${answer.decision}`);
  for (const denied of answer.denied) console.log(`denied: ${deniedText(denied)}`);
  if (answer.remedy !== undefined) console.log(answer.remedy);
  if (answer.schema.length > 0) {
    const rows = answer.schema.map(({ name, type, mask }) => [name, type, mask ?? '']);
    const columns = ['column', 'type', 'mask'].map((name) => ({ name }));
    console.log(tableText(columns, rows, terminalWidth()).slice(0, -1).join('\n'));
  }
  printGovernance(answer.governance);
  for (const { object, filters } of answer.tables)
    for (const { rule, mode, where } of filters)
      if (where !== undefined) console.log(`${object}, ${mode} ${rule}: ${where}`);
  if (answer.securedPlan !== undefined) console.log(`\nsecured plan\n${answer.securedPlan}`);
  if (answer.enginePlan !== undefined) console.log(`\nplan of the engine\n${answer.enginePlan}`);
}

const deniedText = ({ object, columns = [], action }: Denied): string =>
  `${action} ${object}${columns.length === 0 ? '' : ` (${columns.join(', ')})`}`;

interface Decided {
  readonly allowed: boolean;
  readonly denied: readonly Denied[];
  readonly remedy: string | null;
  readonly tables: readonly {
    readonly object: string;
    readonly actions: Readonly<Record<string, boolean>>;
    readonly grants: readonly { readonly policy: string; readonly effect: string; readonly action: string }[];
    readonly rows: readonly { readonly rule: string; readonly mode: string }[];
    readonly noRows: boolean;
    readonly columns: readonly {
      readonly column: string;
      readonly mask: string;
      readonly rules: readonly string[];
    }[];
  }[];
}

export async function explainObject(
  api: ApiClient,
  object: string,
  principal: string | undefined,
  asJson: boolean,
): Promise<void> {
  const asked = { objects: [object], ...(principal === undefined ? {} : { principal }) };
  const answer = await api.post('/v1/decisions', { requests: [asked] });
  print(asJson, answer, () => (answer as { readonly items: readonly Decided[] }).items.forEach(printDecided));
}

function printDecided({ allowed, denied, remedy, tables }: Decided): void {
  console.log(`decision: ${allowed ? 'allow' : 'deny'}`);
  for (const one of denied) console.log(`denied: ${deniedText(one)}`);
  if (remedy !== null) console.log(remedy);
  for (const { object, actions, grants, rows, noRows, columns } of tables) {
    const may = Object.keys(actions).filter((action) => actions[action]);
    console.log(`${object}: may ${may.join(', ') || 'nothing'}`);
    for (const { policy, effect, action } of grants) console.log(`  ${effect} ${action} by ${policy}`);
    for (const { rule, mode } of rows) console.log(`  rows ${mode} ${rule}`);
    if (noRows) console.log('  rows none: no rule for rows lets any through');
    for (const { column, mask, rules } of columns)
      if (rules.length > 0) console.log(`  ${column} ${mask} (${rules.join(', ')})`);
  }
}
