/**
 * Java regular expressions (what Spark runs) as RE2 (what DuckDB runs), for literal patterns. What does not
 * mean exactly the same in both is refused: look-around, back-references, possessive quantifiers, inline
 * flags, class unions, word boundaries.
 */

export type Translation = { readonly pattern: string } | { readonly problem: string };

const LINE_ENDS = '\\n\\r\\x{85}\\x{2028}\\x{2029}';
const REPEATS_MAX = 1000;
const PATTERN_LENGTH_MAX = 1000;

const refused = (what: string): Translation => ({
  problem: `its pattern uses ${what}, which is not allowed`,
});

/** `anchorsEnd`: may `$` stand in it? Only where the match itself is not shown. */
export function javaPattern(java: string, anchorsEnd = true): Translation {
  if (java.length > PATTERN_LENGTH_MAX) return refused(`more than ${PATTERN_LENGTH_MAX} characters`);
  let out = '';
  let depth = 0;
  const chars = [...java];
  for (let i = 0; i < chars.length; i += 1) {
    const c = chars[i] ?? '';
    if (c === '\\') {
      const escaped = escapeAt(chars, i, false);
      if (typeof escaped === 'string') return refused(escaped);
      out += escaped.text;
      i = escaped.end;
    } else if (c === '[') {
      const set = characterClass(chars, i);
      if (typeof set === 'string') return refused(set);
      out += set.text;
      i = set.end;
    } else if (c === '(') {
      depth += 1;
      if (chars[i + 1] === '?') {
        if (chars[i + 2] !== ':') return refused('a group with a flag, a name or look-around');
        out += '(?:';
        i += 2;
      } else out += c;
    } else if (c === ')') {
      depth -= 1;
      if (depth < 0) return refused('an unopened parenthesis');
      out += c;
    } else if (c === '.') out += `[^${LINE_ENDS}]`;
    else if (c === '$') {
      if (!anchorsEnd) return refused('$ where the match is shown (compare with rlike instead)');
      out += `(?:\\r\\n|[${LINE_ENDS}])?\\z`;
    } else if (c === '^') out += '\\A';
    else if ('*+?'.includes(c) || c === '{') {
      const quantifier = quantify(chars, i);
      if (typeof quantifier === 'string') return refused(quantifier);
      if (out === '' || /[(|]$/.test(out)) return refused('a quantifier with nothing before it');
      out += quantifier.text;
      i = quantifier.end;
    } else out += c;
  }
  return depth === 0 ? { pattern: out } : refused('an unclosed parenthesis');
}

interface Piece {
  readonly text: string;
  readonly end: number;
}

const SPACE = '\\t\\n\\x0b\\f\\r ';

/** An escape outside or inside a class; a string says what is wrong. */
function escapeAt(chars: readonly string[], start: number, inClass: boolean): Piece | string {
  const c = chars[start + 1];
  if (c === undefined) return 'a backslash at its end';
  const end = start + 1;
  if (c === 'd' || c === 'w' || (c === 'D' && !inClass) || (c === 'W' && !inClass))
    return { text: `\\${c}`, end };
  if (c === 's') return { text: inClass ? SPACE : `[${SPACE}]`, end };
  if (c === 'S' && !inClass) return { text: `[^${SPACE}]`, end };
  if ('tnrf'.includes(c)) return { text: `\\${c}`, end };
  if (/[^A-Za-z0-9\s]/.test(c)) return { text: `\\${c}`, end };
  return `\\${c}`;
}

function characterClass(chars: readonly string[], start: number): Piece | string {
  let text = '[';
  let i = start + 1;
  if (chars[i] === '^') {
    text += '^';
    i += 1;
  }
  const first = i;
  for (; i < chars.length; i += 1) {
    const c = chars[i] ?? '';
    if (c === ']' && i > first) return { text: `${text}]`, end: i };
    if (c === '[' || c === ']') return 'a class inside a class';
    if (c === '&' && chars[i + 1] === '&') return 'a class intersection';
    if (c === '\\') {
      const escaped = escapeAt(chars, i, true);
      if (typeof escaped === 'string') return escaped;
      text += escaped.text;
      i = escaped.end;
    } else text += c === '^' ? '\\^' : c;
  }
  return 'an unclosed class';
}

function quantify(chars: readonly string[], start: number): Piece | string {
  let end = start;
  let text = chars[start] ?? '';
  if (text === '{') {
    const close = chars.indexOf('}', start);
    const body = close < 0 ? '' : chars.slice(start + 1, close).join('');
    const numbers = /^(\d{1,4})(?:(,)(\d{1,4})?)?$/.exec(body);
    if (numbers === null) return 'a brace that is no quantifier';
    if (Number(numbers[1]) > REPEATS_MAX || Number(numbers[3] ?? 0) > REPEATS_MAX)
      return 'more than 1000 repeats';
    if (numbers[3] !== undefined && Number(numbers[3]) < Number(numbers[1]))
      return 'a quantifier that ends before it starts';
    text = `{${body}}`;
    end = close;
  }
  const next = chars[end + 1];
  if (next === '+') return 'a possessive quantifier';
  if (next === '?') return { text: `${text}?`, end: end + 1 };
  if (next === '*' || next === '{') return 'a quantifier on a quantifier';
  return { text, end };
}
