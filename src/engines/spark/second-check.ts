/**
 * The second judge. Spark itself analyses the printed statement, and this walk over its answer allows only what a
 * secured plan can be: known node kinds, functions of a closed list, and tables only inside the exact secured shape of
 * a leaf. It shares no code with the printer. Anything unknown: SECOND_CHECK, nothing runs.
 */
import type { LeafId } from '../../core/plan/plan.js';
import { ALLOWED_FUNCTIONS } from './second-check/functions.js';
import { analyzedPlan, type PlanNode } from './second-check/plan-tree.js';
import { refuse } from './second-check/refuse.js';

export interface ExpectedLeaf {
  readonly leaf: LeafId;
  /** `schema.name` of the view that its rows come from; for a relation of the same plan, its name. */
  readonly view: string;
  /** A relation of the same plan, secured where it stands; it is judged as one without rows. */
  readonly named: boolean;
  /** It is read as a stream. */
  readonly streamed: boolean;
  /** The leaf has a row rule. */
  readonly filtered: boolean;
  /** Names of the columns it shows, in order. */
  readonly columns: readonly string[];
  /** It stands at least so often in the statement. */
  readonly count: number;
}

export interface Expected {
  readonly leaves: readonly ExpectedLeaf[];
  /** Every row rule is fenced. */
  readonly fenced: boolean;
}

const INNER = new Set(
  `Project Filter SubqueryAlias Join LateralJoin Aggregate Sort GlobalLimit LocalLimit Offset Distinct Deduplicate Union
   Intersect Except Window Expand Generate Sample UnionLoop WithCTE CTERelationDef`.split(/\s+/),
);
const ENDS = new Set(['OneRowRelation', 'LocalRelation', 'Range', 'CTERelationRef', 'UnionLoopRef']);
const CALL = /([A-Za-z_][\w.-]*)\(/g;
/** An id that Spark puts behind a name: `c5#12L`. */
const ID = /#\d+L?/g;
const FENCE = '(SPARK_PARTITION_ID() >= 0)';
const RAW = /^raw(\d+)$/;
const PASSED = /^\[c\d+#\d+L?(?:, c\d+#\d+L?)*\]$/;

/** Throws SECOND_CHECK unless the plan reads the expected leaves, in their secured shape, and nothing else. */
export function secondCheck(explained: string, expected: Expected): void {
  const judge = new Judge(expected);
  judge.node(analyzedPlan(explained));
  for (const { leaf, count } of expected.leaves) {
    if ((judge.found.get(leaf) ?? 0) < count) throw refuse('a secured leaf is missing from the statement');
  }
}

class Judge {
  readonly found = new Map<LeafId, number>();
  readonly #expected: Expected;
  readonly #leaves: ReadonlyMap<LeafId, ExpectedLeaf>;

  constructor(expected: Expected) {
    this.#expected = expected;
    this.#leaves = new Map(expected.leaves.map((leaf) => [leaf.leaf, leaf]));
  }

  node(node: PlanNode): void {
    this.#calls(node);
    for (const subquery of node.subqueries) this.node(subquery);
    if (this.#leaf(node)) return;
    const end = node.children.length === 0;
    if (!(end ? ENDS : INNER).has(node.name)) throw refuse(`a node of kind ${node.name}`);
    for (const child of node.children) this.node(child);
  }

  /** Project <- fence <- Filter, where there must be one <- `raw<leaf>`: then everything below must be as it should. */
  #leaf(project: PlanNode): boolean {
    if (project.name !== 'Project') return false;
    const top = onlyChild(project);
    const fenced = top !== undefined && isFence(top) ? belowFence(top) : undefined;
    const below = fenced ?? top;
    const filter = below?.name === 'Filter' ? below : undefined;
    const alias = filter === undefined ? below : onlyChild(filter);
    const number = alias?.name === 'SubqueryAlias' ? RAW.exec(alias.text)?.[1] : undefined;
    if (alias === undefined || number === undefined) return false;
    const leaf = this.#leaves.get(Number(number));
    if (leaf === undefined) throw refuse('a leaf that is none of the statement');
    if (!sameColumns(project.text, leaf.columns)) throw refuse('a leaf shows other columns');
    if (leaf.filtered && this.#expected.fenced && fenced === undefined)
      throw refuse('a row rule lost its fence');
    this.#rule(filter, leaf);
    this.#source(alias, leaf);
    this.found.set(leaf.leaf, (this.found.get(leaf.leaf) ?? 0) + 1);
    return true;
  }

  #rule(filter: PlanNode | undefined, leaf: ExpectedLeaf): void {
    if ((filter !== undefined) !== leaf.filtered) throw refuse('a leaf lost its row rule');
    if (filter === undefined) return;
    this.#calls(filter);
    for (const subquery of filter.subqueries) this.node(subquery);
  }

  /** Plain casts of raw columns over the view of the table, and what the view itself is. */
  #source(alias: PlanNode, leaf: ExpectedLeaf): void {
    const casts = onlyChild(alias);
    const table = casts === undefined ? undefined : onlyChild(casts);
    const view = table === undefined ? undefined : onlyChild(table);
    const below = view === undefined ? undefined : onlyChild(view);
    // Columns of the files may be called otherwise in the view.
    const relation = below?.name === 'Project' ? onlyChild(below) : below;
    const name = leaf.view
      .split('.')
      .map((part) => `\`${part}\``)
      .join('.');
    const fits =
      casts?.name === 'Project' &&
      casts.subqueries.length === 0 &&
      table?.name === 'SubqueryAlias' &&
      table.text === leaf.view &&
      view?.name === 'View' &&
      view.text.startsWith(`(${name}, [`) &&
      relation?.name === sourceOf(leaf) &&
      relation.children.length === 0;
    if (!fits) throw refuse('a leaf reads from something that is not its table');
    this.#calls(casts);
  }

  #calls({ text }: PlanNode): void {
    for (const [, name = ''] of text.replace(ID, '').matchAll(CALL)) {
      if (!ALLOWED_FUNCTIONS.has(name.toLowerCase())) throw refuse(`a function outside the list: ${name}`);
    }
  }
}

function sourceOf({ named, streamed }: ExpectedLeaf): string {
  if (named) return 'LocalRelation';
  return streamed ? 'StreamingRelation' : 'Relation';
}

/** Filter <- `fence<leaf>`. A condition of another form is no fence, whatever it is called. */
const isFence = (node: PlanNode): boolean =>
  node.name === 'Filter' && node.text === FENCE && /^fence\d+$/.test(onlyChild(node)?.text ?? '');

/** What is fenced: the raw columns, passed on as they are. */
function belowFence(fence: PlanNode): PlanNode {
  const alias = onlyChild(fence);
  const passed = alias?.name === 'SubqueryAlias' ? onlyChild(alias) : undefined;
  const below = passed?.name === 'Project' && PASSED.test(passed.text) ? onlyChild(passed) : undefined;
  if (below === undefined) throw refuse('a fence stands over something else than a row rule');
  return below;
}

const onlyChild = (node: PlanNode): PlanNode | undefined =>
  node.children.length === 1 ? node.children[0] : undefined;

/** `[c7#1 AS c5#2, upper(c8#3) AS c6#4L]`: what each item is known as, in order. */
function sameColumns(text: string, columns: readonly string[]): boolean {
  const shown = [...text.matchAll(/ AS ([A-Za-z]\w*)#\d+L?(?=, |\]$)/g)].map(([, name]) => name);
  return shown.length === columns.length && shown.every((name, i) => name === columns[i]);
}
