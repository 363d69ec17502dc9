/**
 * How a value came from a column, in OpenLineage's words (ColumnLineageDatasetFacet 1-2-0): DIRECT when the
 * value is in the output, INDIRECT when it only steers what is. Sets of them are kept by key, so that a column
 * used a hundred times is named once.
 */
import type { ObjectId } from '../catalog/catalog.js';

export type DirectSubtype = 'IDENTITY' | 'TRANSFORMATION' | 'AGGREGATION';
export type IndirectSubtype = 'JOIN' | 'GROUP_BY' | 'FILTER' | 'SORT' | 'WINDOW' | 'CONDITIONAL';

export interface Flow {
  readonly type: 'DIRECT' | 'INDIRECT';
  readonly subtype: DirectSubtype | IndirectSubtype;
  /** On the way the value was masked, hashed or counted. */
  readonly masking: boolean;
  /** A rule of a policy did this, not the statement. */
  readonly policy: boolean;
}

export interface Source {
  readonly table: ObjectId;
  /** As the catalogue spells it. */
  readonly column: string;
}
export interface Dependency extends Source {
  readonly flow: Flow;
}
export type Dependencies = ReadonlyMap<string, Dependency>;

export const NOTHING: Dependencies = new Map();

export const direct = (subtype: DirectSubtype, masking = false, policy = false): Flow => ({
  type: 'DIRECT',
  subtype,
  masking,
  policy,
});
export const indirect = (subtype: IndirectSubtype, policy = false): Flow => ({
  type: 'INDIRECT',
  subtype,
  masking: false,
  policy,
});

export const IDENTITY = direct('IDENTITY');
export const TRANSFORMATION = direct('TRANSFORMATION');

export function dependsOn(source: Source, flow: Flow): Dependencies {
  const dependency = { ...source, flow };
  return new Map([[keyOf(dependency), dependency]]);
}

/** All of them; the sets given are left alone. */
export function union(sets: readonly Dependencies[]): Dependencies {
  const filled = sets.filter((set) => set.size > 0);
  const [only] = filled;
  if (only === undefined) return NOTHING;
  if (filled.length === 1) return only;
  const all = new Map<string, Dependency>();
  for (const set of filled) for (const [key, dependency] of set) all.set(key, dependency);
  return all;
}

/** What flowed into a value, seen from behind a further step. */
export function through(step: Flow, inputs: Dependencies): Dependencies {
  if (inputs.size === 0 || isIdentity(step)) return inputs;
  const all = new Map<string, Dependency>();
  for (const { table, column, flow } of inputs.values()) {
    const dependency = { table, column, flow: after(step, flow) };
    all.set(keyOf(dependency), dependency);
  }
  return all;
}

const isIdentity = (flow: Flow): boolean => flow.subtype === 'IDENTITY' && !flow.masking && !flow.policy;

/**
 * Once indirect, always indirect; an aggregate stays one. A condition of the statement over a masked column is
 * the statement's doing, over a masked value.
 */
function after(step: Flow, flow: Flow): Flow {
  const masking = step.masking || flow.masking;
  if (flow.type === 'INDIRECT') return { ...flow, masking, policy: step.policy || flow.policy };
  if (step.type === 'INDIRECT') return { ...step, masking };
  const subtypes = [step.subtype, flow.subtype];
  const subtype = subtypes.includes('AGGREGATION')
    ? 'AGGREGATION'
    : subtypes.includes('TRANSFORMATION')
      ? 'TRANSFORMATION'
      : 'IDENTITY';
  return { type: 'DIRECT', subtype, masking, policy: step.policy || flow.policy };
}

const keyOf = ({ table, column, flow }: Dependency): string =>
  `${table}\0${column}\0${flow.subtype}\0${flow.masking ? 'm' : ''}${flow.policy ? 'p' : ''}`;
