/** Escapes in a string literal as Spark reads them (ParserUtils.unescapeSQLString). */
const SIMPLE: Readonly<Record<string, string>> = {
  '0': '\0',
  "'": "'",
  '"': '"',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\u001a',
  '\\': '\\',
  // LIKE's own escapes keep their backslash.
  '%': '\\%',
  _: '\\_',
};

/** `body` is the text between the quotes; a doubled quote is one quote. */
export function unescapeString(body: string, quote: string): string {
  if (!body.includes('\\') && !body.includes(quote)) return body;
  let out = '';
  for (let i = 0; i < body.length; i += 1) {
    const c = body[i] ?? '';
    if (c === quote) {
      i += 1;
      out += quote;
      continue;
    }
    if (c !== '\\') {
      out += c;
      continue;
    }
    const rest = body.slice(i + 1, i + 10);
    const unicode = /^u([0-9a-fA-F]{4})/.exec(rest) ?? /^U([0-9a-fA-F]{8})/.exec(rest);
    const octal = /^[0-1][0-7]{2}/.exec(rest);
    if (unicode?.[1]) {
      out += codePoint(Number.parseInt(unicode[1], 16));
      i += unicode[0].length;
    } else if (octal) {
      out += String.fromCharCode(Number.parseInt(octal[0], 8));
      i += octal[0].length;
    } else {
      const next = body[i + 1] ?? '';
      out += SIMPLE[next] ?? next;
      i += 1;
    }
  }
  return out;
}

const codePoint = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd');
