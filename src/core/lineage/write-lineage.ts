/** Column lineage of writes: the columns of a table come from those of the rows that are put into it. */

import { foldName } from '../catalog/catalog.js';
import type { Plan } from '../plan/plan.js';
import type { BoundTableWrite, TargetColumn } from '../plan/write.js';
import { type StatementLineage, statementLineage } from './lineage.js';

/** `plan`: the secured plan of the source. */
export function tableWriteLineage({ source, columns }: BoundTableWrite, plan: Plan): StatementLineage {
  const output = source.output.map((column, i) => ({ ...column, name: columns[i]?.name ?? column.name }));
  return statementLineage(plan, output);
}

/** Of rows that are changed: what any clause gives a column of the table. `lineage` is that of the query of the change. */
export function rowChangeLineage(
  lineage: StatementLineage,
  columns: readonly TargetColumn[],
): StatementLineage {
  const known = new Set(columns.map(({ name }) => foldName(name)));
  return { ...lineage, outputs: lineage.outputs.filter(({ name }) => known.has(foldName(name))) };
}
