/** Lambdas: what their parameters mean, and what is refused where. Values: test/functions.spec.ts. */
import { describe, expect, it } from '@jest/globals';
import { bindSample, namesOf, refusalOf } from '../../../test/support/bind-sample.js';
import { walkPlan } from '../plan/traverse.js';
import { typeName } from '../plan/types.js';

const typesOf = (sql: string): readonly string[] => bindSample(sql).output.map(({ type }) => typeName(type));

/** Ids of columns that are used, outside of lambdas and in them. */
function usedColumns(sql: string): readonly string[] {
  const bound = bindSample(sql);
  const names = new Map(bound.leaves.flatMap(({ columns }) => columns.map(({ id, name }) => [id, name])));
  const used = new Set<string>();
  walkPlan(bound.plan, {
    expr: (expr) => {
      if (expr.kind === 'column') used.add(names.get(expr.id) ?? '');
    },
  });
  return [...used].filter((name) => name !== '').sort();
}

describe('a parameter of a lambda', () => {
  it('comes before a column of its name, whatever the case, and before one that is qualified', () => {
    expect(usedColumns('SELECT transform(marks, id -> ID + 1) FROM people')).toEqual(['marks']);
    expect(
      usedColumns("SELECT transform(array(named_struct('id', 1)), people -> people.id) FROM people"),
    ).toEqual([]);
  });

  it('means nothing outside of its lambda', () => {
    expect(usedColumns('SELECT transform(marks, id -> id), id FROM people')).toEqual(['id', 'marks']);
    expect(refusalOf('SELECT transform(marks, x -> 1), x FROM people')).toMatch(
      /^UNRESOLVED_COLUMN 1:34 There is no column x here\./,
    );
  });

  it('of an inner lambda hides that of an outer one, and both see columns', () => {
    expect(
      typesOf('SELECT transform(array(marks), m -> transform(m, m -> m + length(name))) FROM people'),
    ).toEqual(['array<array<int>>']);
    expect(
      usedColumns('SELECT transform(array(marks), m -> transform(m, m -> m + length(name))) FROM people'),
    ).toEqual(['marks', 'name']);
  });

  it('may be left out only where Spark has it so', () => {
    expect(typesOf('SELECT transform(marks, (x, i) -> i) FROM people')).toEqual(['array<int>']);
    expect(refusalOf('SELECT transform(marks, (x, i, j) -> 1) FROM people')).toBe(
      'INVALID_STATEMENT 1:25 The lambda of transform takes 1 or 2 parameters, not 3. Name each of them once.',
    );
    expect(refusalOf('SELECT exists(marks, (x, i) -> true) FROM people')).toBe(
      'INVALID_STATEMENT 1:22 The lambda of exists takes 1 parameters, not 2. Name each of them once.',
    );
    expect(refusalOf('SELECT zip_with(marks, marks, x -> x) FROM people')).toBe(
      'INVALID_STATEMENT 1:31 The lambda of zip_with takes 2 parameters, not 1. Name each of them once.',
    );
    expect(refusalOf('SELECT transform(marks, (x, X) -> 1) FROM people')).toMatch(
      /^INVALID_STATEMENT 1:29 Two parameters are called X\./,
    );
  });
});

describe('a lambda', () => {
  it('stands where a function takes one and nowhere else', () => {
    expect(refusalOf('SELECT upper(x -> x) FROM people')).toBe(
      'INVALID_STATEMENT 1:14 Argument 1 of upper is no lambda. Write a value.',
    );
    expect(refusalOf('SELECT transform(x -> x, marks) FROM people')).toBe(
      'INVALID_STATEMENT 1:18 Argument 1 of transform is no lambda. Write a value.',
    );
    expect(refusalOf('SELECT transform(marks, 5) FROM people')).toBe(
      'INVALID_STATEMENT 1:25 Argument 2 of transform is a lambda. Write x -> expression.',
    );
    expect(refusalOf('SELECT sum(x -> x) FROM people')).toMatch(/^INVALID_STATEMENT 1:12 A lambda may only/);
    expect(refusalOf('SELECT transform(id, x -> x) FROM people')).toBe(
      'TYPE_MISMATCH 1:22 transform: its first argument must be an array. Cast one side.',
    );
    expect(refusalOf('SELECT map_filter(marks, (k, v) -> true) FROM people')).toBe(
      'TYPE_MISMATCH 1:26 map_filter: its first argument must be a map. Cast one side.',
    );
  });

  it('gives what the function asks for', () => {
    expect(refusalOf('SELECT filter(marks, x -> x) FROM people')).toBe(
      'TYPE_MISMATCH 1:8 filter: its lambda must give a boolean, not int. Cast one side.',
    );
    expect(refusalOf('SELECT aggregate(marks, 0, (a, x) -> a + 1L) FROM people')).toBe(
      'TYPE_MISMATCH 1:8 aggregate: its lambda must give what it starts with, int, not bigint. Cast one side.',
    );
    expect(refusalOf('SELECT array_sort(marks, (a, b) -> 1L) FROM people')).toBe(
      'TYPE_MISMATCH 1:8 array_sort: its lambda must give an int, not bigint. Cast one side.',
    );
    expect(
      typesOf(
        'SELECT aggregate(marks, 0, (a, x) -> a + x, a -> a > 1), filter(marks, x -> NULL) FROM people',
      ),
    ).toEqual(['boolean', 'array<int>']);
  });

  it('holds no subquery, no aggregate and no window', () => {
    expect(refusalOf('SELECT transform(marks, x -> (SELECT max(id) FROM orders)) FROM people')).toBe(
      'FEATURE_NOT_ALLOWED 1:31 A subquery inside a lambda is not allowed. Join the table, and use its columns in the lambda.',
    );
    expect(refusalOf('SELECT exists(marks, x -> x IN (SELECT id FROM orders)) FROM people')).toMatch(
      /^FEATURE_NOT_ALLOWED 1:33 A subquery inside a lambda/,
    );
    expect(refusalOf('SELECT exists(marks, x -> EXISTS (SELECT 1 FROM orders)) FROM people')).toMatch(
      /^FEATURE_NOT_ALLOWED 1:35 A subquery inside a lambda/,
    );
    expect(refusalOf('SELECT transform(marks, x -> sum(x)) FROM people')).toMatch(
      /^INVALID_GROUPING 1:30 The aggregate sum may not stand in a lambda\./,
    );
    expect(refusalOf('SELECT transform(marks, x -> row_number() OVER (ORDER BY id)) FROM people')).toMatch(
      / 1:30 /,
    );
  });

  it('is grouped like what it is made of: the names of parameters do not matter, columns do', () => {
    const grouped = 'SELECT transform(marks, x -> x + 1) FROM people GROUP BY transform(marks, y -> y + 1)';
    expect(typesOf(grouped)).toEqual(['array<int>']);
    expect(refusalOf(grouped.replace('y + 1', 'y + 2'))).toMatch(/^INVALID_GROUPING 1:8 marks is neither/);
    expect(refusalOf('SELECT transform(marks, x -> x + id) FROM people GROUP BY marks')).toMatch(
      /^INVALID_GROUPING 1:8 id is neither grouped/,
    );
    expect(
      refusalOf(
        'SELECT zip_with(marks, marks, (x, y) -> x) FROM people GROUP BY zip_with(marks, marks, (x, y) -> y)',
      ),
    ).toMatch(/^INVALID_GROUPING/);
    expect(typesOf('SELECT transform(array(id), x -> x + id) FROM people GROUP BY id')).toEqual([
      'array<int>',
    ]);
  });

  it('has the name in the result that Spark gives it', () => {
    expect(namesOf('SELECT transform(marks, x -> x + 1), reduce(marks, 0, (a, x) -> a) FROM people')).toEqual(
      [
        'transform(marks, lambdafunction((namedlambdavariable() + 1), namedlambdavariable()))',
        'reduce(marks, 0, lambdafunction(namedlambdavariable(), namedlambdavariable(), namedlambdavariable()), lambdafunction(namedlambdavariable(), namedlambdavariable()))',
      ],
    );
    expect(
      namesOf("SELECT transform(array(named_struct('a', 1)), x -> concat(x.a, people.name)) FROM people"),
    ).toEqual([
      'transform(array(named_struct(a, 1)), lambdafunction(concat(namedlambdavariable().a, name), namedlambdavariable()))',
    ]);
  });
});

describe('an argument by name', () => {
  it('goes to its place, with defaults for those that are left out', () => {
    const plan = (sql: string): string =>
      JSON.stringify(bindSample(sql).plan, (key, value: unknown) =>
        key === 'at' ? undefined : typeof value === 'bigint' ? String(value) : value,
      ).replaceAll(/"name":"mask[^"]*"/g, '');
    expect(plan("SELECT mask(name, lowerchar => 'q') FROM people")).toBe(
      plan("SELECT mask(name, 'X', 'q') FROM people").replace(
        /("value":"q"})\]/,
        '$1,{"kind":"literal","type":{"kind":"string"},"value":"n","nullable":false},{"kind":"literal","type":{"kind":"string"},"value":null,"nullable":true}]',
      ),
    );
    expect(typesOf('SELECT mask(str => name) FROM people')).toEqual(['string']);
  });

  it('is refused where it has no place', () => {
    expect(refusalOf("SELECT mask(name, upper => 'q') FROM people")).toBe(
      'INVALID_STATEMENT 1:19 mask has no argument upper. Its arguments are str, upperChar, lowerChar, digitChar, otherChar.',
    );
    expect(refusalOf("SELECT mask(name, str => 'q') FROM people")).toMatch(
      /^INVALID_STATEMENT 1:19 str is given twice\./,
    );
    expect(refusalOf("SELECT mask(str => name, 'q') FROM people")).toBe(
      'INVALID_STATEMENT 1:26 An argument without a name stands behind one with a name. Name it as well.',
    );
    expect(refusalOf("SELECT mask(upperChar => 'q') FROM people")).toBe(
      'INVALID_STATEMENT 1:8 mask needs str. Give it a value.',
    );
    expect(refusalOf('SELECT upper(str => name) FROM people')).toBe(
      'INVALID_STATEMENT 1:14 The arguments of upper have no names. Give the arguments in order.',
    );
    expect(refusalOf('SELECT sum(x => id) FROM people')).toMatch(
      /^INVALID_STATEMENT 1:12 This function takes/,
    );
  });
});
