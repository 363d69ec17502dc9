/** The law that every SQL text is held to: what the parser accepts, it reads again as the same tree once printed. */
import { GovernanceError } from '../../src/core/errors.js';
import type { Statement } from '../../src/core/sql/ast.js';
import { parseStatement } from '../../src/core/sql/parse.js';
import { printSparkStatement } from '../../src/core/sql/print-spark.js';
import { sameTree } from '../../src/core/sql/same-tree.js';
import type { SqlText } from './spark-sql-tests.js';

export const OPTIONS = { parameters: 'statement' } as const;

export interface Accepted {
  readonly sql: string;
  readonly printed: string;
}

/** The statement printed, and read again as the same tree; undefined when it is refused as it should be. */
export function printBack({ file, sql }: SqlText): Accepted | undefined {
  let tree: Statement;
  try {
    tree = parseStatement(sql, OPTIONS);
  } catch (error) {
    if (error instanceof GovernanceError && error.details.position) return undefined;
    throw new Error(`${file}: ${sql}`, { cause: error });
  }
  const printed = printSparkStatement(tree);
  if (!sameTree(parseStatement(printed, OPTIONS), tree)) throw new Error(`${file}: ${sql}\n${printed}`);
  return { sql, printed };
}
