/**
 * Spark's physical plan for those with the `explain` action: the tree of its operators. What stands behind an operator's
 * name is left out: values, paths, statistics and the names that only Spark may know.
 */
const LINE = /^([ :]*(?:[:+]- )?)(?:\*\(\d+\) |\* )?([A-Z]\w*)/;

export const explainText = (plan: string): string =>
  plan
    .split('\n')
    .map((line) => LINE.exec(line))
    .flatMap((match) => (match === null ? [] : [`${match[1]}${match[2]}`]))
    .join('\n');
