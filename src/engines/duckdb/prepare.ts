/**
 * From a secured plan to judged SQL. The judgement is remembered by what was judged: the text and the
 * snapshot that said which files its tables have.
 */
import { LRUCache } from 'lru-cache';
import type { Expr, LeafId, Plan, Secured } from '../../core/plan/plan.js';
import { exprChildren, exprPlan, planChildren, planExpressions } from '../../core/plan/traverse.js';
import { printDuckDb, printLeaf } from '../../core/sql/duckdb/print.js';
import type { SecuredStatement, SecuredWrite } from '../engine.js';
import { type ExpectedLeaf, expectedLeaves } from './second-check/leaf.js';
import { type Judge, secondCheck } from './second-check.js';
import { sourceOf } from './source.js';
import { writeText } from './write-text.js';

/** Texts are kept by their own length: one statement may be as long as its list of files. */
const JUDGED_CHARS_MAX = 16 * 2 ** 20;
/** The shape of a leaf is some ten times as long as its text. */
const LEAVES_CHARS_MAX = 64 * 2 ** 20;

/** SQL that makes the copy of one leaf, and what the copy is called. */
export interface LeafCopy {
  readonly name: string;
  readonly sql: string;
}

interface StatementOverCopies {
  readonly copies: readonly LeafCopy[];
  readonly sql: string;
}

export class Preparer {
  readonly #judge: Judge;
  readonly #judged = new LRUCache<string, true>({
    maxSize: JUDGED_CHARS_MAX,
    sizeCalculation: (_, key) => key.length,
  });
  readonly #leaves = new LRUCache<string, string>({
    maxSize: LEAVES_CHARS_MAX,
    sizeCalculation: (shape, key) => shape.length + key.length,
  });

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  /** The statement as one judged SELECT. */
  async statement({ plan, output, catalog }: SecuredStatement): Promise<string> {
    const source = sourceOf(catalog);
    const sql = printDuckDb(plan, { source, output });
    await this.#check(sql, () => expectedLeaves(plan, { source }));
    return sql;
  }

  /** The rows of a write as one judged SELECT, under the names and in the types of the table's columns. */
  async write({ statement, columns }: SecuredWrite): Promise<string> {
    const { plan, output, catalog } = statement;
    const source = sourceOf(catalog);
    const sql = writeText(printDuckDb(plan, { source, output }), output, columns);
    await this.#check(sql, () => expectedLeaves(plan, { source }));
    return sql;
  }

  /** As `overCopies`, for a write. */
  async writeOverCopies({ statement, columns }: SecuredWrite): Promise<StatementOverCopies> {
    const { copies, sql, leaves } = await this.#copied(statement);
    const text = writeText(sql, statement.output, columns);
    await this.#check(text, leaves);
    return { copies, sql: text };
  }

  /** For a second run: a copy of each secured leaf, and the statement over the copies. */
  async overCopies(statement: SecuredStatement): Promise<StatementOverCopies> {
    const { copies, sql, leaves } = await this.#copied(statement);
    await this.#check(sql, leaves);
    return { copies, sql };
  }

  async #copied({
    plan,
    output,
    catalog,
  }: SecuredStatement): Promise<StatementOverCopies & { leaves(): readonly ExpectedLeaf[] }> {
    const source = sourceOf(catalog);
    const leaves = outerLeaves(plan);
    const made: LeafCopy[] = [];
    const copies = new Map<LeafId, string>();
    for (const leaf of leaves.values()) {
      const sql = printLeaf(leaf, { source });
      await this.#check(sql, () => expectedLeaves(leaf, { source }));
      copies.set(leaf.leaf, `copy_${leaf.leaf}`);
      made.push({ name: `copy_${leaf.leaf}`, sql });
    }
    const sql = printDuckDb(plan, { source, output, copies });
    return {
      copies: made,
      sql,
      // Leaves inside a row rule are gone with the leaf that was copied.
      leaves: () => expectedLeaves(plan, { source, copies }).filter(({ leaf }) => leaves.has(leaf)),
    };
  }

  async #check(sql: string, leaves: () => readonly ExpectedLeaf[]): Promise<void> {
    const expected = leaves();
    const key = JSON.stringify([sql, expected]);
    if (this.#judged.has(key)) return;
    await secondCheck(this.#judge, sql, expected, this.#leaves);
    this.#judged.set(key, true);
  }
}

/** Secured leaves that do not stand inside the row rule or a mask of another. */
function outerLeaves(plan: Plan): ReadonlyMap<LeafId, Secured> {
  const leaves = new Map<LeafId, Secured>();
  const visit = (node: Plan): void => {
    if (node.kind === 'secured') {
      leaves.set(node.leaf, node);
      return;
    }
    for (const expr of planExpressions(node)) visitExpr(expr);
    for (const child of planChildren(node)) visit(child);
  };
  const visitExpr = (expr: Expr): void => {
    for (const child of exprChildren(expr)) visitExpr(child);
    const inner = exprPlan(expr);
    if (inner !== undefined) visit(inner);
  };
  visit(plan);
  return leaves;
}
