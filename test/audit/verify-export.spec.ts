/** What `sluice audit verify` says of logs that are right, unusual or broken in a way that has a name. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { knownCheckpoints } from '../../src/core/audit/known-checkpoint.js';
import { FINDINGS, VERDICT_EXIT, VERDICT_TEXT } from '../../src/core/audit/verdict.js';
import { NOTE_TYPE, noteKey, publicBytes, signatureLine } from '../../src/core/crypto/signed-note.js';
import { intentOf, LogMaker, makeSigner, outcomeOf } from './made-log.js';
import { codesOf, verifyBytes, verifyLines } from './verify-lines.js';

let log: LogMaker;
let lines: string[];
beforeAll(async () => {
  log = new LogMaker(makeSigner(), 1);
  await log.live(12, 6);
  lines = await log.export();
});

describe('a log that is right', () => {
  it('is UNANCHORED by itself and WITNESSED against each of its checkpoints', () => {
    const alone = verifyLines(lines);
    expect(alone).toMatchObject({ verdict: 'UNANCHORED', findings: [], batches: log.size });
    expect(alone.events).toBe(lines.filter((line) => line.includes('"line":"event"')).length);
    for (const { note } of log.checkpoints) {
      expect(verifyLines(lines, { known: knownCheckpoints(note) })).toMatchObject({
        verdict: 'WITNESSED',
        findings: [],
      });
    }
  });

  it('is as right without its personal parts', async () => {
    const withheld = await log.export({ personal: false });
    expect(withheld.join('')).not.toContain('ana');
    expect(verifyLines(withheld)).toMatchObject({ verdict: 'UNANCHORED', findings: [] });
  });

  it('stays right when personal parts are erased, and when keys are rotated', async () => {
    const other = new LogMaker(makeSigner(), 2);
    const [id] = other.commit(0, [intentOf('s', other.at(), 'erased-person')]);
    other.commit(1, [outcomeOf('s', other.at())]);
    await other.checkpoint();
    other.erase(id!);
    await other.checkpoint();
    other.rotate(makeSigner());
    await other.live(3, 2);
    const exported = await other.export();
    expect(exported.join('')).not.toContain('erased-person');
    expect(verifyLines(exported)).toMatchObject({ verdict: 'UNANCHORED', findings: [] });
  });

  it('can be empty of events', async () => {
    const empty = new LogMaker(makeSigner(), 3);
    expect(verifyLines(await empty.export())).toMatchObject({ verdict: 'UNANCHORED', events: 0 });
  });

  it('is WITNESSED by enough operators, however many keys one of them has', async () => {
    const witnesses = ['w.example/1', 'w.example/2', 'v.example/1'].map((name) => {
      const { privateKey } = generateKeyPairSync('ed25519');
      return { name, privateKey, key: noteKey(name, publicBytes(privateKey), NOTE_TYPE.cosignature) };
    });
    const cosigned = async (who: readonly number[]): Promise<string[]> => {
      const made = new LogMaker(makeSigner(), 4);
      await made.live(2, 10);
      const last = made.checkpoints.at(-1)! as { note: string };
      const text = last.note.slice(0, last.note.indexOf('\n\n') + 1);
      for (const { name, privateKey, key } of who.map((i) => witnesses[i]!)) {
        const time = Buffer.alloc(8);
        time.writeBigUInt64BE(1_800_000_000n);
        const signature = sign(null, Buffer.from(`cosignature/v1\ntime 1800000000\n${text}`), privateKey);
        last.note += signatureLine({ name, id: key.id, signature: Buffer.concat([time, signature]) });
      }
      return made.export();
    };
    const policy = { keys: witnesses.map(({ key }) => key), quorum: 2 };
    const verdictOf = async (who: readonly number[]): Promise<string> =>
      verifyLines(await cosigned(who), { witnesses: policy }).verdict;
    expect(await verdictOf([0, 2])).toBe('WITNESSED');
    expect(await verdictOf([0, 1])).toBe('UNANCHORED');
    expect(await verdictOf([])).toBe('UNANCHORED');
  });
});

describe('a known checkpoint', () => {
  it('is read from a note, an answer of the API, a page of them, or an older export', () => {
    const { note, size } = log.checkpoints[1]!;
    const page = { items: log.checkpoints.slice(0, 2).map((c) => ({ size: c.size, note: c.note })) };
    for (const text of [note, note.trimEnd(), JSON.stringify({ note }), JSON.stringify(page, null, 2)])
      expect(knownCheckpoints(text).at(-1)?.head.size).toBe(size);
    expect(knownCheckpoints(lines.join('')).at(-1)?.head.size).toBe(log.checkpoints.at(-1)!.size);
    for (const text of ['', 'hello', '{}', '{"note":7}', '[]', `${note.slice(0, 20)}`])
      expect(knownCheckpoints(text)).toEqual([]);
  });

  it('of another log, another key or another past is DIVERGED', async () => {
    const foreign = new LogMaker(makeSigner('sluice/other'), 1);
    await foreign.live(12, 6);
    const known = knownCheckpoints(foreign.checkpoints[0]!.note);
    expect(codesOf(verifyLines(lines, { known }))).toContain('OTHER_LOG');

    const forked = new LogMaker(makeSigner(), 5);
    await forked.live(12, 6);
    const result = verifyLines(lines, { known: knownCheckpoints(forked.checkpoints[0]!.note) });
    expect(result.verdict).toBe('DIVERGED');
    expect(codesOf(result)).toEqual(expect.arrayContaining(['FORKED', 'OTHER_KEYS']));
  });
});

describe('what is not a whole log', () => {
  it.each([
    ['an empty file', '', 'INVALID', 'NOT_AN_EXPORT'],
    ['garbage', '\0\xff\n{}\n[]\n', 'INVALID', 'NOT_AN_EXPORT'],
    ['some JSON', '{"line":"manifest"}\n', 'INVALID', 'NOT_AN_EXPORT'],
    ['a name of Object', '{"line":"constructor"}\n', 'INVALID', 'NOT_AN_EXPORT'],
  ])('%s', (_, text, verdict, code) => {
    const result = verifyBytes(Buffer.from(text, 'latin1'));
    expect(result.verdict).toBe(verdict);
    expect(codesOf(result)).toContain(code);
  });

  it('cut off is INCOMPLETE, wherever it was', () => {
    const whole = Buffer.from(lines.join(''));
    const first = lines[0]!.length;
    for (let end = first; end < whole.length; end += 97) {
      const result = verifyBytes(whole.subarray(0, end));
      expect(codesOf(result)).toContain('CUT_OFF');
      expect(result.verdict).toBe('INCOMPLETE');
    }
    expect(verifyLines(lines.slice(0, -1)).verdict).toBe('INCOMPLETE');
  });

  it('without a key is INCOMPLETE or worse, and the key is named', () => {
    const result = verifyLines(lines.filter((line) => !line.includes('"line":"key"')));
    expect(codesOf(result)).toContain('KEY_MISSING');
    expect(VERDICT_EXIT[result.verdict]).toBeGreaterThanOrEqual(20);
  });

  it('of a newer version is INCOMPLETE', async () => {
    const newer = await log.export({ version: 9 });
    expect(verifyLines(newer)).toMatchObject({ verdict: 'INCOMPLETE' });
    expect(codesOf(verifyLines(newer))).toEqual(['NEWER_VERSION']);
  });

  it('survives lines that want to hurt', () => {
    const deep = `{"line":"event","text":${JSON.stringify(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)}}\n`;
    const wide = '{"line":"batch","text":"{\\"v\\":1e999}"}\n';
    const many = Array.from({ length: 300 }, () => 'x\n');
    for (const hurt of [
      [deep],
      [wide],
      many,
      [`{"line":"key","kid":"a","vkey":"b","jwk":{},"fromSize":0,"untilSize":null}\n`],
    ]) {
      const result = verifyLines([lines[0]!, ...hurt, ...lines.slice(1)]);
      expect(result.verdict).toBe('INVALID');
      expect(result.findings.length).toBeLessThan(200);
    }
  });
});

describe('what events say together', () => {
  it('an outcome without its intent is INVALID, an intent without its outcome is told', async () => {
    const made = new LogMaker(makeSigner(), 6);
    made.commit(0, [outcomeOf('never-began', made.at())]);
    await made.checkpoint();
    expect(verifyLines(await made.export())).toMatchObject({ verdict: 'INVALID' });
    const open = new LogMaker(makeSigner(), 7);
    open.commit(0, [intentOf('never-ended', open.at())]);
    await open.checkpoint();
    const result = verifyLines(await open.export());
    expect(result.verdict).toBe('UNANCHORED');
    expect(codesOf(result)).toEqual(['UNANSWERED']);
  });

  it('clocks that go back and silence are told, and change no verdict', async () => {
    const made = new LogMaker(makeSigner(), 8);
    await made.live(20, 4);
    made.now -= 3_600_000;
    await made.live(3, 4);
    made.now += 10_000_000;
    await made.live(3, 4);
    const result = verifyLines(await made.export());
    expect(result.verdict).toBe('UNANCHORED');
    expect([...codesOf(result)].sort()).toEqual(['CLOCK_JUMP', 'SILENCE']);
  });

  it('a personal part that is gone without a record is INVALID', async () => {
    const exported = await log.export();
    const at = exported.findIndex((line) => line.includes('"personal":{'));
    const { personal: _, ...rest } = JSON.parse(exported[at]!) as Record<string, unknown>;
    exported[at] = `${JSON.stringify({ ...rest, personal: 'erased' })}\n`;
    expect(codesOf(verifyLines(exported))).toContain('ERASURE_UNRECORDED');
  });

  it('a batch that no checkpoint covers is INCOMPLETE', async () => {
    const made = new LogMaker(makeSigner(), 9);
    await made.live(2, 2);
    made.commit(0, [intentOf('late', made.at())]);
    expect(codesOf(verifyLines(await made.export()))).toContain('UNSIGNED_TAIL');
  });

  it('a key that signs beyond its part of the log is INVALID', async () => {
    const made = new LogMaker(makeSigner(), 10);
    await made.live(2, 2);
    made.retireAt(1);
    expect(codesOf(verifyLines(await made.export()))).toContain('KEY_NOT_IN_FORCE');
  });
});

it('every verdict and finding has its text', () => {
  for (const text of [...Object.values(VERDICT_TEXT), ...Object.values(FINDINGS).map((f) => f.text)])
    expect(text.length).toBeGreaterThan(10);
});
