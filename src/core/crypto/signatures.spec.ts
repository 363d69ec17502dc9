import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import jose from 'node-jose';
import { keyId, kidOf, openJws, publicJwk, signJws } from './jws.js';
import {
  checkNote,
  NOTE_TYPE,
  noteKey,
  parseNote,
  parseVkey,
  publicBytes,
  signatureLine,
  signNote,
  vkeyOf,
} from './signed-note.js';

const ed25519 = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
const p256 = (): Record<string, unknown> =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) as Record<
    string,
    unknown
  >;

describe('signed notes', () => {
  // The example of Go's golang.org/x/mod/sumdb/note.
  const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const example =
    'If you think cryptography is the answer to your problem,\n' +
    "then you don't know what your problem is.\n\n" +
    '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

  it('are those of others', () => {
    const key = parseVkey(vkey)!;
    expect(vkeyOf(key)).toBe(vkey);
    expect(checkNote(parseNote(example)!, key)).toEqual({});
    const changed = example.replace('problem is', 'problem was');
    expect(checkNote(parseNote(changed)!, key)).toBe(false);
    expect(checkNote(parseNote(example)!, noteKey('Peter', key.publicKey))).toBe('unknown');
  });

  it('are signed and checked, several times over one text', () => {
    const [a, b] = [ed25519(), ed25519()];
    const note = signNote('one\n\ntwo\n', 'log.example', a);
    const line = parseNote(signNote('one\n\ntwo\n', 'other.example', b))!.signatures[0]!;
    const both = parseNote(note + signatureLine(line))!;
    expect(both.text).toBe('one\n\ntwo\n');
    expect(checkNote(both, noteKey('log.example', publicBytes(a)))).toEqual({});
    expect(checkNote(both, noteKey('other.example', publicBytes(b)))).toEqual({});
    expect(checkNote(both, noteKey('log.example', publicBytes(b)))).toBe('unknown');
  });

  it('carry cosignatures with their time', () => {
    const witness = ed25519();
    const key = noteKey('witness.example/w', publicBytes(witness), NOTE_TYPE.cosignature);
    const text = 'log.example\n1\nAAAA\n';
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(1_700_000_000n);
    const signed = sign(null, Buffer.from(`cosignature/v1\ntime 1700000000\n${text}`), witness);
    const line = signatureLine({ name: key.name, id: key.id, signature: Buffer.concat([time, signed]) });
    const note = parseNote(signNote(text, 'log.example', ed25519()) + line)!;
    expect(checkNote(note, key)).toEqual({ at: new Date(1_700_000_000_000) });
    time.writeBigUInt64BE(1_700_000_001n);
    const later = signatureLine({ name: key.name, id: key.id, signature: Buffer.concat([time, signed]) });
    expect(checkNote(parseNote(`${text}\n${later}`)!, key)).toBe(false);
  });

  it.each([
    ['no signature', 'text\n\n'],
    ['no blank line', 'text\n\u2014 a AAAAAAAA\n'],
    ['no last newline', example.slice(0, -1)],
    ['a control character', example.replace('you', '\u0007')],
    ['a hyphen for the dash', example.replace('\u2014', '-')],
    ['sloppy base64', example.replace('JnAM=', 'JnAN=')],
    ['nothing', ''],
    ['not a text', 7],
  ])('with %s are none', (_, note) => expect(parseNote(note)).toBeUndefined());

  it('keys that are not what they say are none', () => {
    for (const wrong of [
      vkey.replace('c7', 'c8'),
      vkey.replace('Peter', 'Petra'),
      vkey.replace('+AR', '+Ag'),
      'x',
      null,
    ])
      expect(parseVkey(wrong)).toBeUndefined();
    const notOnTheCurve = noteKey('a', Buffer.alloc(32, 0xff));
    const line = signatureLine({ name: 'a', id: notOnTheCurve.id, signature: Buffer.alloc(64) });
    expect(checkNote(parseNote(`t\n\n${line}`)!, notOnTheCurve)).toBe(false);
    expect(() => signNote('no newline', 'a', ed25519())).toThrow(TypeError);
    expect(() => signNote('a\n', 'two words', ed25519())).toThrow(TypeError);
  });
});

describe('JWS', () => {
  it('is opened by whom it is for, and by node-jose', async () => {
    const key = p256();
    const jwk = publicJwk(key)!;
    const jws = await signJws({ b: 1, a: 'x' }, 'test+jws', key);
    expect(openJws(jws, 'test+jws', jwk)).toEqual({ a: 'x', b: 1 });
    expect(kidOf(jws)).toBe(keyId(jwk));
    const verified = await jose.JWS.createVerify(await jose.JWK.asKey({ ...jwk }), {
      algorithms: ['ES256'],
    }).verify(jws);
    expect(JSON.parse(verified.payload.toString())).toEqual({ a: 'x', b: 1 });
  });

  it('is opened by nobody else', async () => {
    const key = p256();
    const jwk = publicJwk(key)!;
    const jws = await signJws({ a: 1 }, 'test+jws', key);
    const [header, payload, signature] = jws.split('.') as [string, string, string];
    const recode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const kid = keyId(jwk);
    for (const wrong of [
      `${header}.${recode({ a: 2 })}.${signature}`,
      `${recode({ alg: 'none', typ: 'test+jws', kid })}.${payload}.${signature}`,
      `${recode({ alg: 'HS256', typ: 'test+jws', kid })}.${payload}.${signature}`,
      `${recode({ alg: 'ES256', typ: 'test+jws', kid, jwk })}.${payload}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature}=`,
      `${jws}.${jws}`,
      '',
      undefined,
    ])
      expect(openJws(wrong, 'test+jws', jwk)).toBeUndefined();
    expect(openJws(jws, 'other+jws', jwk)).toBeUndefined();
    expect(openJws(jws, 'test+jws', publicJwk(p256())!)).toBeUndefined();
    expect(openJws(jws, 'test+jws', { ...jwk, x: 'AAAA' })).toBeUndefined();
    expect(publicJwk({ kty: 'RSA' })).toBeUndefined();
    await expect(signJws({}, 'test+jws', { kty: 'RSA' })).rejects.toThrow(TypeError);
  });

  it('finds every flipped bit', async () => {
    const key = p256();
    const jws = await signJws({ a: 1 }, 'test+jws', key);
    for (let i = 0; i < jws.length; i += 1) {
      const bytes = Buffer.from(jws);
      bytes[i]! ^= 1 << (i % 7);
      expect(openJws(bytes.toString('latin1'), 'test+jws', publicJwk(key)!)).toBeUndefined();
    }
  });
});
