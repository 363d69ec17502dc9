/** Documents that are nearly right. */

/** The document with some part of it exchanged for `value`. */
export function mutated(document: unknown, value: unknown, n: number, key: string): unknown {
  if (typeof document !== 'object' || document === null || n % 4 === 0) return value;
  const entries = Object.entries(document);
  const [name, part] = entries[Math.abs(n) % Math.max(1, entries.length)] ?? [key, value];
  const changed = mutated(part, value, Math.floor(n / 4), key);
  return Array.isArray(document)
    ? document.map((item, i) => (i === Number(name) ? changed : item))
    : { ...document, [n % 3 === 0 ? key : name]: changed };
}
