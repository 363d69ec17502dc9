/**
 * The second judge of a change of rows. Spark analyses the statement and says what it would do: a command on the Delta
 * table that was meant, with listed functions. Its source passed the judge of queries.
 */
import { ALLOWED_FUNCTIONS } from './functions.js';
import { analyzedPlan, type PlanNode } from './plan-tree.js';
import { refuse } from './refuse.js';

/** What stands before the folder in the text of a command; that of DELETE does not say it. */
const COMMANDS: ReadonlyMap<string, RegExp | undefined> = new Map([
  ['UpdateCommand', /^Delta\[version=\d+, file:/],
  ['MergeIntoCommand', /^SubqueryAlias source, SubqueryAlias target, Delta\[version=\d+, file:/],
  ['DeleteCommand', undefined],
]);
const BELOW = new Set(['SubqueryAlias', 'Relation']);
const CALL = /([A-Za-z_][\w.-]*)\(/g;
const ID = /#\d+L?/g;
/** A row that leaves what its writer sees ends the change; how Spark writes the schema of the table. */
const OF_CHANGES = new Set([
  'raise_error',
  'structtype',
  'structfield',
  'arraytype',
  'maptype',
  'decimaltype',
]);

/** `folder`: of the table. Throws SECOND_CHECK. */
export function changeCheck(explained: string, folder: string): void {
  const root = analyzedPlan(explained.replace(/\n+(?=\n\n== Optimized Logical Plan ==)/, ''));
  if (!COMMANDS.has(root.name)) throw refuse(`a command of kind ${root.name}`);
  requireCalls(root);
  const below = [...root.children, ...root.subqueries].flatMap(all);
  for (const node of below)
    if (!BELOW.has(node.name)) throw refuse(`a node of kind ${node.name} in a change`);
  for (const node of below) requireCalls(node);
  requireTable(root, below, folder);
}

/** Values of the statement are in the text too, so it is looked at where none can stand. */
function requireTable(root: PlanNode, below: readonly PlanNode[], folder: string): void {
  const begin = COMMANDS.get(root.name);
  const said = begin === undefined ? undefined : (begin.exec(root.text)?.[0] ?? '');
  const tables = below.filter(isTable).map(({ text }) => text);
  const meant =
    said === undefined
      ? tables.length > 0
      : said !== '' && root.text.slice(said.length).startsWith(`${folder}], `);
  if (!meant || tables.some((text) => text !== `spark_catalog.delta.\`file://${folder}\``))
    throw refuse('a change of another table');
}

/** Any alias that is not of ours. */
const isTable = ({ name, text }: PlanNode): boolean => name === 'SubqueryAlias' && text !== 'target';

const all = (node: PlanNode): readonly PlanNode[] => [
  node,
  ...[...node.children, ...node.subqueries].flatMap(all),
];

function requireCalls({ text }: PlanNode): void {
  for (const [, name = ''] of text.replace(ID, '').matchAll(CALL)) {
    const folded = name.toLowerCase();
    if (!ALLOWED_FUNCTIONS.has(folded) && !OF_CHANGES.has(folded))
      throw refuse(`a function outside the list: ${name}`);
  }
}
