/**
 * The secured shape of a leaf, known from the leaf itself: what must be found, and the only place where a
 * table may be read.
 */

import type { LeafId, Plan, Secured } from '../../../core/plan/plan.js';
import { walkPlan } from '../../../core/plan/traverse.js';
import { type LeafOptions, printLeaf } from '../../../core/sql/duckdb/print.js';
import { columnName } from '../../../core/sql/plan-sql/block.js';
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

export interface ExpectedLeaf {
  readonly leaf: LeafId;
  /** The leaf printed alone. */
  readonly sql: string;
  /** The leaf has a row rule, so its shape must have a WHERE. */
  readonly filtered: boolean;
  /** Names of the columns it shows, in order. */
  readonly columns: readonly string[];
  /** It is read from this temporary copy of its output. */
  readonly copy?: string;
  /** It stands at least so often in the statement. */
  readonly count: number;
}

/** What the plan says must be found in its printed text. */
export function expectedLeaves(plan: Plan, options: LeafOptions): readonly ExpectedLeaf[] {
  const found = new Map<LeafId, { readonly leaf: Secured; count: number }>();
  walkPlan(plan, {
    plan: (node) => {
      if (node.kind !== 'secured') return;
      const seen = found.get(node.leaf);
      if (seen === undefined) found.set(node.leaf, { leaf: node, count: 1 });
      else seen.count += 1;
    },
  });
  return [...found.values()].map(({ leaf, count }) => {
    const copy = options.copies?.get(leaf.leaf);
    return {
      leaf: leaf.leaf,
      sql: printLeaf(leaf, options),
      filtered: leaf.filter !== undefined,
      columns: leaf.items.map((item) => columnName(item.column.id)),
      count,
      ...(copy === undefined ? {} : { copy }),
    };
  });
}

const READERS = ['read_parquet', 'read_csv', 'read_json'];

/**
 * Is this tree Project <- Filter (where there must be one) <- named raw columns <- one reader? Says nothing
 * about the expressions: those are walked like all others.
 */
export function requireLeafShape(node: JsonObject, expected: ExpectedLeaf): void {
  requirePlainSelect(node);
  const aliases = listOf(node.select_list, 'columns of a leaf').map((item) => {
    const object = objectOf(item, 'a column of a leaf');
    return object.alias !== '' ? object.alias : listOf(object.column_names, 'a column of a leaf')[0];
  });
  if (canonical(aliases as Json) !== canonical([...expected.columns]))
    throw refuse('a leaf shows other columns');
  const from = objectOf(node.from_table, 'FROM of a leaf');
  if (expected.copy !== undefined) {
    if (from.type !== 'BASE_TABLE' || from.table_name !== expected.copy)
      throw refuse('a leaf reads another copy');
    return;
  }
  if ((node.where_clause !== null) !== expected.filtered) throw refuse('a leaf lost its row rule');
  requireRaw(from);
}

/** A SELECT of columns FROM something, perhaps with a WHERE, and nothing else. */
function requirePlainSelect(node: JsonObject): void {
  if (node.type !== 'SELECT_NODE') throw refuse('a leaf is not a SELECT');
  requireKeys(node, SELECT_KEYS, 'a leaf');
  const ctes = listOf(objectOf(node.cte_map, 'WITH of a leaf').map, 'WITH of a leaf');
  const lists = [node.modifiers, node.group_expressions, node.group_sets].map((list) =>
    listOf(list, 'a leaf'),
  );
  const absent = [node.having, node.sample, node.qualify];
  if ([ctes, ...lists].some((list) => list.length > 0) || absent.some((part) => part !== null)) {
    throw refuse('a leaf is more than a plain SELECT');
  }
}

/** `(SELECT CAST("name" AS T) AS c1, ... FROM read_...(constants))`. */
function requireRaw(from: JsonObject): void {
  if (from.type !== 'SUBQUERY') throw refuse('a leaf has no raw part');
  const raw = objectOf(objectOf(from.subquery, 'raw part').node, 'raw part');
  if (raw.type !== 'SELECT_NODE' || raw.where_clause !== null)
    throw refuse('the raw part of a leaf is not plain');
  for (const item of listOf(raw.select_list, 'raw columns')) {
    const cast = objectOf(item, 'a raw column');
    const child = objectOf(cast.child, 'a raw column');
    const plain = child.class === 'COLUMN_REF' || child.class === 'CONSTANT';
    if (cast.class !== 'CAST' || !plain || !/^c\d+$/.test(textOf(cast.alias, 'alias'))) {
      throw refuse('a raw column is more than a column');
    }
  }
  const source = objectOf(raw.from_table, 'source of a leaf');
  const call = objectOf(source.function, 'source of a leaf');
  if (source.type !== 'TABLE_FUNCTION' || !READERS.includes(String(call.function_name))) {
    throw refuse('a leaf reads from something that is no reader');
  }
  requireConstants(call);
}

/** Paths and options of a reader: constants, lists, structs and named arguments, nothing that is computed. */
function requireConstants(call: JsonObject): void {
  for (const child of listOf(call.children, 'arguments of a reader'))
    requireConstant(objectOf(child, 'argument'));
}

function requireConstant(node: JsonObject): void {
  switch (node.class) {
    case 'CONSTANT':
      return;
    case 'CAST':
      requireConstant(objectOf(node.child, 'argument'));
      return;
    case 'COMPARISON':
      // A named argument.
      if (objectOf(node.left, 'argument').class !== 'COLUMN_REF')
        throw refuse('a reader has a computed argument');
      requireConstant(objectOf(node.right, 'argument'));
      return;
    case 'FUNCTION':
      if (!['list_value', 'struct_pack', 'map', 'row'].includes(String(node.function_name))) {
        throw refuse('a reader has a computed argument');
      }
      requireConstants(node);
      return;
    default:
      requireKeys(node, [], 'an argument of a reader');
      throw refuse('a reader has a computed argument');
  }
}
