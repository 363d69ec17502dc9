/**
 * Spark's text of an analysed plan as a tree. A node is a line; a child is three columns further in, a subquery of the
 * node six. A line that is not of this form (as a line end inside of a text would make one) refuses the plan.
 */
import { refuse } from './refuse.js';

export interface PlanNode {
  /** `Project`, `SubqueryAlias`, ... */
  readonly name: string;
  /** The rest of the line. */
  readonly text: string;
  readonly children: PlanNode[];
  /** Plans of subqueries in the expressions of this node. */
  readonly subqueries: PlanNode[];
}

const BEGIN = '== Analyzed Logical Plan ==\n';
const END = '\n\n== Optimized Logical Plan ==\n';
/** `~` stands before a node over a stream. */
const LINE = /^((?:: {2}| {3})*)(?:[:+]- )?~?([A-Z][A-Za-z]*)(?: (.*)| ?)$/;
const INDENT = 3;

/** The analysed part of an extended explain: the line of its output columns, and the tree. */
export function analyzedPlan(explained: string): PlanNode {
  const begin = explained.indexOf(BEGIN);
  const end = explained.indexOf(END, begin);
  if (begin < 0 || end < 0) throw refuse('there is no analysed plan');
  const lines = explained.slice(begin + BEGIN.length, end).split('\n');
  // Output columns; a plan without any has an empty line.
  return tree(lines.slice(1));
}

function tree(lines: readonly string[]): PlanNode {
  const open: { readonly column: number; readonly node: PlanNode }[] = [];
  let root: PlanNode | undefined;
  for (const line of lines) {
    const match = LINE.exec(line);
    if (match === null) throw refuse('a line of the plan is no node');
    const [, indent = '', name = '', text = ''] = match;
    const marked = /^[:+]- /.test(line.slice(indent.length));
    const column = marked ? indent.length + INDENT : 0;
    const node: PlanNode = { name, text, children: [], subqueries: [] };
    while ((open.at(-1)?.column ?? -1) >= column) open.pop();
    const parent = open.at(-1);
    if (parent === undefined) {
      if (root !== undefined || marked) throw refuse('the plan has two roots');
      root = node;
    } else if (column === parent.column + INDENT) parent.node.children.push(node);
    else if (column === parent.column + 2 * INDENT) parent.node.subqueries.push(node);
    else throw refuse('the plan is indented in another way');
    open.push({ column, node });
  }
  if (root === undefined) throw refuse('the plan is empty');
  return root;
}
