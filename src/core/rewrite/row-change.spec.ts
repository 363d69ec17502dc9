/**
 * UPDATE, DELETE and MERGE under a row rule do what they would do to a table that has nothing but the rows its caller
 * sees, and refuse what would make a row that the caller does not see. Both sides are counted out here, row by row.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BindContext } from '../bind/context.js';
import { bindRowChange } from '../bind/row-change.js';
import type { TargetNames } from '../bind/write.js';
import type { TableMeta } from '../catalog/catalog.js';
import { GovernanceError } from '../errors.js';
import type { Expr, ScanColumn } from '../plan/plan.js';
import type { SecuredClause } from '../plan/secured-change.js';
import { BOOLEAN, INT } from '../plan/types.js';
import type { BoundRowChange, RowClause } from '../plan/write.js';
import type { Mask, TableDecision } from '../policy/decision.js';
import type { DeleteRows, MergeRows, UpdateRows } from '../sql/ast-write.js';
import { functionTable } from '../sql/functions/table.js';
import { parseStatement } from '../sql/parse.js';
import { callOf, columnOf, intOf } from './expressions.js';
import { changeQuery, securedChange } from './row-change.js';
import { type BindRule, securePlan } from './secure.js';

const RUNS = 300;
type Value = number | boolean | null;
type Row = Readonly<Record<string, Value>>;

const tableOf = (table: string, columns: readonly string[]): TableMeta => ({
  id: `lake.main.${table}`,
  catalog: 'lake',
  schema: 'main',
  table,
  columns: columns.map((name) => ({ name, type: INT, nullable: true, tags: [] })),
  tags: [],
  source: { format: 'parquet', files: [], partitions: [] },
  version: '1',
});
const TARGET = tableOf('t', ['a', 'B', 'part']);
const SOURCE = tableOf('s', ['k', 'v']);
const TABLES = new Map([TARGET, SOURCE].map((table) => [table.id, table]));

const context: BindContext = {
  functions: functionTable,
  resolveTable: (parts) => TABLES.get(`lake.main.${parts.at(-1)?.toLowerCase()}`),
  parameters: { named: new Map(), positional: [] },
  currentUser: 'ana',
  currentCatalog: 'lake',
  currentSchema: 'main',
  now: { timestamp: '2026-01-31 12:00:00.000000' },
};
const names: TargetNames = {
  resolve: () => ({ object: TARGET.id, all: TARGET.columns, known: TARGET.columns, format: 'delta' }),
  idOf: () => TARGET.id,
};
const bound = (sql: string): BoundRowChange =>
  bindRowChange(
    parseStatement(sql, { parameters: 'statement' }) as DeleteRows | UpdateRows | MergeRows,
    context,
    names,
  );

function decision(table: TableMeta, masks: Readonly<Record<string, Mask>>, ruled: boolean): TableDecision {
  const rule = {
    policy: 'p',
    rule: 'r',
    version: 1,
    mode: 'restrictive',
    scope: table.id,
    where: 'r',
  } as const;
  return {
    object: table.id,
    actions: { browse: true, read: true, write: true, explain: false, code: false, administer: false },
    grants: [],
    rows: ruled ? { kind: 'rule', rule } : { kind: 'all' },
    columns: table.columns.map(({ name }) => ({
      column: name,
      mask: masks[name] ?? { kind: 'clear' },
      rules: [],
      predicate: 'allow',
    })),
  };
}

function securedOf(
  change: BoundRowChange,
  bindRule: BindRule | undefined,
  masks: Readonly<Record<string, Mask>> = {},
) {
  const decisions = new Map([
    [TARGET.id, decision(TARGET, masks, bindRule !== undefined)],
    [SOURCE.id, decision(SOURCE, {}, false)],
  ]);
  const { query } = changeQuery(change);
  const secured = securePlan({
    bound: query,
    decisions,
    tables: TABLES,
    bindRule: bindRule ?? (() => intOf(1)),
  });
  return securedChange(change, secured.plan);
}

const rawOf = (raw: readonly ScanColumn[], name: string): Expr => {
  const found = raw.find((column) => column.source === name);
  if (found === undefined) throw new Error(name);
  return columnOf(found);
};
/** `part < 2`: rows of part 2, and of none, are hidden. */
const RULE: BindRule = (_, __, raw) => callOf('<', [rawOf(raw, 'part'), intOf(2)]);
const isSeen = ({ part }: Row): boolean => typeof part === 'number' && part < 2;

type Scope = ReadonlyMap<number, Value>;
const CALLS: Readonly<Record<string, (a: number, b: number) => Value>> = {
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '+': (a, b) => a + b,
  '/': (a, b) => {
    if (b === 0) throw new Error('divided by zero');
    return a / b;
  },
};

function worth(expr: Expr, scope: Scope): Value {
  switch (expr.kind) {
    case 'literal':
      return typeof expr.value === 'bigint' ? Number(expr.value) : (expr.value as Value);
    case 'column':
      if (!scope.has(expr.id)) throw new Error(`column ${expr.id} is not there`);
      return scope.get(expr.id) ?? null;
    case 'cast':
      return worth(expr.operand, scope);
    case 'case': {
      const found = expr.branches.find(({ when }) => worth(when, scope) === true);
      const chosen = found?.then ?? expr.otherwise;
      return chosen === undefined ? null : worth(chosen, scope);
    }
    case 'call': {
      const [a, b] = expr.args.map((arg) => worth(arg, scope));
      if (a === undefined || b === undefined) throw new Error(expr.fn);
      if (expr.fn === 'and')
        return a === false || b === false ? false : a === null || b === null ? null : true;
      if (expr.fn === 'or') return a === true || b === true ? true : a === null || b === null ? null : false;
      const call = CALLS[expr.fn];
      if (call === undefined) throw new Error(expr.fn);
      return a === null || b === null ? null : call(Number(a), Number(b));
    }
    default:
      throw new Error(expr.kind);
  }
}

interface Change {
  readonly on?: Expr;
  readonly clauses: readonly (RowClause | SecuredClause)[];
}

/** What the table holds afterwards, or that a check did not hold. `made` are rows that a clause made. */
function applied(
  change: Change,
  rows: readonly Row[],
  source: readonly Row[] | undefined,
  scopeOf: (target: Row | undefined, given: Row | undefined) => Scope,
): { readonly rows: readonly Row[]; readonly made: readonly Row[]; readonly refused: boolean } {
  const after: Row[] = [];
  const made: Row[] = [];
  let refused = false;
  const clauseFor = (when: RowClause['when'], scope: Scope) =>
    change.clauses.find(
      (clause) =>
        clause.when === when && (clause.condition === undefined || worth(clause.condition, scope) === true),
    );
  const run = (clause: RowClause | SecuredClause | undefined, row: Row | undefined, scope: Scope): void => {
    if (clause === undefined) {
      if (row !== undefined) after.push(row);
      return;
    }
    if (clause.action.kind === 'delete') return;
    const values = clause.action.values.map(({ column, value }) => [column, worth(value, scope)]);
    const next = { ...(row ?? { a: null, B: null, part: null }), ...Object.fromEntries(values) };
    const check = 'check' in clause ? clause.check : undefined;
    if (check !== undefined && worth(check, scope) !== true) refused = true;
    after.push(next);
    made.push(next);
  };
  const matched = new Set<Row>();
  for (const row of rows) {
    const given = source?.find(
      (one) => change.on === undefined || worth(change.on, scopeOf(row, one)) === true,
    );
    if (given !== undefined) matched.add(given);
    const scope = scopeOf(row, given);
    const when = source === undefined || given !== undefined ? 'matched' : 'not-matched-by-source';
    run(clauseFor(when, scope), row, scope);
  }
  for (const given of source ?? []) {
    if (matched.has(given)) continue;
    const scope = scopeOf(undefined, given);
    const clause = clauseFor('not-matched', scope);
    if (clause !== undefined) run(clause, undefined, scope);
  }
  return { rows: after, made, refused };
}

const scopeOver =
  (target: ReadonlyMap<number, string>, source: readonly { readonly id: number; readonly name: string }[]) =>
  (row: Row | undefined, given: Row | undefined): Scope =>
    new Map([
      ...[...target].map(([id, name]): [number, Value] => [id, row?.[name] ?? null]),
      ...source.map(({ id, name }): [number, Value] => [id, given?.[name] ?? null]),
    ]);

const small = fc.integer({ min: 0, max: 3 });
const unsure = fc.oneof({ weight: 4, arbitrary: small }, { weight: 1, arbitrary: fc.constant(null) });
/** Of a hidden row B is 0: whoever computes `1 / B` for it is found out. */
const targetRows = fc.array(
  fc
    .record({ a: unsure, B: fc.integer({ min: 1, max: 3 }), part: unsure })
    .map((row) => (isSeen(row) ? row : { ...row, B: 0 })),
  { maxLength: 6 },
);
const sourceRows = fc.uniqueArray(fc.record({ k: small, v: unsure }), {
  selector: ({ k }) => k,
  maxLength: 4,
});

const condition = fc.constantFrom('a > 1', 'B = 2', '1 / B > 0', 'part = 0', 'a = part');
const values = fc.constantFrom('a = a + 1', 'part = part + 1', 'part = 3, B = 2', 'B = part', 'part = NULL');
const perhaps = (text: fc.Arbitrary<string>, before: string): fc.Arbitrary<string> =>
  fc.option(text, { nil: '' }).map((chosen) => (chosen === '' ? '' : `${before} ${chosen}`));
const merge = fc
  .record({
    first: perhaps(fc.constantFrom('t.B = 2', '1 / t.B > 0', 's.v > 1', 't.part = s.v'), 'AND'),
    action: fc.constantFrom('DELETE', 'UPDATE SET part = s.v', 'UPDATE SET a = t.a + s.v, B = 3'),
    insert: fc.constantFrom('(a, part) VALUES (s.k, s.v)', '(a, B) VALUES (s.k, 1)', '(part) VALUES (1)'),
    inserted: perhaps(fc.constant('s.v > 0'), 'AND'),
    rest: fc.constantFrom(
      '',
      'WHEN NOT MATCHED BY SOURCE AND 1 / t.B > 0 THEN DELETE',
      'WHEN NOT MATCHED BY SOURCE THEN UPDATE SET part = 5',
    ),
    on: fc.constantFrom('t.a = s.k', 't.a = s.k AND 1 / t.B > 0'),
  })
  .map(
    ({ first, action, insert, inserted, rest, on }) =>
      `MERGE INTO t USING s ON ${on} WHEN MATCHED ${first} THEN ${action}
      WHEN NOT MATCHED ${inserted} THEN INSERT ${insert} ${rest}`,
  );
const statement = fc.oneof(
  perhaps(condition, 'WHERE').map((where) => `DELETE FROM t ${where}`),
  fc.tuple(values, perhaps(condition, 'WHERE')).map(([set, where]) => `UPDATE t SET ${set} ${where}`),
  { weight: 3, arbitrary: merge },
);
const sorted = (rows: readonly Row[]): readonly string[] => rows.map((row) => JSON.stringify(row)).sort();

describe('a change of rows', () => {
  it('does to the rows that are seen what it would do to a table of them, and makes none that is not seen', () => {
    let [refusals, changes] = [0, 0];
    fc.assert(
      fc.property(statement, targetRows, sourceRows, (sql, rows, given) => {
        const change = bound(sql);
        const secured = securedOf(change, RULE);
        const source = change.source === undefined ? undefined : given;
        const output = change.source?.output ?? [];
        const plainColumns = new Map(change.scan.columns.map(({ id, source: name }) => [id, name]));
        const hidden = rows.filter((row) => !isSeen(row));
        const plain = applied(change, rows.filter(isSeen), source, scopeOver(plainColumns, output));
        const governed = applied(secured, rows, source, scopeOver(secured.targetColumns, output));
        const leaves = plain.made.some((row) => !isSeen(row));
        expect(governed.refused).toBe(leaves);
        if (leaves) refusals += 1;
        else expect(sorted(governed.rows)).toEqual(sorted([...plain.rows, ...hidden]));
        if (plain.made.length > 0) changes += 1;
      }),
      { numRuns: RUNS },
    );
    expect(refusals).toBeGreaterThan(3);
    expect(changes).toBeGreaterThan(5);
  });

  it('without a row rule stays as it was written', () => {
    fc.assert(
      fc.property(statement, targetRows, sourceRows, (sql, rows, given) => {
        const change = bound(sql);
        const secured = securedOf(change, undefined);
        expect(secured.clauses.every((clause) => clause.check === undefined)).toBe(true);
        const source = change.source === undefined ? undefined : given;
        const scope = scopeOver(secured.targetColumns, change.source?.output ?? []);
        const seen = rows.filter(isSeen);
        expect(sorted(applied(secured, seen, source, scope).rows)).toEqual(
          sorted(applied(change, seen, source, scope).rows),
        );
      }),
      { numRuns: RUNS },
    );
  });

  it('inserts a value for every column of the table, and reads of the source what it names', () => {
    const sql = 'MERGE INTO t USING s ON t.a = s.k WHEN NOT MATCHED THEN INSERT (b) VALUES (1)';
    const { clauses, source } = securedOf(bound(sql), RULE);
    const [{ action }] = clauses as [SecuredClause];
    if (action.kind === 'delete') throw new Error('not an insert');
    expect(action.values.map(({ column }) => column.toLowerCase())).toEqual(['a', 'b', 'part']);
    expect(source?.output.map(({ name }) => name)).toEqual(['k']);
  });
});

describe('a change of rows is refused', () => {
  const refusal = (
    sql: string,
    rule: BindRule | undefined,
    masks: Readonly<Record<string, Mask>> = {},
  ): unknown => {
    try {
      securedOf(bound(sql), rule, masks);
      return undefined;
    } catch (error) {
      if (!(error instanceof GovernanceError)) throw error;
      return [
        error.code,
        error.details.sqlState,
        error.details.position,
        error.details.remedy,
        error.details.denied,
      ];
    }
  };
  const AT = { line: 1, column: expect.any(Number) };

  it('where it reads a column that is masked, and not where it writes one', () => {
    const masks = { B: { kind: 'null' } } as const;
    const denied = [{ object: TARGET.id, columns: ['B'], action: 'read' }];
    const told = ['COLUMN_PREDICATE_DENIED', '42501', AT, expect.stringContaining('Leave B out'), denied];
    for (const sql of ['UPDATE t SET a = 1 WHERE B = 2', 'UPDATE t SET a = B', 'UPDATE t SET B = B + 1'])
      expect(refusal(sql, RULE, masks)).toEqual(told);
    expect(refusal('UPDATE t SET B = 1 WHERE a = 2', RULE, masks)).toBeUndefined();
    const merge = (rest: string): string => `MERGE INTO t USING s ON t.a = s.k ${rest}`;
    expect(refusal(merge('AND t.B = 1 WHEN MATCHED THEN DELETE'), RULE, masks)).toContain(told[0]);
    expect(refusal(merge('WHEN MATCHED AND t.B = 1 THEN DELETE'), RULE, masks)).toContain(told[0]);
    expect(refusal(merge('WHEN MATCHED THEN DELETE'), RULE, masks)).toBeUndefined();
  });

  it('where it, or the row rule, asks another table', () => {
    const told = ['FEATURE_NOT_ALLOWED', '0A000', AT, expect.stringContaining('MERGE'), undefined];
    const asks: BindRule = (_, __, ___, ids) => ({
      kind: 'exists',
      negated: false,
      type: BOOLEAN,
      nullable: false,
      plan: {
        kind: 'scan',
        leaf: ids.nextLeaf(),
        table: SOURCE.id,
        columns: [{ id: ids.nextColumn(), name: 'k', source: 'k', type: INT, nullable: true }],
      },
    });
    expect(refusal('DELETE FROM t WHERE a = 1', asks)).toEqual(told);
    expect(refusal('UPDATE t SET a = (SELECT max(k) FROM s)', RULE)).toEqual(told);
    expect(refusal('DELETE FROM t WHERE a IN (SELECT k FROM s)', RULE)).toEqual(told);
  });
});
