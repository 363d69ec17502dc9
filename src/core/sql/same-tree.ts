/**
 * Equality of syntax trees by meaning of the text: where a node stands (`at`), whether a name was back-quoted
 * and which hints were read do not count.
 */
const IGNORED: ReadonlySet<string> = new Set(['at', 'quoted', 'hints']);

const keysOf = (value: object): readonly string[] =>
  Object.keys(value).filter(
    (key) => !IGNORED.has(key) && (value as Readonly<Record<string, unknown>>)[key] !== undefined,
  );

/** Are these the same statement (query, expression, type)? */
export function sameTree(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = keysOf(a);
  if (keys.length !== keysOf(b).length) return false;
  return keys.every((key) =>
    sameTree((a as Readonly<Record<string, unknown>>)[key], (b as Readonly<Record<string, unknown>>)[key]),
  );
}
