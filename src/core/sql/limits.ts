/**
 * Bounds on a statement. Parsing is linear, so these bound its time as well; the depth of the tree bounds the
 * stack of every later pass.
 */
import { GovernanceError, type Position } from '../errors.js';
import type { Node } from './ast.js';

export const statementLengthMaxChars = 262_144;
export const statementTokensMax = 60_000;
/** Nested parentheses, calls and subqueries, as the parser descends. */
export const statementDepthMaxLevels = 200;
/** Nested nodes of the finished tree: a chain of 400 ORs nests 400 deep without a parenthesis. */
export const treeDepthMaxLevels = 500;
export const treeNodesMax = 120_000;

export const tooDeep = (position: Position): GovernanceError =>
  new GovernanceError(
    'STATEMENT_TOO_DEEP',
    `The statement nests deeper than ${statementDepthMaxLevels} levels.`,
    {
      position,
      remedy: 'Split it into CTEs or several statements.',
      sqlState: '54001',
    },
  );

const chainTooLong = (position: Position): GovernanceError =>
  new GovernanceError(
    'STATEMENT_TOO_DEEP',
    `A chain of operators, joins or set operations is longer than the statement may nest (${treeDepthMaxLevels} levels).`,
    { position, remedy: 'Use IN (...) instead of many ORs, or split the statement.', sqlState: '54001' },
  );

const tooComplex = (position: Position): GovernanceError =>
  new GovernanceError('STATEMENT_TOO_COMPLEX', `The statement has more than ${treeNodesMax} parts.`, {
    position,
    remedy: 'Split it into several statements.',
    sqlState: '54001',
  });

interface Visit {
  readonly value: object;
  readonly depth: number;
  readonly at: Position;
}

/**
 * Refuses a tree that is too deep or too large. Walks with its own stack: what it guards against would
 * overflow the real one.
 */
export function requireBounded(tree: Node): void {
  const open: Visit[] = [{ value: tree, depth: 1, at: tree.at }];
  let nodes = 0;
  for (;;) {
    const visit = open.pop();
    if (visit === undefined) return;
    const { value, depth } = visit;
    const at = 'at' in value ? (value.at as Position) : visit.at;
    nodes += 1;
    if (nodes > treeNodesMax) throw tooComplex(at);
    if (depth > treeDepthMaxLevels) throw chainTooLong(at);
    const step = Array.isArray(value) ? 0 : 1;
    for (const key in value) {
      if (key === 'at') continue;
      const child = (value as Readonly<Record<string, unknown>>)[key];
      if (typeof child === 'object' && child !== null) open.push({ value: child, depth: depth + step, at });
    }
  }
}
