/**
 * Names a value that a rendering needs more than once, so that it is evaluated once and the text does not
 * double at every level of nesting. Columns and lambda variables are their own name; anything else becomes a
 * one-element list that a lambda reads.
 */
const NAME = /^[cv]\d+$/;

/** `beside`: text inside of the body with names that are not to be taken. */
export function letIn(sql: string, body: (name: string) => string, beside = ''): string {
  if (NAME.test(sql)) return body(sql);
  const name = freshVariable(`${sql} ${beside}`);
  return `list_transform([${sql}], lambda ${name}: ${body(name)})[1]`;
}

/**
 * A lambda variable that does not occur in `sql`: deterministic, so that the same plan always prints the same
 * text.
 */
export function freshVariable(sql: string): string {
  let highest = 0;
  for (const [, digits] of sql.matchAll(/\bv(\d{1,6})\b/g)) highest = Math.max(highest, Number(digits));
  return `v${highest + 1}`;
}
