/**
 * Random syntax trees, of every node that the parser can make: the law `parse(print(tree)) == tree` is tried
 * over them. A seed and a budget of nodes make one tree, so that a failing case shrinks by its budget.
 */
import type {
  BinaryOperator,
  Expression,
  FrameBound,
  FunctionCall,
  GroupingElement,
  Query,
  QueryBody,
  SortItem,
  Star,
  Statement,
  WindowSpec,
} from '../../src/core/sql/ast.js';
import type { PipeStep } from '../../src/core/sql/ast-pipe.js';
import type { Relation, RelationAlias } from '../../src/core/sql/ast-relation.js';
import { at, PLAIN, RandomAtoms, unwrapped } from './random-atoms.js';
import { randomStep } from './random-pipe.js';

const OPERATORS = '= <=> <> < <= > >= | ^ & + - || * / % div << >> >>> or and'.split(' ') as BinaryOperator[];

export class RandomTree extends RandomAtoms {
  expression = (): Expression => {
    if (!this.spend() || this.next() < 0.25) return this.leaf();
    return this.pick<() => Expression>([
      this.operator,
      this.operator,
      this.predicate,
      this.compound,
      this.call,
    ])();
  };
  private expressions = (): readonly Expression[] => this.some(1, 3, this.expression);

  /** A row of VALUES that holds a row alone is that row. */
  private row = (): readonly Expression[] => {
    const items = this.expressions();
    return items.length === 1 && items[0]?.kind === 'row' ? items[0].items : items;
  };

  private leaf(): Expression {
    return this.pick<() => Expression>([
      () => ({ kind: 'literal', value: this.literal(), at }),
      () => ({ kind: 'column', name: this.name(), at }),
      () => ({ kind: 'parameter', name: this.pick(['p', 'select', 'n1']), at }),
      () => this.bare('current_date'),
    ])();
  }
  private bare = (name: string): Expression => ({
    kind: 'call',
    name: [this.named(name, false)],
    args: [],
    bare: true,
    distinct: false,
    at,
  });

  private operator = (): Expression =>
    this.next() < 0.3
      ? {
          kind: 'unary',
          operator: this.pick(['-', '+', '~', 'not'] as const),
          operand: this.expression(),
          at,
        }
      : {
          kind: 'binary',
          operator: this.pick(OPERATORS),
          left: this.expression(),
          right: this.expression(),
          at,
        };

  private predicate = (): Expression => {
    const operand = this.expression();
    const negated = this.flag();
    return this.pick<() => Expression>([
      () => ({ kind: 'between', operand, low: this.expression(), high: this.expression(), negated, at }),
      () => ({ kind: 'in-list', operand, items: this.expressions(), negated, at }),
      () => ({ kind: 'in-subquery', operand, query: unwrapped(this.query()), negated, at }),
      () => ({ kind: 'exists', query: this.query(), at }),
      () => ({
        kind: 'like',
        operator: this.pick(['like', 'ilike'] as const),
        operand,
        pattern: this.expression(),
        negated,
        at,
        ...this.maybe('escape', () => this.pick(["'", '\\', '/'])),
      }),
      () => ({ kind: 'like', operator: 'rlike', operand, pattern: this.expression(), negated, at }),
      () => ({
        kind: 'is',
        test: this.pick(['null', 'true', 'false', 'unknown'] as const),
        operand,
        negated,
        at,
      }),
      () => ({ kind: 'is', test: 'distinct-from', operand, other: this.expression(), negated, at }),
    ])();
  };

  private compound = (): Expression =>
    this.pick<() => Expression>([
      () => ({ kind: 'scalar-subquery', query: this.query(), at }),
      () => ({
        kind: 'case',
        branches: this.some(1, 2, () => ({ when: this.expression(), then: this.expression() })),
        at,
        ...this.maybe('operand', this.expression),
        ...this.maybe('otherwise', this.expression),
      }),
      () => ({ kind: 'cast', operand: this.expression(), type: this.type(), try: this.flag(), at }),
      () => ({ kind: 'subscript', operand: this.expression(), index: this.expression(), at }),
      () => ({ kind: 'field', operand: this.expression(), field: this.identifier(), at }),
      () => ({ kind: 'row', items: [this.expression(), ...this.expressions()], at }),
    ])();

  private call = (): Expression => {
    const simple = ['f', 'count', 'trim', 'rtrim', 'struct', 'extract', 'position', 'substring'];
    const name = this.flag() ? [this.named(this.pick(simple), false)] : this.name();
    const base: FunctionCall = {
      kind: 'call',
      name,
      args: this.some(0, 3, this.expression),
      distinct: false,
      at,
    };
    return this.pick<() => Expression>([
      () => base,
      () => ({ ...base, args: [], star: this.star() }),
      () => ({ ...base, name: [this.named('count', false)], args: this.expressions(), distinct: true }),
      () => ({
        ...base,
        ...this.maybe('orderBy', this.sortItems),
        ...this.maybe('filter', this.expression),
        ...this.maybe('nulls', () => this.pick(['ignore', 'respect'] as const)),
        over: this.flag() ? this.window() : { kind: 'window-name', name: this.identifier() },
      }),
      () => ({
        ...base,
        args: [
          this.expression(),
          { kind: 'lambda', parameters: this.some(1, 2, this.identifier), body: this.expression(), at },
        ],
      }),
      () => ({
        ...base,
        args: [
          ...base.args,
          { kind: 'named-argument', name: this.identifier(), value: this.expression(), at },
        ],
      }),
      () => ({
        ...base,
        name: [this.named(this.pick(['timestampadd', 'timestampdiff']), false)],
        args: [
          { kind: 'literal', value: { type: 'string', value: 'DAY' }, at },
          this.expression(),
          this.expression(),
        ],
      }),
    ])();
  };

  private star = (): Star => ({
    kind: 'star',
    target: this.some(0, 2, this.identifier),
    except: this.some(0, 2, this.name),
    at,
  });
  private sortItems = (): readonly SortItem[] =>
    this.some(1, 2, () => ({
      expression: this.expression(),
      descending: this.flag(),
      at,
      ...this.maybe('nulls', () => this.pick(['first', 'last'] as const)),
    }));

  private window = (): WindowSpec => ({
    kind: 'window-spec',
    partitionBy: this.some(0, 2, this.expression),
    orderBy: this.flag() ? this.sortItems() : [],
    at,
    ...this.maybe('frame', () => ({
      unit: this.pick(['rows', 'range'] as const),
      start: this.bound(),
      end: this.bound(),
    })),
  });
  private bound = (): FrameBound =>
    this.flag()
      ? { kind: this.pick(['unbounded-preceding', 'current-row', 'unbounded-following'] as const) }
      : { kind: this.pick(['preceding', 'following'] as const), offset: this.expression() };

  query = (): Query => ({
    kind: 'query',
    ...(this.next() < 0.2 ? this.commonTables(this.query) : { with: [] }),
    body: this.body(),
    orderBy: this.next() < 0.3 ? this.sortItems() : [],
    at,
    ...this.maybe('limit', this.expression),
    ...this.maybe('offset', this.expression),
  });

  private body(): QueryBody {
    if (!this.spend() || this.next() < 0.6) return this.operand();
    if (this.next() < 0.3) return { kind: 'pipe', input: this.body(), step: this.step(), at };
    const operator = this.pick(['union', 'except', 'intersect'] as const);
    // INTERSECT binds tighter: what binds looser stands beside it only in parentheses.
    const left = operator === 'intersect' ? this.operand() : this.body();
    return { kind: 'set-operation', operator, all: this.flag(), left, right: this.operand(), at };
  }

  private step = (): PipeStep =>
    randomStep({
      pick: (list) => this.pick(list),
      flag: () => this.flag(),
      some: (make) => this.some(1, 2, make),
      expression: this.expression,
      identifier: () => this.identifier(),
      operand: () => this.operand(),
      relation: () => this.primary(false),
      turned: (input) => this.turned(input, this.expression),
    });

  private operand(): QueryBody {
    if (!this.spend()) return { kind: 'table-body', name: this.tableName(), at };
    const kind = this.below(8);
    if (kind === 0) return { kind: 'values', rows: this.some(1, 2, this.row), at };
    if (kind === 1) return { kind: 'nested-query', query: this.query(), at };
    return {
      kind: 'select',
      hints: [],
      distinct: this.flag(),
      items: this.some(1, 3, () =>
        this.next() < 0.2
          ? this.star()
          : {
              kind: 'expression-item' as const,
              expression: this.expression(),
              at,
              ...this.pick([
                () => this.maybe('alias', this.identifier),
                () => this.maybe('aliases', () => this.some(1, 2, this.identifier)),
              ])(),
            },
      ),
      from: this.from(),
      windows: this.some(0, 1, () => ({ name: this.identifier(), spec: this.window(), at })),
      at,
      ...this.maybe('where', this.expression),
      ...this.maybe('groupBy', () => ({ elements: this.grouping(), at })),
      ...this.maybe('having', this.expression),
    };
  }

  private grouping(): readonly GroupingElement[] {
    const sets = (): readonly (readonly Expression[])[] => this.some(1, 2, this.expressions);
    const rolled = (): GroupingElement => ({ kind: this.pick(['rollup', 'cube'] as const), sets: sets() });
    if (this.next() < 0.2) {
      const declared = this.some(1, 2, () => [
        { kind: 'set' as const, expressions: this.some(0, 2, this.expression) },
      ]);
      return [{ kind: 'grouping-sets', sets: declared.flat(), keys: this.expressions() }];
    }
    return this.some(1, 2, () =>
      this.pick<() => GroupingElement>([
        () => ({ kind: 'expression-group', expression: this.expression() }),
        rolled,
        () => ({
          kind: 'grouping-sets',
          sets: [{ kind: 'set', expressions: this.some(0, 2, this.expression) }, rolled()],
        }),
      ])(),
    );
  }

  private from(): readonly Relation[] {
    if (this.next() < 0.2) return [this.lateralView()];
    return this.flag() ? this.some(0, 2, () => this.primary(true)) : [this.join()];
  }
  private lateralView(): Relation {
    return this.viewOver(this.flag() && this.spend() ? this.lateralView() : this.join(), this.expression);
  }
  private alias(): { readonly alias?: RelationAlias } {
    return this.maybe('alias', () => ({
      name: this.identifier(),
      columns: this.some(0, 2, this.identifier),
    }));
  }
  /** VALUES has an alias: without one, a comma behind it would begin its next row. */
  private primary(lateral: boolean): Relation {
    if (!this.spend()) return { kind: 'table', name: this.tableName(), at, ...this.alias() };
    return this.pick<() => Relation>([
      () => ({ kind: 'table', name: this.tableName(), at, ...this.sample(this.expression), ...this.alias() }),
      () => ({
        kind: 'values-relation',
        rows: this.some(1, 2, this.row),
        at,
        alias: { name: this.identifier(), columns: [] },
      }),
      () => ({
        kind: 'subquery',
        query: this.query(),
        lateral: lateral && this.flag(),
        at,
        ...this.sample(this.expression),
        ...this.alias(),
      }),
      () => ({
        kind: 'table-function',
        name: this.tableName(),
        args: this.some(0, 2, this.expression),
        lateral: lateral && this.flag(),
        at,
        ...this.alias(),
      }),
      () => ({
        kind: 'parenthesised',
        relation: this.join(),
        at,
        ...this.sample(this.expression),
        ...this.alias(),
      }),
    ])();
  }
  /** Begins with a table: in parentheses, what begins with a subquery or VALUES may be a query. */
  private join(): Relation {
    let left: Relation = { kind: 'table', name: this.tableName(), at, ...this.alias() };
    for (let n = 1 + this.below(2); n > 0; n -= 1) {
      if (this.next() < 0.15) left = this.turned(left, this.expression);
      const type = this.pick(['inner', 'cross', 'left', 'right', 'full', 'left-semi', 'left-anti'] as const);
      const form = this.below(4);
      const right = this.primary(form < 2);
      if (form === 0) left = { kind: 'join', type, natural: false, left, right, at };
      else if (form === 1)
        left = { kind: 'join', type, natural: false, left, right, on: this.expression(), at };
      else if (form === 2)
        left = {
          kind: 'join',
          type,
          natural: false,
          left,
          right,
          using: this.some(1, 2, this.identifier),
          at,
        };
      else left = { kind: 'join', type, natural: true, left, right, at };
    }
    return left;
  }

  statement(): Statement {
    return this.pick<() => Statement>([
      () => ({ kind: 'query-statement', query: this.query(), at }),
      () => ({
        kind: 'explain',
        mode: this.pick(['simple', 'extended', 'formatted', 'cost'] as const),
        statement: this.statement(),
        at,
      }),
      () => ({ kind: 'describe-query', query: this.query(), at }),
      () => ({
        kind: 'describe-table',
        name: this.tableName(),
        extended: this.flag(),
        at,
        ...this.maybe('column', this.name),
      }),
      () => ({ kind: 'describe-function', name: this.pick(PLAIN), extended: this.flag(), at }),
      () => ({
        kind: 'show',
        what: this.pick(['schemas', 'tables'] as const),
        at,
        ...this.maybe('in', this.tableName),
        ...this.maybe('like', () => this.text()),
      }),
      () => ({ kind: 'show', what: 'columns', in: this.tableName(), at }),
      () => ({
        kind: 'use',
        what: this.pick(['any', 'catalog', 'schema'] as const),
        name: this.tableName(),
        at,
      }),
    ])();
  }
}
