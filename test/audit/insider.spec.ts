/** What somebody with the keys could slip in, each found by the one check that is there for it. */
import { describe, expect, it } from '@jest/globals';
import { sealBatch } from '../../src/core/audit/batch.js';
import { signCheckpoint } from '../../src/core/audit/checkpoint.js';
import { deniedOf, heartbeatAt, intentOf, LogMaker, makeSigner, outcomeOf } from './made-log.js';
import { latin1, resigned, utf8 } from './tampers.js';
import { codesOf, verifyLines } from './verify-lines.js';

const signer = makeSigner();
const made = async (work: (log: LogMaker) => void): Promise<LogMaker> => {
  const log = new LogMaker(signer, 31);
  await log.live(4, 100);
  work(log);
  if (log.checkpoints.at(-1)?.size !== log.size) await log.checkpoint();
  return log;
};
/** Lines changed, and the end signed anew by the key of the log. */
const signedAnew = async (
  log: LogMaker,
  change: (lines: string[]) => readonly string[],
): Promise<readonly string[]> =>
  codesOf(verifyLines([utf8(await resigned(change(await log.export()).map(latin1), signer))]));
const whole = (log: LogMaker): Promise<readonly string[]> =>
  log.export().then((l) => codesOf(verifyLines(l)));

describe('an insider', () => {
  it('changes nothing unseen, but what only they vouch for', async () => {
    expect(await whole(await made(() => undefined))).toEqual([]);
    expect(await signedAnew(await made(() => undefined), (lines) => lines)).toEqual([]);
  });

  it('cannot leave out a batch of a writer, nor begin in the middle', async () => {
    const event = [heartbeatAt('2026-01-01T00:00:00.000Z')];
    for (const change of [
      (log: LogMaker) => log.continueFrom(0, (head) => ({ ...head, nextBatch: head.nextBatch + 1 })),
      (log: LogMaker) => log.continueFrom(0, (head) => ({ ...head, previous: Buffer.alloc(32, 1) })),
      (log: LogMaker) => log.continueFrom(0, (head) => ({ ...head, nextSeq: head.nextSeq + 1 })),
      (log: LogMaker) => log.continueFrom(0, (head) => ({ ...head, shard: 'new-shard' })),
    ]) {
      const log = await made((inner) => {
        change(inner);
        inner.commit(0, event);
      });
      expect(await whole(log)).toEqual(['BATCH_CHAIN_BROKEN']);
    }
  });

  it('cannot number events otherwise than they stand', async () => {
    const log = await made((inner) =>
      inner.commit(0, [
        { kind: 'heartbeat', at: inner.at(), fields: { everySeconds: 60, seq: 999 } as never },
      ]),
    );
    expect(await whole(log)).toEqual(['EVENT_MISPLACED']);
  });

  it('cannot add a personal part to an event, nor exchange it', async () => {
    const log = await made((inner) => inner.commit(0, [heartbeatAt(inner.at())]));
    const personal = { salt: Buffer.alloc(32).toString('base64'), text: '{"user":"eve"}' };
    const edit = (pattern: RegExp) => (lines: string[]) => {
      const at = lines.findLastIndex((line) => pattern.test(line));
      return lines.with(at, `${JSON.stringify({ ...JSON.parse(lines[at]!), personal })}\n`);
    };
    expect(await signedAnew(log, edit(/"line":"event".*heartbeat/))).toEqual(['COMMITMENT_MISMATCH']);
    expect(await signedAnew(log, edit(/"line":"event".*statement.intent/))).toEqual(['COMMITMENT_MISMATCH']);
  });

  it('cannot invent an erasure, nor hide one', async () => {
    const log = await made((inner) => {
      const [id] = inner.commit(0, [deniedOf('gone', inner.at())]);
      inner.erase(id!);
    });
    const tombstone = /"line":"tombstone"/;
    const invent = (lines: string[]) => {
      const at = lines.findIndex((line) => tombstone.test(line));
      return lines.toSpliced(at, 0, lines[at]!.replace(/"event":"[^"]*"/, '"event":"a-0.0"'));
    };
    expect(await whole(log)).toEqual([]);
    expect(await signedAnew(log, invent)).toEqual(['ERASURE_UNRECORDED']);
    expect(await signedAnew(log, (lines) => lines.filter((line) => !tombstone.test(line)))).toEqual([
      'ERASURE_UNRECORDED',
    ]);
  });

  it('cannot sign two things in one checkpoint', async () => {
    const log = await made(() => undefined);
    const first = log.checkpoints[0]!;
    const other = await signCheckpoint(signer, { ...first, root: Buffer.alloc(32) }, log.at());
    const codes = await signedAnew(log, (lines) =>
      lines.map((line) => line.replace(JSON.stringify(first.jws), JSON.stringify(other.jws))),
    );
    expect(codes).toContain('CHECKPOINT_MISMATCH');
  });

  it('cannot let something end that never began, but may say twice that it ended', async () => {
    const never = await made((inner) => inner.commit(0, [outcomeOf('never', inner.at())]));
    expect(await whole(never)).toEqual(['OUTCOME_WITHOUT_INTENT']);
    const twice = await made((inner) => {
      inner.commit(0, [intentOf('once', inner.at())]);
      inner.commit(1, [outcomeOf('once', inner.at()), outcomeOf('once', inner.at())]);
    });
    expect(await whole(twice)).toEqual(['ENDED_TWICE']);
  });
});

it('an outsider cannot change what the log does not hold either: the end signs every byte', async () => {
  const lines = await (await made(() => undefined)).export();
  for (const [from, to] of [
    [/"exportedAt":"2026/, '"exportedAt":"2027'],
    [/"fromSize":0/, '"fromSize":1'],
    [/"untilSize":null/, '"untilSize":9'],
    [/"line":"manifest"/, '"line": "manifest"'],
  ] as const) {
    const changed = lines.map((line) => line.replace(from, to));
    expect(changed).not.toEqual(lines);
    expect(codesOf(verifyLines(changed))).toContain('DIGEST_MISMATCH');
  }
});

it('a batch is sealed over what it is given, once', () => {
  const head = { shard: 's', nextBatch: 0, nextSeq: 0, previous: Buffer.alloc(32) };
  const salts: Buffer[] = [];
  const salt = (): Buffer => salts[salts.push(Buffer.alloc(32, salts.length)) - 1]!;
  const { events } = sealBatch(
    head,
    [deniedOf('a', 'now'), heartbeatAt('now'), deniedOf('b', 'now')],
    'now',
    salt,
  );
  expect(events.map(({ place }) => place.seq)).toEqual([0, 1, 2]);
  expect(salts).toHaveLength(2);
});
