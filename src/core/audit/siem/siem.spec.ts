/** CEF and syslog, read back by readers that were written from their descriptions alone. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cefLine, cefOf } from './cef.js';
import { ocsfOf } from './ocsf.js';
import type { SiemEvent } from './siem-event.js';
import { syslogFrame } from './syslog.js';

const SOURCE = { origin: 'sluice/test', version: '1.2.3' };

/** One character after another: a backslash takes the next one as it is; an extension's key ends at `=`. */
function readCef(line: string): { header: string[]; extension: Record<string, string> } {
  expect(line.startsWith('CEF:0|')).toBe(true);
  expect(line).not.toMatch(/[\r\n]/);
  const header: string[] = [];
  let field = '';
  let at = 'CEF:0|'.length;
  for (; header.length < 6; at += 1) {
    const sign = line[at];
    if (sign === undefined) throw new Error('cut off');
    if (sign === '\\') field += line[++at];
    else if (sign === '|') {
      header.push(field);
      field = '';
    } else field += sign;
  }
  const extension: Record<string, string> = {};
  let key = '';
  let value = '';
  for (; at < line.length; at += 1) {
    const sign = line[at]!;
    if (sign === '\\') {
      const next = line[++at];
      value += next === 'n' ? '\n' : next === 'r' ? '\r' : next;
    } else if (sign === '=') {
      const space = value.lastIndexOf(' ');
      if (key !== '') extension[key] = value.slice(0, Math.max(space, 0));
      key = value.slice(space + 1);
      value = '';
    } else value += sign;
  }
  if (key !== '') extension[key] = value;
  return { header, extension };
}

const anything = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('\\', '|', '=', '\n', '\r', ' ', 'a', 'key=') }),
);
const key = fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,9}$/).filter((name) => !(name in Object.prototype));

describe('CEF', () => {
  it('comes back as it was, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.tuple(anything, anything, anything, anything, anything),
        fc.integer({ min: 0, max: 10 }),
        fc.dictionary(key, anything),
        (header, severity, extension) => {
          const read = readCef(cefLine(header, severity, extension));
          const lineless = header.map((field) => field.replaceAll(/\r\n|[\r\n]/g, ' '));
          expect(read.header).toEqual([...lineless, String(severity)]);
          expect(read.extension).toEqual({ ...extension });
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('says who, what and how it ended', () => {
    const { header, extension } = readCef(cefOf(OUTCOME, SOURCE));
    expect(header.slice(0, 4)).toEqual(['Sluice', 'Sluice', '1.2.3', 'statement.outcome']);
    expect(extension).toMatchObject({
      externalId: 'a.7',
      outcome: 'failure',
      suid: 'abc',
      reason: 'CAST_INVALID_INPUT',
      request: 'SELECT a FROM t WHERE b = ?',
      cs1: 's1',
      cs2: 'shop.a.t',
    });
  });
});

const OUTCOME: SiemEvent = {
  number: 7,
  eventId: 'a.7',
  record: {
    v: 1,
    shard: 'a',
    seq: 7,
    kind: 'statement.outcome',
    at: '2026-01-02T03:04:05.678Z',
    statementId: 's1',
    state: 'failed',
    code: 'CAST_INVALID_INPUT',
    timings: {},
  },
  intent: { actor: 'abc', objects: ['shop.a.t'], shape: 'SELECT a FROM t WHERE b = ?' },
};

describe('OCSF', () => {
  it('has a failed statement as Datastore Activity, of whom and on what', () => {
    expect(ocsfOf(OUTCOME, SOURCE)).toMatchObject({
      class_uid: 6005,
      category_uid: 6,
      activity_id: 4,
      type_uid: 600504,
      time: 1_767_323_045_678,
      status_id: 2,
      status_code: 'CAST_INVALID_INPUT',
      actor: { user: { uid: 'abc' } },
      table: { uid: 'shop.a.t', name: 't' },
      query_info: { query_string: 'SELECT a FROM t WHERE b = ?' },
      metadata: { version: '1.8.0', uid: 'a.7', correlation_uid: 's1' },
      unmapped: { gov: { state: 'failed' } },
    });
  });
});

/** RFC 6587 3.4.1 around RFC 5424 6: length, space, so many bytes. */
function readFrames(bytes: Buffer): { header: string[]; message: string }[] {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(' ', at);
    const length = Number(bytes.toString('latin1', at, space));
    const whole = bytes.toString('utf8', space + 1, space + 1 + length);
    const parts = /^(<\d{1,3}>1) (\S+) (\S+) (\S+) (\S+) (\S+) (-) ([\s\S]*)$/.exec(whole);
    if (parts === null) throw new Error('not a message of RFC 5424');
    found.push({ header: parts.slice(1, 8), message: parts[8]! });
    at = space + 1 + length;
  }
  return found;
}

describe('syslog', () => {
  it('comes back as it was, one after another, whatever is in the messages and names', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anything, anything, anything)), (messages) => {
        const frames = messages.map(([kind, host, text]) =>
          syslogFrame({ ...OUTCOME, record: { ...OUTCOME.record, kind } }, host, text),
        );
        const read = readFrames(Buffer.from(frames.join('')));
        expect(read.map(({ message }) => message)).toEqual(
          messages.map(([, , text]) => Buffer.from(text).toString()),
        );
        for (const { header } of read) {
          expect(header[2]!.length).toBeLessThanOrEqual(255);
          expect(header[5]!.length).toBeLessThanOrEqual(32);
          expect(header.join('')).toMatch(/^[\x21-\x7e]*$/);
        }
      }),
    );
  });
});
