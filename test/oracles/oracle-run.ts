/**
 * The oracles over one random case each. A case is named by its seed alone, so that a failure can be run
 * again.
 */
import { predicateColumns, provenance } from '../../src/core/bind/provenance.js';
import type { CatalogSnapshot } from '../../src/core/catalog/catalog.js';
import type { BoundQuery } from '../../src/core/plan/plan.js';
import type { Engine } from '../../src/engines/engine.js';
import type { PolicyView } from '../../src/gateway/policies.js';
import {
  type Answer,
  ask,
  explained,
  type Fault,
  type Governed,
  governed,
  run,
  type Seen,
  seen,
  type World,
} from './ask.js';
import type { Lakes, LeftOut } from './governed-lake.js';
import { type Closed, closedTo, type OraclePolicy, physicalCopy } from './policy-model.js';
import { Random } from './random.js';
import { policyDocument, randomPolicy } from './random-policy.js';
import { randomQuery } from './random-query.js';
import { type Data, randomData, TABLES } from './tables.js';
import { refilled, twinData } from './twin.js';

export type MakePolicies = (documents: readonly Record<string, unknown>[]) => PolicyView;

/** One policy over one lake, with what the oracles compare it to, made when first asked for. */
export interface Ground {
  readonly data: Data;
  readonly policy: OraclePolicy;
  readonly closed: Closed;
  readonly governed: World;
  /** Filtered and masked physically, everything in it open. */
  copy(): Promise<World>;
  /** Differs only where the probe may not look. */
  twin(): Promise<World>;
  /** Differs only in columns that a policy keeps out of conditions. */
  refilled(): Promise<World>;
  drop(): void;
}

export async function makeGround(
  seed: number,
  lakes: Lakes,
  make: MakePolicies,
  makePolicy: (random: Random) => OraclePolicy = randomPolicy,
): Promise<Ground> {
  const random = new Random(seed);
  const data = randomData(random);
  const policy = makePolicy(random);
  const closed = closedTo(policy);
  const policies = make([policyDocument(policy)]);
  const made: CatalogSnapshot[] = [];
  const world = async (rows: Data, own: PolicyView, leftOut?: LeftOut): Promise<World> => {
    const catalog = await lakes.make(rows, leftOut);
    made.push(catalog);
    return { catalog, policies: own };
  };
  const leftOut = { tables: closed.hiddenTables, columns: closed.hiddenColumns };
  return {
    data,
    policy,
    closed,
    governed: await world(data, policies),
    copy: once(() => world(physicalCopy(data, policy), make([copyDocument(closed)]), leftOut)),
    twin: once(() => world(twinData(new Random(seed + 1), data, policy), policies)),
    refilled: once(() =>
      world(refilled(new Random(seed + 2), data, policy, closed.predicateDenied), policies),
    ),
    drop: () => {
      for (const catalog of made) lakes.drop(catalog);
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** No filters and no masks; what is refused as such (not by its rows) is refused over the copy too. */
function copyDocument(closed: Closed): Record<string, unknown> {
  const readable = TABLES.map((table) => table.name).filter((name) => !closed.deniedTables.has(name));
  const to = ['user:probe'];
  return {
    kind: 'policy',
    name: 'copy',
    grants: [
      { allow: ['browse'], to, on: ['lake.main'] },
      { allow: ['read'], to, on: readable.map((name) => `lake.main.${name}`) },
    ],
    columns: [...closed.predicateDenied].map((id) => ({ on: [`lake.main.${id}`], to, predicate: 'deny' })),
  };
}

export interface Verdict {
  readonly same: boolean;
  readonly sql: string;
  readonly governed: Seen;
  readonly other: Seen;
  /** What was explained of it, where that is compared. */
  readonly why?: readonly (readonly unknown[])[];
  /** Set when the statement got as far as the engine. */
  readonly way?: Governed;
}

/** Oracle 1: governed over the raw lake == ungoverned over the physical copy. */
export async function compareWithCopy(engine: Engine, ground: Ground, seed: number): Promise<Verdict> {
  const sql = randomQuery(new Random(seed), ground.closed);
  let way: Governed | undefined;
  const answer = await seen(() => {
    way = governed(ground.governed, sql);
    return run(engine, way);
  });
  const other = await ask(engine, await ground.copy(), sql);
  return { same: sameSeen(answer, other), sql, governed: answer, other, ...(way ? { way } : {}) };
}

/** As oracle 1, with a broken rewriter; undefined where the fault changes nothing. */
export async function compareFaulted(
  engine: Engine,
  ground: Ground,
  seed: number,
  fault: Fault,
): Promise<Verdict | undefined> {
  const sql = randomQuery(new Random(seed), ground.closed);
  const way = await seen(() => governed(ground.governed, sql, fault));
  if ('error' in way || !way.faulted) return undefined;
  const answer = await seen(() => run(engine, way));
  const other = await ask(engine, await ground.copy(), sql);
  return { same: sameSeen(answer, other), sql, governed: answer, other };
}

/** Oracle 2: the same statement over a lake that differs only where the probe may not look. */
export async function compareWithTwin(engine: Engine, ground: Ground, seed: number): Promise<Verdict> {
  const sql = randomQuery(new Random(seed), ground.closed);
  const answer = await ask(engine, ground.governed, sql);
  const twin = await ground.twin();
  const other = await ask(engine, twin, sql);
  const why = await explained(engine, ground.governed, sql);
  const otherWhy = await explained(engine, twin, sql);
  const sameWhy = JSON.stringify(why) === JSON.stringify(otherWhy);
  return {
    same: JSON.stringify(answer) === JSON.stringify(other) && sameWhy,
    sql,
    governed: answer,
    other,
    ...(sameWhy ? {} : { why: [why, otherWhy] }),
  };
}

/**
 * Oracle 3: an allowed statement gives the same rows whatever stands in a column that a policy keeps out of
 * conditions; only what is computed from that column may differ. Undefined where it does not apply.
 */
export async function compareRefilled(
  engine: Engine,
  ground: Ground,
  seed: number,
  fault?: Fault,
): Promise<Verdict | undefined> {
  // Every other statement is made without care for such columns.
  const closed = seed % 2 === 0 ? ground.closed : { ...ground.closed, predicateDenied: new Set<string>() };
  const sql = randomQuery(new Random(seed), closed);
  const way = await seen(() => governed(ground.governed, sql, fault));
  if ('error' in way) return undefined;
  const denied = deniedOutputs(way.bound, ground.closed);
  if (denied === undefined) return undefined;
  const answer = await seen(() => run(engine, way));
  const refilled = await ground.refilled();
  const other = await seen(() => run(engine, governed(refilled, sql, fault)));
  // An expression that raises on the column itself tells of its own value only.
  if ('error' in answer || 'error' in other) return undefined;
  return {
    same: JSON.stringify(without(answer, denied)) === JSON.stringify(without(other, denied)),
    sql,
    governed: answer,
    other,
  };
}

/** Output positions computed from a column with `predicate: deny`; undefined where none is used at all. */
function deniedOutputs(bound: BoundQuery, { predicateDenied }: Closed): ReadonlySet<number> | undefined {
  const tables = new Map(bound.leaves.map((leaf) => [leaf.leaf, leaf.table.replace('lake.main.', '')]));
  const isDenied = (source: { readonly leaf: number; readonly source: string }): boolean =>
    predicateDenied.has(`${tables.get(source.leaf)}.${source.source}`);
  const outputs = provenance(bound).flatMap((sources, i) => (sources.some(isDenied) ? [i] : []));
  return outputs.length === 0 && !predicateColumns(bound).some(isDenied) ? undefined : new Set(outputs);
}

const without = (answer: Answer, positions: ReadonlySet<number>): readonly string[] =>
  answer.rows
    .map((row) => JSON.stringify((JSON.parse(row) as unknown[]).filter((_, i) => !positions.has(i))))
    .sort();

/**
 * An engine may skip an expression that would raise (an empty side of a join), so an error over the copy is
 * no error of the governed run by necessity; the other way round it would tell of rows that the copy does
 * not have. Refusals are the same to the letter.
 */
const sameSeen = (answer: Seen, copy: Seen): boolean => {
  if ('error' in copy && RAISED.has(copy.error)) return !('error' in answer) || answer.error === copy.error;
  return JSON.stringify(answer) === JSON.stringify(copy);
};
export const RAISED: ReadonlySet<string> = new Set([
  'ARITHMETIC_ERROR',
  'CAST_INVALID_INPUT',
  'INVALID_INDEX',
  'ENGINE_ERROR',
]);
