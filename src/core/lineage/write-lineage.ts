/** Column lineage of writes: the columns of a table come from those of the rows that are put into it. */

import type { Plan } from '../plan/plan.js';
import type { BoundTableWrite } from '../plan/write.js';
import { type StatementLineage, statementLineage } from './lineage.js';

/** `plan`: the secured plan of the source. */
export function tableWriteLineage({ source, columns }: BoundTableWrite, plan: Plan): StatementLineage {
  const output = source.output.map((column, i) => ({ ...column, name: columns[i]?.name ?? column.name }));
  return statementLineage(plan, output);
}
