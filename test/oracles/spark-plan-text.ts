/**
 * Compares plans as Spark's parser prints them, knowing which keyword forms are another spelling of a plain
 * call.
 */

interface Call {
  readonly name: string;
  readonly args: readonly string[];
}

const REWRITES: Readonly<Record<string, (args: readonly string[]) => Call>> = {
  // TRIM(LEADING x FROM s) is ltrim(s, Some(x)); ltrim(x, s) has them the other way round.
  ...Object.fromEntries(
    ['trim', 'ltrim', 'rtrim'].map((name) => [
      name,
      (args: readonly string[]) => ({ name, args: trimmed(args) }),
    ]),
  ),
  substr: (args) => ({ name: 'substring', args: withoutLast(args, '2147483647') }),
  substring: (args) => ({ name: 'substring', args: withoutLast(args, '2147483647') }),
  overlay: (args) => ({ name: 'overlay', args: withoutLast(args, '-1') }),
  locate: (args) => ({ name: 'position', args: withoutLast(args, '1') }),
  first: (args) => ({ name: 'first', args: withoutLast(args, 'false') }),
  last: (args) => ({ name: 'last', args: withoutLast(args, 'false') }),
  any_value: (args) => ({ name: 'any_value', args: withoutLast(args, 'false') }),
};

const withoutLast = (args: readonly string[], last: string): readonly string[] =>
  args.at(-1) === last ? args.slice(0, -1) : args;

function trimmed(args: readonly string[]): readonly string[] {
  const [text, characters] = args;
  if (characters === 'none') return [text ?? ''];
  const some = /^some\((.*)\)$/s.exec(characters ?? '')?.[1];
  return some === undefined ? args : [some, text ?? ''];
}

/**
 * Names without case, and operators without the mark of being unresolved; cross joins as the inner ones they
 * are.
 */
const plain = (plan: string): string =>
  plan
    .toLowerCase()
    .replace(/^([\s:+-]*)'(?=[a-z])/gm, '$1')
    .replaceAll('join cross', 'join inner');

/**
 * Every call rewritten, from the inside; text that only looks like a call keeps its parentheses and commas.
 */
function canonical(text: string): string {
  let out = '';
  let at = 0;
  while (at < text.length) {
    const call = /'?\b(\w+)\(/y;
    call.lastIndex = at;
    const name = call.exec(text)?.[1];
    const end = name === undefined ? -1 : closing(text, call.lastIndex);
    if (name === undefined || end < 0) {
      out += text[at];
      at += 1;
      continue;
    }
    const args = split(canonical(text.slice(call.lastIndex, end)));
    const rewritten = REWRITES[name]?.(args) ?? { name, args };
    out += `${rewritten.name}(${rewritten.args.join(', ')})`;
    at = end + 1;
  }
  return out;
}

function closing(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length; i += 1) {
    if (text[i] === '(') depth += 1;
    if (text[i] === ')') depth -= 1;
    if (depth === 0) return i;
  }
  return -1;
}

function split(args: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < args.length; i += 1) {
    if ('([{'.includes(args[i]!)) depth += 1;
    if (')]}'.includes(args[i]!)) depth -= 1;
    if (depth === 0 && args.startsWith(', ', i)) {
      parts.push(args.slice(start, i));
      start = i + 2;
    }
  }
  return [...parts, args.slice(start)];
}

export const samePlanText = (a: string, b: string): boolean => {
  const [x, y] = [plain(a), plain(b)];
  return x === y || canonical(x) === canonical(y);
};
