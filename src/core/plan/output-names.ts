/** Names of output columns where a name may stand once only. */
import { foldName } from '../catalog/catalog.js';

interface Named {
  readonly name: string;
}

/** Keys of an object cannot repeat: the second `a` is `a_2`, unless there is an `a_2` already. */
export const uniqueNames = (output: readonly Named[]): readonly string[] => toldApart(output, (name) => name);

/** As Parquet takes them: readers tell names apart without case, and every column has one. */
export const fileNames = (output: readonly Named[]): readonly string[] =>
  toldApart(
    output.map(({ name }, i) => ({ name: name === '' ? `column_${i + 1}` : name })),
    foldName,
  );

function toldApart(output: readonly Named[], fold: (name: string) => string): readonly string[] {
  const taken = new Set(output.map(({ name }) => fold(name)));
  const seen = new Set<string>();
  return output.map(({ name }) => {
    let unique = name;
    for (let n = 2; seen.has(fold(unique)); n += 1) {
      const candidate = `${name}_${n}`;
      if (!taken.has(fold(candidate))) unique = candidate;
    }
    seen.add(fold(unique));
    return unique;
  });
}
