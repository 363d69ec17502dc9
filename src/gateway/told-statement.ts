/** A governed SQL statement as lineage sees it. */
import { LRUCache } from 'lru-cache';
import { type StatementLineage, statementLineage } from '../core/lineage/lineage.js';
import type { WrittenTable } from '../core/lineage/open-lineage.js';
import { rowChangeLineage, tableWriteLineage } from '../core/lineage/write-lineage.js';
import { printType } from '../core/sql/print-literal.js';
import type { Governed } from './govern.js';
import type { NamedType, ToldStatement } from './lineage-teller.js';
import type { Governance } from './statement.js';

/** Plans remembered: the same question asked again has the same lineage. */
const PLANS_MAX = 1_000;
const known = new LRUCache<string, StatementLineage>({ max: PLANS_MAX });

export function toldStatement(governed: Governed): ToldStatement {
  const { shape, planHash, engine, governance, objects } = governed;
  const target = writtenTable(governance);
  return {
    shape: shape.shape,
    planHash,
    engine: engine.id,
    governance,
    objects,
    ...(target === undefined ? {} : { target }),
    schema: schemaOf(governed),
    lineage: () => lineageOf(governed),
  };
}

const CHANGES: Readonly<Record<string, WrittenTable['change']>> = {
  create: 'CREATE',
  replace: 'OVERWRITE',
  overwrite: 'OVERWRITE',
  drop: 'DROP',
};

/** The table that a statement writes. */
export function writtenTable({ written }: Pick<Governance, 'written'>): WrittenTable | undefined {
  if (written === undefined || written.mode === 'nothing') return undefined;
  const change = CHANGES[written.mode];
  return { object: written.object, ...(change === undefined ? {} : { change }) };
}

/** Of a written table its columns, not those of the answer that says how many rows there were. */
function schemaOf({ schema, write, change }: Governed): readonly NamedType[] {
  const columns = write?.into?.write.columns ?? change?.bound.columns;
  if (columns !== undefined) return columns.map(({ name, type }) => ({ name, type: printType(type) }));
  return write === undefined ? schema.map(({ name, type }) => ({ name, type })) : [];
}

function lineageOf({ planHash, bound, secured, write, change }: Governed): StatementLineage {
  const into = write?.into?.write;
  if (into !== undefined) return tableWriteLineage(into, secured.plan);
  const key = `${planHash} ${bound.output.map(({ name }) => name).join('\0')}`;
  const lineage = known.get(key) ?? statementLineage(secured.plan, bound.output);
  known.set(key, lineage);
  return change === undefined ? lineage : rowChangeLineage(lineage, change.bound.columns);
}
