/** Names of one part that a SQL text reads from: what may be a view of the session. */
import { foldName } from '../../core/catalog/catalog.js';
import { parseStatement } from '../../core/sql/parse.js';

export function simpleNames(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  const open: unknown[] = [parseStatement(text, { parameters: 'statement' })];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    const { kind, name } = node as { readonly kind?: string; readonly name?: unknown };
    if ((kind === 'table' || kind === 'table-body') && Array.isArray(name) && name.length === 1) {
      names.add(foldName(String((name[0] as { readonly name?: string }).name)));
    }
    open.push(...Object.values(node));
  }
  return names;
}
