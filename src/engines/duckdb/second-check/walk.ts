/**
 * The walk of the second judge over DuckDB's parse: an allow-list of nodes and of the parts each may have.
 */
import type { LeafId } from '../../../core/plan/plan.js';
import { ALLOWED_FUNCTIONS, CONSTANT_ARGUMENT, LIST_AGGREGATES } from './functions.js';
import {
  canonical,
  type Json,
  type JsonObject,
  listOf,
  objectOf,
  refuse,
  requireKeys,
  SELECT_KEYS,
  textOf,
} from './json.js';
import type { ExpectedLeaf } from './leaf.js';
import {
  castType,
  constantText,
  oneOf,
  recursionOf,
  requireBareStar,
  requireSample,
  requireText,
} from './node-checks.js';

/** Deeper trees are refused: the printed text of any statement within the parser's limits is far below. */
const NESTING_DEPTH_MAX = 3_000;

type Visit = (node: JsonObject) => void;

const JOINS = ['INNER', 'LEFT', 'RIGHT', 'FULL', 'SEMI', 'ANTI'];
const OPERATORS =
  `OPERATOR_NOT OPERATOR_IS_NULL OPERATOR_IS_NOT_NULL COMPARE_IN COMPARE_NOT_IN OPERATOR_COALESCE OPERATOR_NULLIF
  OPERATOR_TRY ARRAY_EXTRACT ARRAY_SLICE ARRAY_CONSTRUCTOR STRUCT_EXTRACT GROUPING_FUNCTION`.split(/\s+/);
const COMPARISONS =
  `COMPARE_EQUAL COMPARE_NOTEQUAL COMPARE_LESSTHAN COMPARE_GREATERTHAN COMPARE_LESSTHANOREQUALTO
  COMPARE_GREATERTHANOREQUALTO COMPARE_DISTINCT_FROM COMPARE_NOT_DISTINCT_FROM`.split(/\s+/);
const OWN_COLUMN = /^[cv]\d+$/;
const OWN_CTE = /^t\d+$/;

export class Walk {
  /** How often each leaf was found in its secured shape. */
  readonly found = new Map<LeafId, number>();
  readonly #shapes: ReadonlyMap<string, ExpectedLeaf>;
  /** CTE names in scope, innermost last. */
  readonly #ctes: string[] = [];
  #depth = 0;
  readonly #expressions: Readonly<Record<string, Visit>>;

  constructor(shapes: ReadonlyMap<string, ExpectedLeaf>) {
    this.#shapes = shapes;
    this.#expressions = {
      CONSTANT: (n) => {
        requireKeys(n, ['class', 'type', 'alias', 'value'], 'a constant');
        oneOf(n.type, ['VALUE_CONSTANT'], 'a constant');
      },
      COLUMN_REF: (n) => this.#columnRef(n),
      FUNCTION: (n) => this.#call(n),
      COMPARISON: (n) => {
        requireKeys(n, ['class', 'type', 'alias', 'left', 'right'], 'a comparison');
        oneOf(n.type, COMPARISONS, 'a comparison');
        this.#all([n.left, n.right]);
      },
      CONJUNCTION: (n) => {
        requireKeys(n, ['class', 'type', 'alias', 'children'], 'a conjunction');
        oneOf(n.type, ['CONJUNCTION_AND', 'CONJUNCTION_OR'], 'a conjunction');
        this.#all(listOf(n.children, 'a conjunction'));
      },
      OPERATOR: (n) => {
        requireKeys(n, ['class', 'type', 'alias', 'children'], 'an operator');
        oneOf(n.type, OPERATORS, 'an operator');
        this.#all(listOf(n.children, 'an operator'));
      },
      CASE: (n) => this.#case(n),
      CAST: (n) => {
        requireKeys(n, ['class', 'type', 'alias', 'child', 'cast_type', 'try_cast'], 'a cast');
        castType(n.cast_type);
        this.#expr(n.child);
      },
      BETWEEN: (n) => {
        requireKeys(n, ['class', 'type', 'alias', 'input', 'lower', 'upper'], 'BETWEEN');
        oneOf(n.type, ['COMPARE_BETWEEN'], 'BETWEEN');
        this.#all([n.input, n.lower, n.upper]);
      },
      LAMBDA: (n) => {
        requireKeys(n, ['class', 'type', 'alias', 'lhs', 'expr', 'syntax_type'], 'a lambda');
        this.#all([n.lhs, n.expr]);
      },
      SUBQUERY: (n) => this.#subqueryExpression(n),
      WINDOW: (n) => this.#window(n),
    };
  }

  /** The whole statement; it may be one leaf and nothing else (the making of a temporary copy). */
  statement(node: JsonObject): void {
    this.#leafOrQuery(node);
  }

  #query(node: JsonObject): void {
    this.#deeper(() => {
      const defined = this.#cteMap(node);
      if (node.type === 'SELECT_NODE') this.#select(node);
      else if (node.type === 'SET_OPERATION_NODE') this.#setOperation(node);
      else throw refuse(`a query of kind ${String(node.type)}`);
      this.#ctes.length -= defined;
    });
  }

  #deeper(visit: () => void): void {
    this.#depth += 1;
    if (this.#depth > NESTING_DEPTH_MAX) throw refuse('the statement nests too deep');
    visit();
    this.#depth -= 1;
  }

  #cteMap(node: JsonObject): number {
    const map = objectOf(node.cte_map, 'WITH');
    requireKeys(map, ['map'], 'WITH');
    const entries = listOf(map.map, 'WITH');
    for (const item of entries) {
      const entry = objectOf(item, 'a CTE');
      const name = textOf(entry.key, 'name of a CTE');
      const value = objectOf(entry.value, 'a CTE');
      requireKeys(value, ['aliases', 'query', 'materialized', 'key_targets'], 'a CTE');
      if (!OWN_CTE.test(name) || listOf(value.key_targets, 'a CTE').length > 0) throw refuse('a foreign CTE');
      this.#cteQuery(value.query, name);
      this.#ctes.push(name);
    }
    return entries.length;
  }

  /** Of a CTE: one that refers to itself is the plan's own, and ends at its limits. */
  #cteQuery(value: Json | undefined, name: string): void {
    const sides = recursionOf(objectOf(value, 'a subquery'), name);
    if (sides === undefined) this.#wrapped(value);
    else {
      this.#query(sides.anchor);
      this.#ctes.push(name);
      this.#query(sides.step);
      this.#ctes.pop();
    }
  }

  #select(node: JsonObject): void {
    requireKeys(node, SELECT_KEYS, 'a SELECT');
    if (node.sample !== null || node.qualify !== null) throw refuse('SAMPLE or QUALIFY');
    oneOf(node.aggregate_handling, ['STANDARD_HANDLING'], 'aggregation');
    const from = objectOf(node.from_table, 'FROM');
    // VALUES is parsed as `SELECT * FROM` a list of expressions: the one star there is.
    if (from.type === 'EXPRESSION_LIST') requireBareStar(node);
    else this.#all(listOf(node.select_list, 'the select list'));
    this.#relation(from);
    for (const clause of [node.where_clause, node.having]) if (clause !== null) this.#expr(clause);
    this.#all(listOf(node.group_expressions, 'GROUP BY'));
    this.#modifiers(node);
  }

  #setOperation(node: JsonObject): void {
    requireKeys(
      node,
      ['type', 'modifiers', 'cte_map', 'setop_type', 'left', 'right', 'setop_all', 'children'],
      'a set operation',
    );
    oneOf(node.setop_type, ['UNION', 'INTERSECT', 'EXCEPT'], 'a set operation');
    const sides =
      node.children === undefined ? [node.left, node.right] : listOf(node.children, 'a set operation');
    for (const side of sides) this.#query(objectOf(side, 'a side'));
    this.#modifiers(node);
  }

  #modifiers(node: JsonObject): void {
    for (const item of listOf(node.modifiers, 'modifiers')) {
      const modifier = objectOf(item, 'a modifier');
      switch (modifier.type) {
        case 'ORDER_MODIFIER':
          this.#orders(modifier);
          break;
        case 'LIMIT_MODIFIER':
          requireKeys(modifier, ['type', 'limit', 'offset'], 'LIMIT');
          for (const bound of [modifier.limit, modifier.offset]) if (bound !== null) this.#expr(bound);
          break;
        case 'DISTINCT_MODIFIER':
          requireKeys(modifier, ['type', 'distinct_on_targets'], 'DISTINCT');
          if (listOf(modifier.distinct_on_targets, 'DISTINCT').length > 0) throw refuse('DISTINCT ON');
          break;
        default:
          throw refuse(`a modifier ${String(modifier.type)}`);
      }
    }
  }

  #orders(modifier: JsonObject): void {
    requireKeys(modifier, ['type', 'orders'], 'ORDER BY');
    this.#orderKeys(listOf(modifier.orders, 'ORDER BY'));
  }

  #orderKeys(orders: readonly Json[]): void {
    for (const item of orders) {
      const order = objectOf(item, 'a sort key');
      requireKeys(order, ['type', 'null_order', 'expression'], 'a sort key');
      this.#expr(order.expression);
    }
  }

  // -------------------------------------------------------------- FROM

  #relation(node: JsonObject): void {
    this.#deeper(() => {
      switch (node.type) {
        case 'EMPTY':
          requireKeys(node, ['type', 'alias', 'sample'], 'an empty FROM');
          break;
        case 'JOIN':
          this.#join(node);
          break;
        case 'SUBQUERY':
          requireKeys(node, ['type', 'alias', 'sample', 'subquery', 'column_name_alias'], 'a subquery');
          this.#wrapped(node.subquery);
          break;
        case 'BASE_TABLE':
          this.#cteReference(node);
          break;
        case 'EXPRESSION_LIST':
          requireKeys(
            node,
            ['type', 'alias', 'sample', 'expected_names', 'expected_types', 'values', 'column_name_alias'],
            'VALUES',
          );
          for (const row of listOf(node.values, 'VALUES')) this.#all(listOf(row, 'VALUES'));
          break;
        case 'TABLE_FUNCTION':
          this.#range(node);
          break;
        default:
          throw refuse(`a relation of kind ${String(node.type)}`);
      }
      if (node.sample !== null) requireSample(node);
    });
  }

  #join(node: JsonObject): void {
    const keys = `type alias sample left right condition join_type ref_type using_columns delim_flipped
      duplicate_eliminated_columns`;
    requireKeys(node, keys.split(/\s+/), 'a join');
    oneOf(node.ref_type, ['REGULAR', 'CROSS'], 'a join');
    oneOf(node.join_type, JOINS, 'a join');
    if (listOf(node.using_columns, 'USING').length > 0) throw refuse('USING');
    this.#relation(objectOf(node.left, 'a side'));
    this.#relation(objectOf(node.right, 'a side'));
    if (node.condition !== null && node.condition !== undefined) this.#expr(node.condition);
  }

  /** A plain name may only be a CTE that is defined around it. */
  #cteReference(node: JsonObject): void {
    const keys = 'type alias sample schema_name table_name column_name_alias catalog_name at_clause';
    requireKeys(node, keys.split(' '), 'a table');
    const qualified = node.schema_name !== '' || node.catalog_name !== '' || node.at_clause !== null;
    const name = textOf(node.table_name, 'a table');
    if (qualified || !this.#ctes.includes(name)) throw refuse('a table that is not a secured leaf');
  }

  /** The one table function outside a leaf: `range` over three constants. */
  #range(node: JsonObject): void {
    requireKeys(
      node,
      ['type', 'alias', 'sample', 'function', 'column_name_alias', 'with_ordinality'],
      'a table function',
    );
    oneOf(node.with_ordinality, ['WITHOUT_ORDINALITY'], 'a table function');
    const call = objectOf(node.function, 'a table function');
    const bounds = listOf(call.children, 'a table function');
    if (call.function_name !== 'range' || bounds.length !== 3)
      throw refuse('a table function outside a leaf');
    for (const bound of bounds) {
      const cast = objectOf(bound, 'a bound of range');
      const child = cast.class === 'CAST' ? objectOf(cast.child, 'a bound of range') : cast;
      if (child.class !== 'CONSTANT') throw refuse('range over something computed');
    }
    this.#call(call);
  }

  /**
   * `{node, named_param_map}`; where its tree is that of a leaf, the leaf is found, and only then its source
   * and raw names pass.
   */
  #wrapped(value: Json | undefined): void {
    const wrapper = objectOf(value, 'a subquery');
    requireKeys(wrapper, ['node', 'named_param_map'], 'a subquery');
    this.#leafOrQuery(objectOf(wrapper.node, 'a subquery'));
  }

  #leafOrQuery(node: JsonObject): void {
    const leaf = this.#leafOf(node);
    if (leaf === undefined) {
      this.#query(node);
      return;
    }
    this.found.set(leaf.leaf, (this.found.get(leaf.leaf) ?? 0) + 1);
    this.#all(listOf(node.select_list, 'columns of a leaf'));
    if (node.where_clause !== null) this.#expr(node.where_clause);
  }

  /** Only a SELECT over a single relation can be a leaf: the cheap test first. */
  #leafOf(node: JsonObject): ExpectedLeaf | undefined {
    if (node.type !== 'SELECT_NODE') return undefined;
    const kind = objectOf(node.from_table, 'FROM').type;
    return kind === 'SUBQUERY' || kind === 'BASE_TABLE' ? this.#shapes.get(canonical(node)) : undefined;
  }

  // -------------------------------------------------------------- expressions

  #all(nodes: readonly (Json | undefined)[]): void {
    for (const node of nodes) this.#expr(node);
  }

  #expr(value: Json | undefined): void {
    const node = objectOf(value, 'an expression');
    const kind = textOf(node.class, 'an expression');
    const visit = Object.hasOwn(this.#expressions, kind) ? this.#expressions[kind] : undefined;
    if (visit === undefined) throw refuse(`an expression of kind ${kind}`);
    this.#deeper(() => visit(node));
  }

  #columnRef(node: JsonObject): void {
    requireKeys(node, ['class', 'type', 'alias', 'column_names'], 'a column');
    oneOf(node.type, ['COLUMN_REF'], 'a column');
    const [name, field, ...rest] = listOf(node.column_names, 'a column').map((part) =>
      textOf(part, 'a column'),
    );
    const fieldFits = field === undefined || field === 'key' || field === 'value';
    if (name === undefined || !OWN_COLUMN.test(name) || !fieldFits || rest.length > 0) {
      throw refuse('a column that is not one of the plan');
    }
  }

  #call(node: JsonObject): void {
    const keys = `class type alias function_name schema children filter order_bys distinct is_operator export_state catalog`;
    requireKeys(node, keys.split(' '), 'a call');
    const name = textOf(node.function_name, 'a call');
    const children = listOf(node.children, 'arguments');
    oneOf(node.schema, ['', 'main'], 'the schema of a function');
    if (node.catalog !== '' || node.export_state !== false) throw refuse('a function of another catalog');
    const form = CONSTANT_ARGUMENT.get(name);
    if (form !== undefined) requireText(children, 0, form, 1);
    else if (!ALLOWED_FUNCTIONS.has(name)) throw refuse(`a function outside the list: ${name}`);
    if (name === 'list_aggregate' || name === 'list_aggr') {
      const aggregate = constantText(children[1]);
      if (aggregate === undefined || !LIST_AGGREGATES.has(aggregate))
        throw refuse('an aggregate called by name');
    }
    this.#all(children);
    if (node.filter !== null) this.#expr(node.filter);
    this.#orders(objectOf(node.order_bys, 'ORDER BY'));
  }

  #case(node: JsonObject): void {
    requireKeys(node, ['class', 'type', 'alias', 'case_checks', 'else_expr'], 'CASE');
    for (const item of listOf(node.case_checks, 'CASE')) {
      const check = objectOf(item, 'a branch');
      requireKeys(check, ['when_expr', 'then_expr'], 'a branch');
      this.#all([check.when_expr, check.then_expr]);
    }
    this.#expr(node.else_expr);
  }

  #subqueryExpression(node: JsonObject): void {
    const keys = ['class', 'type', 'alias', 'subquery_type', 'subquery', 'child', 'comparison_type'];
    requireKeys(node, keys, 'a subquery expression');
    oneOf(node.subquery_type, ['SCALAR', 'EXISTS', 'NOT_EXISTS', 'ANY'], 'a subquery expression');
    if (node.child !== null) this.#expr(node.child);
    this.#wrapped(node.subquery);
  }

  #window(node: JsonObject): void {
    const keys = `class type alias function_name schema catalog children partitions orders start end start_expr end_expr offset_expr
      default_expr ignore_nulls filter_expr exclude_clause distinct arg_orders`;
    requireKeys(node, keys.split(/\s+/), 'a window');
    if (!ALLOWED_FUNCTIONS.has(textOf(node.function_name, 'a window')))
      throw refuse('a window function outside the list');
    oneOf(node.schema, ['', 'main'], 'the schema of a function');
    this.#all(listOf(node.children, 'arguments'));
    this.#all(listOf(node.partitions, 'PARTITION BY'));
    this.#orderKeys(listOf(node.orders, 'ORDER BY'));
    this.#orderKeys(listOf(node.arg_orders, 'ORDER BY'));
    for (const part of [
      node.start_expr,
      node.end_expr,
      node.offset_expr,
      node.default_expr,
      node.filter_expr,
    ]) {
      if (part !== null) this.#expr(part);
    }
  }
}
