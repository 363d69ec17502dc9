/**
 * What a decision costs at 100 and at 10,000 policies: remembered, made anew, and the index rebuilt. CPU time
 * of this thread, so that a busy machine does not count.
 */
import type { TableMeta } from '../src/core/catalog/catalog.js';
import { BIGINT, STRING } from '../src/core/plan/types.js';
import {
  type CompiledPolicies,
  compilePolicies,
  type VersionedDocument,
} from '../src/core/policy/compile.js';
import type { Principal } from '../src/core/policy/decision.js';
import { parsePolicy } from '../src/core/policy/document.js';
import { DecidingPolicies } from '../src/core/policy/memo.js';

export interface BenchFigure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly aim: number;
}

const FEW = 100;
const MANY = 10_000;
const TABLES_PER_SCHEMA = 50;
const COLUMNS = 12;
/** Rules about tags are general: they do not grow with the tables. */
const TAGS = 20;
const NOW = Date.parse('2026-06-01T00:00:00Z');
const HIT_AIM_US = 2;
const MISS_AIM_US = 300;
const GROWTH_AIM = 1.2;
const REBUILD_AIM_MS = 100;
const HITS = 200_000;
const MISSES = 5_000;
const REBUILDS = 9;

export async function decisionBench(): Promise<readonly BenchFigure[]> {
  const [few, many] = [documents(FEW), documents(MANY)];
  // Compiled beforehand: what was just made is still being moved by the collector.
  const [fewCompiled, manyCompiled] = [compilePolicies(few, 1), compilePolicies(many, 1)];
  // Interleaved, so that what the machine does meanwhile falls on both alike.
  const [hitFew, hitMany] = interleaved(
    () => hitUs(fewCompiled),
    () => hitUs(manyCompiled),
  );
  const [missFew, missMany] = interleaved(
    () => missUs(fewCompiled),
    () => missUs(manyCompiled),
  );
  return [
    { name: `memo hit, ${FEW} policies`, value: hitFew, unit: 'µs', aim: HIT_AIM_US },
    { name: `memo hit, ${MANY} policies`, value: hitMany, unit: 'µs', aim: HIT_AIM_US },
    { name: 'memo hit, many to few', value: hitMany / hitFew, unit: 'x', aim: GROWTH_AIM },
    { name: `miss, ${FEW} policies`, value: missFew, unit: 'µs', aim: MISS_AIM_US },
    { name: `miss, ${MANY} policies`, value: missMany, unit: 'µs', aim: MISS_AIM_US },
    { name: 'miss, many to few', value: missMany / missFew, unit: 'x', aim: GROWTH_AIM },
    { name: `index rebuild, ${MANY} policies`, value: rebuildMs(many), unit: 'ms', aim: REBUILD_AIM_MS },
  ];
}

/** Document `i` is about table `i` and its schema: grants, a row rule, masks, and now and then a validity. */
function documents(count: number): readonly VersionedDocument[] {
  return Array.from({ length: count }, (_, i) => ({ version: 1, document: parsePolicy(document(i)) }));
}

function document(i: number): unknown {
  const table = tableName(i);
  return {
    kind: 'policy',
    name: `policy-${i}`,
    grants: [
      { allow: ['browse', 'read'], to: [`role:team-${i % 97}`, 'role:analyst'], on: [table] },
      { deny: ['read'], to: [`group:outside-${i % 13}`], on: [table] },
    ],
    rows: [{ name: 'own', on: [table], to: ['role:analyst'], where: 'country IN (:principal.countries)' }],
    columns: [
      { on: [`${table}.c1`], to: ['all'], except: ['role:steward'], mask: 'redact' },
      { on: [i < TAGS ? `tag:t${i}` : `${table}.c2`], to: ['role:analyst'], mask: { showLast: 4 } },
    ],
    ...(i % 10 === 0
      ? { valid: { from: '2026-01-01', until: `2027-01-${String((i % 28) + 1).padStart(2, '0')}` } }
      : {}),
  };
}

const tableName = (i: number): string =>
  `lake.s${Math.floor(i / TABLES_PER_SCHEMA)}.t${i % TABLES_PER_SCHEMA}`;

function table(i: number): TableMeta {
  const id = tableName(i);
  const [catalog = '', schema = '', name = ''] = id.split('.');
  const columns = Array.from({ length: COLUMNS }, (_, c) => ({
    name: `c${c}`,
    type: c === 0 ? BIGINT : STRING,
    nullable: true,
    tags: c === 2 ? [`t${i % TAGS}`] : [],
  }));
  const source = { format: 'parquet', files: [], partitions: [] } as const;
  return { id, catalog, schema, table: name, columns, tags: [], source, version: '0123456789abcdef' };
}

const ANA: Principal = {
  user: 'ana',
  roles: ['analyst', 'team-3'],
  groups: ['berlin'],
  attributes: { countries: ['DE'] },
  via: 'bench',
};

function hitUs(compiled: CompiledPolicies): number {
  const deciding = new DecidingPolicies(compiled);
  const asked = Array.from({ length: FEW }, (_, i) => ({ principal: ANA, tables: [table(i)], now: NOW }));
  for (const request of asked) deciding.decide(request);
  const started = cpuUs();
  for (let i = 0; i < HITS; i += 1) deciding.decide(asked[i % FEW] ?? raise());
  return (cpuUs() - started) / HITS;
}

/** Nobody asks twice. */
function missUs(compiled: CompiledPolicies): number {
  const deciding = new DecidingPolicies(compiled);
  const tables = Array.from({ length: FEW }, (_, i) => [table(i)]);
  const asked = Array.from({ length: MISSES }, (_, i) => ({
    principal: { ...ANA, user: `ana-${i}` },
    tables: tables[i % FEW] ?? raise(),
    now: NOW,
  }));
  const started = cpuUs();
  for (const request of asked) deciding.decide(request);
  return (cpuUs() - started) / MISSES;
}

function rebuildMs(documents: readonly VersionedDocument[]): number {
  return median(
    Array.from({ length: REBUILDS }, (_, i) => {
      const started = cpuUs();
      compilePolicies(documents, i);
      return (cpuUs() - started) / 1000;
    }),
  );
}

const ROUNDS = 7;
function interleaved(a: () => number, b: () => number): readonly [number, number] {
  const [as, bs]: [number[], number[]] = [[], []];
  a();
  b();
  for (let i = 0; i < ROUNDS; i += 1) {
    as.push(a());
    bs.push(b());
  }
  return [median(as), median(bs)];
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? raise();

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function raise(): never {
  throw new Error('nothing was measured');
}
