/** Numbers as text, digit for digit as DuckDB writes them: both engines answer alike. */

const PLAIN_EXPONENT_MIN = -4;
const PLAIN_EXPONENT_MAX = 16;
const FLOAT_DIGITS_MAX = 9;
const WORD = 2 ** 32;
/** Above it two words are no exact double. */
const HIGH_WORD_MAX = 2 ** 21;

export const doubleText = (value: number): string => decimalForm(value, shortest(value));

/** The fewest digits that come back as the same 32 bits. */
export function floatText(value: number): string {
  for (let digits = 1; digits < FLOAT_DIGITS_MAX; digits += 1) {
    const text = value.toExponential(digits - 1);
    if (Math.fround(Number(text)) === value) return decimalForm(value, text);
  }
  return decimalForm(value, value.toExponential(FLOAT_DIGITS_MAX - 1));
}

const shortest = (value: number): string => value.toExponential();

/** `1.0`, `0.0001`, `1e-05`, `1.5e+16`. */
function decimalForm(value: number, exponential: string): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa = '', power = '0'] = exponential.split('e');
  const exponent = Number(power);
  if (exponent < PLAIN_EXPONENT_MIN || exponent >= PLAIN_EXPONENT_MAX) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

/** The 128-bit number at `row` of an Arrow decimal, with its point. */
export function decimalText(words: Uint32Array, row: number, scale: number): string {
  const unscaled = unscaledText(words, row * 4);
  if (scale === 0) return unscaled;
  const sign = unscaled.startsWith('-') ? '-' : '';
  const digits = unscaled.slice(sign.length).padStart(scale + 1, '0');
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function unscaledText(words: Uint32Array, at: number): string {
  const [w0, w1, w2, w3] = [words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0];
  if (w2 === 0 && w3 === 0 && w1 < HIGH_WORD_MAX) return String(w1 * WORD + w0);
  const unsigned = (BigInt(w3) << 96n) | (BigInt(w2) << 64n) | (BigInt(w1) << 32n) | BigInt(w0);
  return String(BigInt.asIntN(128, unsigned));
}
