import { beforeAll, describe, expect, it } from '@jest/globals';
import { intentOf, LogMaker, makeSigner, outcomeOf } from '../../../test/audit/made-log.js';
import type { EventProof } from './event-proof.js';
import { leafHash } from './merkle.js';
import { inclusionProof, nodesOf, proofTexts } from './merkle-proof.js';
import { checkReceipt, logKeyOf, type Receipt, type ReceiptParts, signReceipt } from './receipt.js';

const signer = makeSigner();
let lines: { line: string; text: string; note: string; jws: string }[];
let receipt: Receipt;

beforeAll(async () => {
  const log = new LogMaker(signer, 1);
  await log.live(5, 100);
  log.commit(0, [intentOf('other', log.at()), intentOf('mine', log.at())]);
  log.commit(1, [outcomeOf('other', log.at()), outcomeOf('mine', log.at())]);
  await log.checkpoint();
  lines = (await log.export()).map((line) => JSON.parse(line));
  receipt = await signReceipt(signer, partsOf('mine', 'mine'));
});

/** Proofs as a gateway would make them. */
function proofOf(kind: string, statementId: string): EventProof {
  const batches = lines.filter(({ line }) => line === 'batch').map(({ text }) => text);
  const at = lines.findIndex(({ text }) => text?.includes(`"${kind}"`) && text.includes(`"${statementId}"`));
  const batchAt = lines.findLastIndex(({ line }, i) => i < at && line === 'batch');
  const { count } = JSON.parse(lines[batchAt]!.text);
  const events = lines.slice(batchAt + 1, batchAt + 1 + count).map(({ text }) => leafHash(text));
  const position = batches.indexOf(lines[batchAt]!.text);
  return {
    event: lines[at]!.text,
    batch: lines[batchAt]!.text,
    inBatch: proofTexts(inclusionProof(at - batchAt - 1, count, nodesOf(events))),
    position,
    inLog: proofTexts(inclusionProof(position, batches.length, nodesOf(batches.map(leafHash)))),
  };
}
const partsOf = (intent: string, outcome: string): ReceiptParts => {
  const { note, jws } = lines.findLast(({ line }) => line === 'checkpoint')!;
  return {
    logKey: logKeyOf(signer),
    checkpoint: { note, jws },
    intent: proofOf('statement.intent', intent),
    outcome: proofOf('statement.outcome', outcome),
  };
};
const problemOf = (changed: object): string => {
  const check = checkReceipt(JSON.stringify({ ...receipt, ...changed }));
  return check.valid ? 'valid' : check.problem;
};

describe('a receipt', () => {
  it('is valid as it was made, however it is laid out', () => {
    for (const text of [JSON.stringify(receipt), JSON.stringify(receipt, null, 2)])
      expect(checkReceipt(text)).toMatchObject({
        valid: true,
        statement: { statementId: 'mine', rowCount: 3 },
      });
  });

  it('is not made of two statements, nor of what is not in the log', async () => {
    await expect(signReceipt(signer, partsOf('mine', 'other'))).rejects.toThrow(/outcome/);
    const parts = partsOf('mine', 'mine');
    const forged = { ...parts, outcome: { ...parts.outcome, event: parts.outcome.event.replace('3', '4') } };
    await expect(signReceipt(signer, forged)).rejects.toThrow(/outcome/);
    await expect(signReceipt(signer, { ...parts, intent: parts.outcome })).rejects.toThrow(/decision/);
  });

  it('says what is wrong with it', async () => {
    const other = makeSigner();
    const byOther = await signReceipt(other, partsOf('mine', 'mine'));
    expect(problemOf({ statement: { ...receipt.statement, rowCount: 2 } })).toMatch(/not what the log says/);
    expect(problemOf({ jws: byOther.jws })).toMatch(/signature/);
    expect(problemOf({ key: logKeyOf(other).jwk })).toMatch(/signature/);
    expect(problemOf({ logKey: logKeyOf(other) })).toMatch(/checkpoint/);
    expect(problemOf({ checkpoint: {} })).toMatch(/checkpoint/);
    expect(problemOf({ intent: null })).toMatch(/decision/);
    expect(problemOf({ outcome: proofOf('statement.outcome', 'other') })).toMatch(/outcome/);
    expect(problemOf({ version: 2 })).toMatch(/version/);
    for (const text of ['', '[]', '{}', 'null', '{"format":"sluice-receipt"}', '\0'])
      expect(checkReceipt(text).valid).toBe(false);
  });

  it('is not valid with any of its bits flipped', () => {
    const bytes = Buffer.from(JSON.stringify(receipt));
    for (let i = 0; i < bytes.length; i += 1) {
      const flipped = Buffer.from(bytes);
      flipped[i]! ^= 1 << (i % 8);
      // Each in turn, over the whole length: all of them would take minutes.
      if (i % 7 === 0) expect([i, checkReceipt(flipped.toString('utf8')).valid]).toEqual([i, false]);
    }
  });
});
