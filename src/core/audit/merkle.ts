/**
 * The Merkle tree of RFC 6962 section 2.1 (and RFC 9162): hashes, and the right edge that lets a tree of any
 * size grow by one leaf in O(log n). Sizes and positions are whole numbers below 2^53.
 */
import { hash as digest } from 'node:crypto';

export type Hash = Buffer;
export const HASH_BYTES = 32;

const LEAF_PREFIX = Buffer.from([0]);
const NODE_PREFIX = Buffer.from([1]);

export const sha256 = (data: Uint8Array): Hash => digest('sha256', data, 'buffer');

/** MTH of the empty list. */
export const EMPTY_ROOT: Hash = sha256(new Uint8Array(0));

/** A text is hashed as UTF-8. */
export const leafHash = (data: Uint8Array | string): Hash =>
  sha256(Buffer.concat([LEAF_PREFIX, typeof data === 'string' ? Buffer.from(data) : data]));

export const nodeHash = (left: Hash, right: Hash): Hash => sha256(Buffer.concat([NODE_PREFIX, left, right]));

/** A tree as far as it can still change: the roots of its largest complete subtrees, left to right. */
export interface Frontier {
  readonly size: number;
  readonly peaks: readonly Hash[];
}

export const EMPTY_FRONTIER: Frontier = { size: 0, peaks: [] };

/** A complete subtree: `level` 0 is a leaf, `index` counts from the left on that level. */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** Called for every subtree that the new leaf completes, the leaf itself first. */
export type OnNode = (node: NodeId, hash: Hash) => void;

export function appendLeaf(frontier: Frontier, leaf: Hash, onNode?: OnNode): Frontier {
  const peaks = [...frontier.peaks];
  let hash = leaf;
  let index = frontier.size;
  onNode?.({ level: 0, index }, hash);
  for (let level = 1; index % 2 === 1; level += 1) {
    hash = nodeHash(peaks.pop()!, hash);
    index = (index - 1) / 2;
    onNode?.({ level, index }, hash);
  }
  peaks.push(hash);
  return { size: frontier.size + 1, peaks };
}

export const rootOf = ({ peaks }: Frontier): Hash =>
  peaks.length === 0 ? EMPTY_ROOT : peaks.reduceRight((right, left) => nodeHash(left, right));

/** The subtrees whose roots are the peaks of a tree of this size. */
export function peakNodes(size: number): readonly NodeId[] {
  const nodes: NodeId[] = [];
  let start = 0;
  for (let level = levelOf(size); level >= 0; level -= 1) {
    const width = 2 ** level;
    if (size - start < width) continue;
    nodes.push({ level, index: start / width });
    start += width;
  }
  return nodes;
}

/** Root over all leaves at once. */
export function treeRoot(leaves: readonly Hash[]): Hash {
  let frontier = EMPTY_FRONTIER;
  for (const leaf of leaves) frontier = appendLeaf(frontier, leaf);
  return rootOf(frontier);
}

/** Largest `k` with 2^k <= n; -1 for 0. */
export const levelOf = (n: number): number => {
  let level = -1;
  for (let width = 1; width <= n; width *= 2) level += 1;
  return level;
};
