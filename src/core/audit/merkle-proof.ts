/**
 * Inclusion and consistency proofs (RFC 9162 section 2.1.3 and 2.1.4). They are made from the roots of
 * complete subtrees only, so that whoever keeps those reads O(log n) of them; they are checked by the
 * algorithms of the RFC, which share nothing with the way they are made.
 */
import { EMPTY_ROOT, HASH_BYTES, type Hash, levelOf, type NodeId, nodeHash } from './merkle.js';

/** Gives the root of a complete subtree. */
export type ReadNode = (node: NodeId) => Hash;

/** PATH(index, D[size]): siblings from the leaf upwards. */
export function inclusionProof(index: number, size: number, read: ReadNode): readonly Hash[] {
  if (index >= size) throw new RangeError('the leaf is not in a tree of this size');
  return path(index, 0, size, read);
}

/** PROOF(first, D[second]). Empty from an empty tree, and from a tree to itself. */
export function consistencyProof(first: number, second: number, read: ReadNode): readonly Hash[] {
  if (first > second) throw new RangeError('the first tree is the larger one');
  if (first === 0 || first === second) return [];
  return subproof(first, 0, second, true, read);
}

/** The root of a tree of this size. */
export const rootFromNodes = (size: number, read: ReadNode): Hash =>
  size === 0 ? EMPTY_ROOT : rangeHash(0, size, read);

/** The subtrees that `make` will ask for, so that all can be fetched in one go. */
export function nodesNeeded(make: (read: ReadNode) => unknown): readonly NodeId[] {
  const nodes: NodeId[] = [];
  const nothing = Buffer.alloc(HASH_BYTES);
  make((node) => {
    nodes.push(node);
    return nothing;
  });
  return nodes;
}

/** Reads from leaves in memory: for small trees. */
export function nodesOf(leaves: readonly Hash[]): ReadNode {
  const levels: Hash[][] = [[...leaves]];
  for (let below = levels[0]!; below.length > 1; below = levels.at(-1)!) {
    const level: Hash[] = [];
    for (let i = 0; i + 1 < below.length; i += 2) level.push(nodeHash(below[i]!, below[i + 1]!));
    levels.push(level);
  }
  return ({ level, index }) => {
    const hash = levels[level]?.[index];
    if (hash === undefined) throw new RangeError('no such subtree');
    return hash;
  };
}

/** RFC 9162, 2.1.3.2. */
export function provesInclusion(
  leaf: Hash,
  index: number,
  size: number,
  proof: readonly Hash[],
  root: Hash,
): boolean {
  if (index >= size) return false;
  let fn = index;
  let sn = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else hash = nodeHash(hash, sibling);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && hash.equals(root);
}

/** RFC 9162, 2.1.4.2. */
export function provesConsistency(
  first: { readonly size: number; readonly root: Hash },
  second: { readonly size: number; readonly root: Hash },
  proof: readonly Hash[],
): boolean {
  if (first.size > second.size) return false;
  if (first.size === second.size) return proof.length === 0 && first.root.equals(second.root);
  if (first.size === 0) return proof.length === 0 && first.root.equals(EMPTY_ROOT);
  const steps = isPowerOfTwo(first.size) ? [first.root, ...proof] : proof;
  let fn = first.size - 1;
  let sn = second.size - 1;
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  if (steps.length === 0) return false;
  let [fr, sr] = [steps[0]!, steps[0]!];
  for (const step of steps.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeHash(step, fr), nodeHash(step, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else sr = nodeHash(sr, step);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && fr.equals(first.root) && sr.equals(second.root);
}

/** Hashes of a proof as texts, for JSON. */
export const proofTexts = (proof: readonly Hash[]): readonly string[] =>
  proof.map((hash) => hash.toString('base64'));

/** Back again; undefined when one of them is no hash. */
export function proofOf(texts: unknown): readonly Hash[] | undefined {
  if (!Array.isArray(texts)) return undefined;
  const hashes = texts.map(hashOf);
  return hashes.every((hash) => hash !== undefined) ? hashes : undefined;
}

/** 32 bytes in base64, written in the one canonical way. */
export function hashOf(text: unknown): Hash | undefined {
  if (typeof text !== 'string') return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === HASH_BYTES && bytes.toString('base64') === text ? bytes : undefined;
}

function path(index: number, start: number, size: number, read: ReadNode): readonly Hash[] {
  if (size === 1) return [];
  const k = splitOf(size);
  return index < k
    ? [...path(index, start, k, read), rangeHash(start + k, size - k, read)]
    : [...path(index - k, start + k, size - k, read), rangeHash(start, k, read)];
}

function subproof(
  first: number,
  start: number,
  size: number,
  whole: boolean,
  read: ReadNode,
): readonly Hash[] {
  if (first === size) return whole ? [] : [rangeHash(start, size, read)];
  const k = splitOf(size);
  return first <= k
    ? [...subproof(first, start, k, whole, read), rangeHash(start + k, size - k, read)]
    : [...subproof(first - k, start + k, size - k, false, read), rangeHash(start, k, read)];
}

/** MTH of `size` leaves from `start`; `start` is a multiple of every complete subtree in it. */
function rangeHash(start: number, size: number, read: ReadNode): Hash {
  if (isPowerOfTwo(size)) return read({ level: levelOf(size), index: start / size });
  const k = splitOf(size);
  return nodeHash(rangeHash(start, k, read), rangeHash(start + k, size - k, read));
}

/** Largest power of two below n. */
const splitOf = (n: number): number => {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
};
const isPowerOfTwo = (n: number): boolean => 2 ** levelOf(n) === n;
const half = (n: number): number => Math.floor(n / 2);
