/**
 * The syntax tree of Spark SQL, as the parser reads it and the Spark printer writes it. Immutable. A
 * construct without a node here is refused by the parser: the grammar is the allow-list. Names are kept as
 * typed (unquoted); `bind` resolves them. `at` is where a node starts in the text; tree equality (`sameTree`)
 * ignores it.
 */
import type { Position } from '../errors.js';
import type { DataType, IntervalUnit } from '../plan/types.js';
import type { Pipe } from './ast-pipe.js';
import type { Relation } from './ast-relation.js';
import type { WriteStatement } from './ast-write.js';

export interface Node {
  readonly at: Position;
}

export interface Identifier extends Node {
  readonly name: string;
  readonly quoted: boolean;
}
/** One to three parts; more is refused when bound. */
export type QualifiedName = readonly Identifier[];

// ---------------------------------------------------------------- statements

export type Statement =
  | ({ readonly kind: 'query-statement'; readonly query: Query } & Node)
  | ({ readonly kind: 'explain'; readonly mode: ExplainMode; readonly statement: Statement } & Node)
  | ({
      readonly kind: 'describe-table';
      readonly name: QualifiedName;
      readonly extended: boolean;
      readonly column?: QualifiedName;
    } & Node)
  | ({ readonly kind: 'describe-query'; readonly query: Query } & Node)
  | ({ readonly kind: 'describe-function'; readonly name: string; readonly extended: boolean } & Node)
  | ({
      readonly kind: 'show';
      readonly what: 'catalogs' | 'schemas' | 'tables' | 'columns' | 'functions';
      /** IN/FROM name: catalog or schema, for columns the table. */
      readonly in?: QualifiedName;
      readonly like?: string;
    } & Node)
  | ({
      readonly kind: 'use';
      readonly what: 'catalog' | 'schema' | 'any';
      readonly name: QualifiedName;
    } & Node)
  | WriteStatement;

export type ExplainMode = 'simple' | 'extended' | 'codegen' | 'cost' | 'formatted';

// ---------------------------------------------------------------- queries

export interface Query extends Node {
  readonly kind: 'query';
  readonly with: readonly CommonTable[];
  /** WITH RECURSIVE: its CTEs may refer to themselves. */
  readonly recursive?: true;
  readonly body: QueryBody;
  readonly orderBy: readonly SortItem[];
  /**
   * Named windows written after the body apply to the select they follow; the parser puts them into
   * `Select.windows`.
   */
  readonly limit?: Expression;
  readonly offset?: Expression;
}

export interface CommonTable extends Node {
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
  /** MAX RECURSION LEVEL */
  readonly levelsMax?: number;
  readonly query: Query;
}

export type QueryBody = Select | SetOperation | Values | TableBody | NestedQuery | Pipe;

export interface Select extends Node {
  readonly kind: 'select';
  /** Read and dropped: kept for EXPLAIN only, never printed for an engine. */
  readonly hints: readonly string[];
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  /** Comma-separated FROM entries, each a join tree. Empty: one row. */
  readonly from: readonly Relation[];
  readonly where?: Expression;
  readonly groupBy?: GroupBy;
  readonly having?: Expression;
  readonly qualify?: Expression;
  readonly windows: readonly NamedWindow[];
}

export type SelectItem =
  | ({
      readonly kind: 'expression-item';
      readonly expression: Expression;
      readonly alias?: Identifier;
      /** `AS (a, b)`: of a generator that makes several columns. */
      readonly aliases?: readonly Identifier[];
    } & Node)
  | Star;

export interface Star extends Node {
  readonly kind: 'star';
  /** `t.*`, `c.s.t.*`, or a struct column. Empty: `*`. */
  readonly target: QualifiedName;
  readonly except: readonly QualifiedName[];
}

export interface GroupBy extends Node {
  /**
   * Each element is a plain expression or one of the three grouping constructs; all are cross-combined as
   * Spark does.
   */
  readonly elements: readonly GroupingElement[];
}
export type GroupingElement =
  | { readonly kind: 'expression-group'; readonly expression: Expression }
  | { readonly kind: 'rollup' | 'cube'; readonly sets: readonly (readonly Expression[])[] }
  | {
      readonly kind: 'grouping-sets';
      /** Nested elements: a plain set, or ROLLUP/CUBE/GROUPING SETS inside. */
      readonly sets: readonly (
        | { readonly kind: 'set'; readonly expressions: readonly Expression[] }
        | GroupingElement
      )[];
      /**
       * `GROUP BY a, b GROUPING SETS (...)`: the declared list, which sets the order of the bits of
       * grouping_id().
       */
      readonly keys?: readonly Expression[];
    };

export interface SetOperation extends Node {
  readonly kind: 'set-operation';
  readonly operator: 'union' | 'intersect' | 'except';
  readonly all: boolean;
  readonly left: QueryBody;
  readonly right: QueryBody;
}

/** `VALUES (1,'a'), (2,'b')` as a query body. */
export interface Values extends Node {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
}
/** `TABLE t` as a query body. */
export interface TableBody extends Node {
  readonly kind: 'table-body';
  readonly name: QualifiedName;
}
/** A parenthesised query as an operand or body. */
export interface NestedQuery extends Node {
  readonly kind: 'nested-query';
  readonly query: Query;
}

export interface SortItem extends Node {
  readonly expression: Expression;
  readonly descending: boolean;
  /** As written; Spark's default is NULLS FIRST when ascending, NULLS LAST when descending. */
  readonly nulls?: 'first' | 'last';
}

// ---------------------------------------------------------------- expressions

export type Expression =
  | Literal
  | ColumnReference
  | Parameter
  | Unary
  | Binary
  | Between
  | InList
  | InSubquery
  | Exists
  | ScalarSubquery
  | Like
  | IsTest
  | FunctionCall
  | Case
  | Cast
  | Subscript
  | FieldAccess
  | Row
  | Lambda
  | NamedArgument;

export type LiteralValue =
  | { readonly type: 'null' }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  /**
   * Digits as written, normalised; suffix L/S/Y/BD/F/D decides `as`. Plain integers: `int` or `bigint` or
   * `decimal` by size.
   */
  | {
      readonly type: 'number';
      readonly text: string;
      readonly as: 'tinyint' | 'smallint' | 'int' | 'bigint' | 'decimal' | 'float' | 'double';
    }
  | { readonly type: 'binary'; readonly hex: string }
  /**
   * DATE '...', TIMESTAMP '...', TIMESTAMP_NTZ '...', TIMESTAMP_LTZ '...': text as written, checked by the
   * binder.
   */
  | { readonly type: 'date' | 'timestamp' | 'timestamp_ntz'; readonly text: string }
  /** INTERVAL literals, normalised: total months, or total microseconds as a decimal string (signed). */
  | {
      readonly type: 'interval';
      readonly family: 'year-month' | 'day-time';
      readonly from: IntervalUnit;
      readonly to: IntervalUnit;
      /** months, or microseconds; signed decimal integer */
      readonly amount: string;
    };

export interface Literal extends Node {
  readonly kind: 'literal';
  readonly value: LiteralValue;
}
/** `a`, `t.a`, `c.s.t.a`, `t.a.field`: which part is what is for `bind` to find out. */
export interface ColumnReference extends Node {
  readonly kind: 'column';
  readonly name: QualifiedName;
}
/** `:name` (in policy expressions also `:principal.attribute`) or `?` with its 0-based index. */
export interface Parameter extends Node {
  readonly kind: 'parameter';
  readonly name?: string;
  readonly index?: number;
}
export type UnaryOperator = '-' | '+' | '~' | 'not';
export interface Unary extends Node {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}
export type BinaryOperator =
  | 'or'
  | 'and'
  | '='
  | '<=>'
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | '|'
  | '^'
  | '&'
  | '+'
  | '-'
  | '||'
  | '*'
  | '/'
  | '%'
  | 'div'
  | '<<'
  | '>>'
  | '>>>';
export interface Binary extends Node {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}
export interface Between extends Node {
  readonly kind: 'between';
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
  readonly negated: boolean;
}
export interface InList extends Node {
  readonly kind: 'in-list';
  readonly operand: Expression;
  readonly items: readonly Expression[];
  readonly negated: boolean;
}
export interface InSubquery extends Node {
  readonly kind: 'in-subquery';
  /** A Row node for `(a, b) IN (...)`. */
  readonly operand: Expression;
  readonly query: Query;
  readonly negated: boolean;
}
export interface Exists extends Node {
  readonly kind: 'exists';
  readonly query: Query;
}
export interface ScalarSubquery extends Node {
  readonly kind: 'scalar-subquery';
  readonly query: Query;
}
export interface Like extends Node {
  readonly kind: 'like';
  readonly operator: 'like' | 'ilike' | 'rlike';
  readonly operand: Expression;
  readonly pattern: Expression;
  readonly escape?: string;
  readonly negated: boolean;
}
export interface IsTest extends Node {
  readonly kind: 'is';
  readonly test: 'null' | 'true' | 'false' | 'unknown' | 'distinct-from';
  readonly operand: Expression;
  /** Right side of IS [NOT] DISTINCT FROM. */
  readonly other?: Expression;
  readonly negated: boolean;
}
export interface FunctionCall extends Node {
  readonly kind: 'call';
  /** Lower-cased when unquoted; more than one part is refused unless it is `system.builtin.f`. */
  readonly name: QualifiedName;
  readonly args: readonly Expression[];
  /** `count(*)` and `count(t.*)` */
  readonly star?: Star;
  /** `CURRENT_DATE` written without parentheses: in Spark a column of this name comes first. */
  readonly bare?: boolean;
  readonly distinct: boolean;
  readonly filter?: Expression;
  /** WITHIN GROUP (ORDER BY ...) */
  readonly orderBy?: readonly SortItem[];
  readonly nulls?: 'ignore' | 'respect';
  readonly over?: WindowSpec | { readonly kind: 'window-name'; readonly name: Identifier };
}
export interface WindowSpec extends Node {
  readonly kind: 'window-spec';
  /** `WINDOW w2 AS w` or `AS (w)`: the window it is another name for; Spark lets nothing be added to it. */
  readonly base?: Identifier;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly SortItem[];
  readonly frame?: WindowFrame;
}
export interface NamedWindow extends Node {
  readonly name: Identifier;
  readonly spec: WindowSpec;
}
export interface WindowFrame {
  readonly unit: 'rows' | 'range';
  readonly start: FrameBound;
  readonly end: FrameBound;
}
export type FrameBound =
  | { readonly kind: 'unbounded-preceding' | 'current-row' | 'unbounded-following' }
  | { readonly kind: 'preceding' | 'following'; readonly offset: Expression };
export interface Case extends Node {
  readonly kind: 'case';
  readonly operand?: Expression;
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
  readonly otherwise?: Expression;
}
export interface Cast extends Node {
  readonly kind: 'cast';
  readonly operand: Expression;
  readonly type: DataType;
  readonly try: boolean;
}
/** `a[0]`, `m['k']` */
export interface Subscript extends Node {
  readonly kind: 'subscript';
  readonly operand: Expression;
  readonly index: Expression;
}
/** `.field` on something that is not a plain name: `f(x).a`, `arr[0].a` */
export interface FieldAccess extends Node {
  readonly kind: 'field';
  readonly operand: Expression;
  readonly field: Identifier;
}
/** `(a, b)` with two or more members. */
export interface Row extends Node {
  readonly kind: 'row';
  readonly items: readonly Expression[];
}
/** `name => value`: read by the parser only among the arguments of a call. */
export interface NamedArgument extends Node {
  readonly kind: 'named-argument';
  readonly name: Identifier;
  readonly value: Expression;
}
/** `x -> x + 1`: read by the parser only where a function takes one. */
export interface Lambda extends Node {
  readonly kind: 'lambda';
  readonly parameters: readonly Identifier[];
  readonly body: Expression;
}
