import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  appendLeaf,
  EMPTY_FRONTIER,
  EMPTY_ROOT,
  type Frontier,
  type Hash,
  leafHash,
  type NodeId,
  peakNodes,
  rootOf,
  treeRoot,
} from './merkle.js';
import {
  consistencyProof,
  hashOf,
  inclusionProof,
  nodesNeeded,
  nodesOf,
  proofOf,
  provesConsistency,
  provesInclusion,
  rootFromNodes,
} from './merkle-proof.js';

/** Leaves and hashes of the reference tests of Certificate Transparency. */
const CT_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));
const CT_ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const SIZES_MAX = 70;

/** The definitions of RFC 6962 section 2.1, word for word, over slices of the leaves. */
const H = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const split = (n: number): number => {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
};
function mth(d: readonly Buffer[]): Buffer {
  if (d.length === 0) return H(Buffer.alloc(0));
  if (d.length === 1) return H(Buffer.from([0]), d[0]!);
  const k = split(d.length);
  return H(Buffer.from([1]), mth(d.slice(0, k)), mth(d.slice(k)));
}
function naivePath(m: number, d: readonly Buffer[]): Buffer[] {
  if (d.length === 1) return [];
  const k = split(d.length);
  return m < k
    ? [...naivePath(m, d.slice(0, k)), mth(d.slice(k))]
    : [...naivePath(m - k, d.slice(k)), mth(d.slice(0, k))];
}
function naiveSubproof(m: number, d: readonly Buffer[], b: boolean): Buffer[] {
  if (m === d.length) return b ? [] : [mth(d)];
  const k = split(d.length);
  return m <= k
    ? [...naiveSubproof(m, d.slice(0, k), b), mth(d.slice(k))]
    : [...naiveSubproof(m - k, d.slice(k), false), mth(d.slice(0, k))];
}

const leafList = fc.array(
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
  { minLength: 1, maxLength: SIZES_MAX },
);
const hexes = (hashes: readonly Buffer[]): string[] => hashes.map((hash) => hash.toString('hex'));

describe('the tree', () => {
  it('has the roots and proofs of the reference tests', () => {
    const leaves = CT_LEAVES.map(leafHash);
    for (const [i, root] of CT_ROOTS.entries())
      expect(treeRoot(leaves.slice(0, i + 1)).toString('hex')).toBe(root);
    expect(EMPTY_ROOT.toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    expect(hexes(inclusionProof(5, 8, nodesOf(leaves)))).toEqual([
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
    expect(hexes(consistencyProof(6, 8, nodesOf(leaves)))).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
  });

  it('grown leaf by leaf is the one of the definition, and tells every complete subtree once', () => {
    fc.assert(
      fc.property(leafList, (data) => {
        const told = new Map<string, Hash>();
        let tree: Frontier = EMPTY_FRONTIER;
        for (const [i, bytes] of data.entries()) {
          tree = appendLeaf(tree, leafHash(bytes), ({ level, index }, hash) => {
            expect(told.has(`${level}/${index}`)).toBe(false);
            told.set(`${level}/${index}`, hash);
          });
          expect(rootOf(tree)).toEqual(mth(data.slice(0, i + 1)));
        }
        const read = ({ level, index }: NodeId): Hash => told.get(`${level}/${index}`)!;
        expect(rootFromNodes(data.length, read)).toEqual(mth(data));
        expect(peakNodes(data.length).map(read)).toEqual(tree.peaks);
      }),
    );
  });
});

describe('proofs', () => {
  it('are those of the definition, and hold', () => {
    fc.assert(
      fc.property(leafList, fc.nat(), fc.nat(), (data, a, b) => {
        const leaves = data.map(leafHash);
        const read = nodesOf(leaves);
        const index = a % data.length;
        const proof = inclusionProof(index, data.length, read);
        expect(proof).toEqual(naivePath(index, data));
        expect(provesInclusion(leaves[index]!, index, data.length, proof, mth(data))).toBe(true);
        const first = 1 + (b % data.length);
        const consistency = consistencyProof(first, data.length, read);
        expect(consistency).toEqual(naiveSubproof(first, data, true));
        const heads = [
          { size: first, root: mth(data.slice(0, first)) },
          { size: data.length, root: mth(data) },
        ] as const;
        expect(provesConsistency(heads[0], heads[1], consistency)).toBe(true);
      }),
    );
  });

  it('hold for nothing else', () => {
    fc.assert(
      fc.property(leafList, fc.nat(), fc.nat(), fc.nat(255), (data, a, b, bit) => {
        fc.pre(data.length > 1 && new Set(data.map(String)).size === data.length);
        const leaves = data.map(leafHash);
        const read = nodesOf(leaves);
        const root = mth(data);
        const size = data.length;
        const index = a % size;
        const proof = inclusionProof(index, size, read);
        const other = (index + 1 + (b % (size - 1))) % size;
        expect(provesInclusion(leaves[other]!, index, size, proof, root)).toBe(false);
        expect(provesInclusion(leaves[index]!, other, size, proof, root)).toBe(false);
        const flipped = proof.map((hash) => Buffer.from(hash));
        flipped[b % flipped.length]![bit % 32]! ^= 1 << (bit % 8);
        expect(provesInclusion(leaves[index]!, index, size, flipped, root)).toBe(false);
        expect(provesInclusion(leaves[index]!, index, size, proof.slice(1), root)).toBe(false);
        expect(provesInclusion(leaves[index]!, index, size, [...proof, root], root)).toBe(false);

        const first = 1 + (b % (size - 1));
        const consistency = consistencyProof(first, size, read);
        const before = { size: first, root: mth(data.slice(0, first)) };
        const forked = { size: first, root: mth([...data.slice(0, first - 1), Buffer.from('forked')]) };
        expect(provesConsistency(forked, { size, root }, consistency)).toBe(false);
        expect(provesConsistency(before, { size, root: forked.root }, consistency)).toBe(false);
        expect(provesConsistency(before, { size, root }, consistency.slice(1))).toBe(false);
        expect(provesConsistency({ size, root }, before, consistency)).toBe(false);
      }),
    );
  });

  it('from and to nothing', () => {
    const one = { size: 1, root: leafHash('a') };
    expect(provesConsistency({ size: 0, root: EMPTY_ROOT }, one, [])).toBe(true);
    expect(provesConsistency({ size: 0, root: one.root }, one, [])).toBe(false);
    expect(provesConsistency(one, one, [])).toBe(true);
    expect(provesInclusion(one.root, 0, 0, [], one.root)).toBe(false);
    expect(() => inclusionProof(1, 1, nodesOf([one.root]))).toThrow(RangeError);
    expect(() => consistencyProof(2, 1, nodesOf([one.root]))).toThrow(RangeError);
  });

  it('need few nodes, known beforehand', () => {
    const size = 1_000_000_007;
    const logSize = 31;
    expect(nodesNeeded((read) => inclusionProof(123_456_789, size, read)).length).toBeLessThan(2 * logSize);
    expect(nodesNeeded((read) => consistencyProof(123_456_789, size, read)).length).toBeLessThan(2 * logSize);
    expect(peakNodes(2 ** 40 + 2 ** 3 + 1)).toEqual([
      { level: 40, index: 0 },
      { level: 3, index: 2 ** 37 },
      { level: 0, index: 2 ** 40 + 8 },
    ]);
  });

  it('are read from texts strictly', () => {
    const text = leafHash('a').toString('base64');
    expect(hashOf(text)).toEqual(leafHash('a'));
    for (const wrong of [`${text} `, text.slice(1), text.replace('=', ''), 7, undefined])
      expect(hashOf(wrong)).toBeUndefined();
    expect(proofOf([text, text])).toHaveLength(2);
    for (const wrong of [[text, 1], text, null, [null]]) expect(proofOf(wrong)).toBeUndefined();
  });
});
