/** Random policies, and the documents that say them to Sluice. */
import type { OracleMask } from './mask-values.js';
import {
  type OracleGrant,
  type OracleMasking,
  type OraclePolicy,
  type OracleRule,
  OTHER_SUBJECTS,
  PROBE_SUBJECTS,
} from './policy-model.js';
import type { Random } from './random.js';
import { type RuleText, sharedRules, tableRules } from './random-rule.js';
import { type ColumnKind, TABLES } from './tables.js';

const MASKS: Readonly<Record<ColumnKind, readonly OracleMask[]>> = {
  string: [
    'null',
    'redact',
    'email',
    'hide',
    { showFirst: 1 },
    { showLast: 2 },
    { showLast: 4 },
    { constant: 'n/a' },
    { hash: { domain: 'people' } },
  ],
  int: ['null', 'hide', { round: 5 }, { bucket: [0, 18, 21] }, { constant: 7 }],
  decimal: ['null', 'hide', { round: 100 }, { bucket: [0, 100, 500] }],
  date: ['null', 'year', 'month', 'hide', 'day'],
  timestamp: ['null', 'year', 'month', 'day'],
  boolean: ['null', 'hide', { constant: true }],
  array: ['null', 'hide'],
  struct: ['null', 'hide'],
  map: ['null', 'hide'],
};
/** Masks that fit every column with this tag. */
const TAG_MASKS: Readonly<Record<string, readonly OracleMask[]>> = {
  'tag:pii.name': MASKS.string,
  'tag:pii.email': ['email', 'redact', { showLast: 2 }],
  'tag:geo': [{ showFirst: 1 }, 'null', { hash: { domain: 'geo' } }],
  'tag:geo.address': MASKS.struct,
  'tag:money': MASKS.decimal,
  'tag:pii.date': ['year', 'month', 'day', 'null'],
};
/** Scopes above a table. */
const SHARED_SCOPES = ['lake', 'lake.main', 'tag:pii', 'tag:sales', 'tag:secret'];

/** Columns that queries rely on to join are masked less often, or nothing would ever match. */
const KEY_COLUMNS = new Set(['id', 'person_id']);

/** Mostly the probe; now and then someone else, or everyone except the probe. */
function subjects(random: Random): { readonly to: readonly string[]; readonly except: readonly string[] } {
  if (random.chance(0.08)) return { to: [random.pick(OTHER_SUBJECTS)], except: [] };
  const to = [random.pick(PROBE_SUBJECTS)];
  if (random.chance(0.04)) return { to: ['all'], except: [random.pick(PROBE_SUBJECTS.slice(1))] };
  return { to, except: random.chance(0.15) ? [random.pick(OTHER_SUBJECTS)] : [] };
}

export function randomPolicy(random: Random): OraclePolicy {
  return { grants: grants(random), rules: rules(random), masks: maskings(random) };
}

/** As `randomPolicy`, with several columns kept out of conditions. */
export function predicatePolicy(random: Random): OraclePolicy {
  const policy = randomPolicy(random);
  const columns = TABLES.flatMap((table) =>
    Object.keys(table.columns).map((column) => `lake.main.${table.name}.${column}`),
  );
  const denied = random
    .some(columns, 4, 8)
    .map((on): OracleMasking => ({ on, to: ['user:probe'], except: [], predicate: 'deny' }));
  return { ...policy, masks: [...policy.masks, ...denied] };
}

/** Everything is open at first; the vault and, rarely, another table are closed again. */
function grants(random: Random): readonly OracleGrant[] {
  const made: OracleGrant[] = [
    { effect: 'allow', actions: ['browse', 'read'], to: ['role:analyst'], except: [], on: 'lake.main' },
  ];
  if (random.chance(0.6)) {
    const on = random.pick(['lake', 'lake.main']);
    made.push({ effect: 'allow', actions: ['explain'], ...subjects(random), on });
  }
  for (const on of [
    random.pick(['lake.main.vault', 'tag:secret']),
    random.pick(['lake.main.notes', 'tag:sales']),
  ]) {
    if (!random.chance(on.includes('vault') || on.includes('secret') ? 0.6 : 0.08)) continue;
    const actions = random.pick([['read'], ['browse', 'read'], ['browse']] as const);
    made.push({ effect: 'deny', actions, ...subjects(random), on });
  }
  return made;
}

function rules(random: Random): readonly OracleRule[] {
  const made: OracleRule[] = [];
  const add = (on: string, texts: readonly RuleText[]): void => {
    // One mode for all of a scope's rules every other time, so that OR over several is common.
    const mode = random.pick(['mixed', 'permissive', 'permissive', 'restrictive'] as const);
    for (const text of texts) {
      const own = mode === 'mixed' ? random.pick(['permissive', 'restrictive'] as const) : mode;
      made.push({ ...text, mode: own, ...subjects(random), on });
    }
  };
  for (const table of TABLES) {
    add(`lake.main.${table.name}`, tableRules(random, table.name, random.pick([0, 1, 1, 2, 3])));
  }
  for (const scope of SHARED_SCOPES) {
    if (random.chance(0.12)) add(scope, sharedRules(random, random.pick([1, 1, 2])));
  }
  return made;
}

function maskings(random: Random): readonly OracleMasking[] {
  const made: OracleMasking[] = [];
  for (const table of TABLES) {
    for (const [column, { kind }] of Object.entries(table.columns)) {
      const on = `lake.main.${table.name}.${column}`;
      if (random.chance(KEY_COLUMNS.has(column) ? 0.05 : 0.3)) {
        made.push({ on, ...subjects(random), mask: random.pick(MASKS[kind]) });
        // A second rule on the column, and sometimes one that lifts them.
        if (random.chance(0.15)) made.push({ on, ...subjects(random), mask: random.pick(MASKS[kind]) });
        if (random.chance(0.1)) made.push({ on, ...subjects(random), mask: 'clear' });
      }
      if (random.chance(0.02)) made.push({ on, ...subjects(random), predicate: 'deny' });
    }
  }
  for (const [on, masks] of Object.entries(TAG_MASKS)) {
    if (random.chance(0.25)) made.push({ on, ...subjects(random), mask: random.pick(masks) });
    if (random.chance(0.06)) made.push({ on, ...subjects(random), mask: 'clear' });
  }
  return made;
}

/** The policy as Sluice's own documents. */
export function policyDocument(policy: OraclePolicy): Record<string, unknown> {
  const target = ({ to, except, on }: { to: readonly string[]; except: readonly string[]; on: string }) => ({
    to,
    on: [on],
    ...(except.length > 0 ? { except } : {}),
  });
  return {
    kind: 'policy',
    name: 'oracle',
    grants: policy.grants.map((grant) => ({ ...target(grant), [grant.effect]: grant.actions })),
    rows: policy.rules.map((rule, i) => ({
      ...target(rule),
      name: `r${i}`,
      mode: rule.mode,
      where: rule.where,
    })),
    columns: policy.masks.map((masking) => ({
      ...target(masking),
      ...(masking.mask === undefined ? {} : { mask: masking.mask }),
      ...(masking.predicate === undefined ? {} : { predicate: masking.predicate }),
    })),
  };
}
