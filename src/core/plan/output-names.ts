/** Names of output columns where a name may stand once only. */

/** Keys of an object cannot repeat: the second `a` is `a_2`, unless there is an `a_2` already. */
export function uniqueNames(output: readonly { readonly name: string }[]): readonly string[] {
  const taken = new Set(output.map((column) => column.name));
  const seen = new Set<string>();
  return output.map(({ name }) => {
    let unique = name;
    for (let n = 2; seen.has(unique); n += 1) {
      const candidate = `${name}_${n}`;
      if (!taken.has(candidate)) unique = candidate;
    }
    seen.add(unique);
    return unique;
  });
}
