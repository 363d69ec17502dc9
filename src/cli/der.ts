/** The little of DER (X.690) that a certificate is written in. */

const SHORT_LENGTH_MAX = 0x7f;

/** One value: tag, length, content. */
export function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), length(body.length), body]);
}

function length(bytes: number): Buffer {
  if (bytes <= SHORT_LENGTH_MAX) return Buffer.from([bytes]);
  const digits = bytes.toString(16);
  const big = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return Buffer.concat([Buffer.from([0x80 | big.length]), big]);
}

export const sequence = (...content: readonly Buffer[]): Buffer => der(0x30, ...content);
export const setOf = (...content: readonly Buffer[]): Buffer => der(0x31, ...content);
export const octets = (content: Buffer): Buffer => der(0x04, content);
export const bits = (content: Buffer, unused = 0): Buffer => der(0x03, Buffer.from([unused]), content);
export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text, 'utf8'));
export const yes = (): Buffer => der(0x01, Buffer.from([0xff]));
/** `[n]` around a value. */
export const tagged = (n: number, content: Buffer): Buffer => der(0xa0 | n, content);

/** A positive number, big-endian. */
export const integer = (bytes: Buffer): Buffer =>
  der(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);

/** `1.2.840.10045.4.3.2` */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): readonly number[] {
  const digits = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

/** As certificates have it until 2049: `260102030405Z`. */
export const utcTime = (time: Date): Buffer =>
  der(
    0x17,
    Buffer.from(
      `${time
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2)}`,
      'latin1',
    ),
  );
