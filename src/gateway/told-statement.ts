/** A governed SQL statement as lineage sees it. */
import { LRUCache } from 'lru-cache';
import { type StatementLineage, statementLineage } from '../core/lineage/lineage.js';
import type { Governed } from './govern.js';
import type { ToldStatement } from './lineage-teller.js';

/** Plans remembered: the same question asked again has the same lineage. */
const PLANS_MAX = 1_000;
const known = new LRUCache<string, StatementLineage>({ max: PLANS_MAX });

export const toldStatement = (governed: Governed): ToldStatement => {
  const { shape, planHash, engine, governance, objects, schema } = governed;
  return {
    shape: shape.shape,
    planHash,
    engine: engine.id,
    governance,
    objects,
    schema: schema.map(({ name, type }) => ({ name, type })),
    lineage: () => lineageOf(governed),
  };
};

function lineageOf({ planHash, bound, secured }: Governed): StatementLineage {
  const key = `${planHash} ${bound.output.map(({ name }) => name).join('\0')}`;
  const lineage = known.get(key) ?? statementLineage(secured.plan, bound.output);
  known.set(key, lineage);
  return lineage;
}
