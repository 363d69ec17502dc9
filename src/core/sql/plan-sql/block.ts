/**
 * One SELECT in the making. Operators are put into the same SELECT while that is legal, so that an ORDER BY
 * is never lost in a subquery; where it is not, the block becomes a subquery and its order is asked for again
 * outside.
 */
import type { Column, SortKey } from '../../plan/plan.js';

export interface Block {
  /** `t1 AS (...)` definitions in front of the SELECT. */
  readonly ctes?: readonly string[];
  /** One of them refers to itself. */
  readonly recursive?: boolean;
  /** FROM; absent: one row. */
  readonly from?: string;
  /** FROM is more than one table expression: it cannot stand on the right of a join. */
  readonly joined?: boolean;
  readonly where?: readonly string[];
  /** Select list, in the order of `columns`; absent: the columns of FROM as they are. */
  readonly items?: readonly string[];
  readonly columns: readonly Column[];
  readonly distinct?: boolean;
  readonly groupBy?: string;
  readonly having?: string;
  readonly order?: readonly PrintedKey[];
  readonly limit?: number;
  readonly offset?: number;
}

export interface PrintedKey {
  readonly key: SortKey;
  readonly sql: string;
}

export const columnName = (id: number): string => `c${id}`;

/** Nothing but a FROM: may stand inside another FROM as it is. */
export const isBare = (block: Block): boolean =>
  block.from !== undefined && isOpen(block) && !block.where && !block.order && !block.ctes;

/** FROM and WHERE only (and perhaps an order): a select list can still be put on. */
export const isOpen = (block: Block): boolean =>
  block.items === undefined && block.limit === undefined && block.offset === undefined;

/** The block as a whole query. */
export function renderBlock(block: Block): string {
  const items = block.items ?? block.columns.map((column) => columnName(column.id));
  const parts = [
    ...(block.ctes === undefined
      ? []
      : [`WITH ${block.recursive ? 'RECURSIVE ' : ''}${block.ctes.join(', ')}`]),
    `SELECT${block.distinct ? ' DISTINCT' : ''} ${items.length === 0 ? 'true' : items.join(', ')}`,
    ...(block.from === undefined ? [] : [`FROM ${block.from}`]),
    ...(block.where === undefined ? [] : [`WHERE ${block.where.join(' AND ')}`]),
    ...(block.groupBy === undefined ? [] : [`GROUP BY ${block.groupBy}`]),
    ...(block.having === undefined ? [] : [`HAVING ${block.having}`]),
    ...(block.order === undefined ? [] : [`ORDER BY ${block.order.map((key) => key.sql).join(', ')}`]),
    ...(block.limit === undefined ? [] : [`LIMIT ${wholeNumber(block.limit)}`]),
    ...(block.offset === undefined ? [] : [`OFFSET ${wholeNumber(block.offset)}`]),
  ];
  return parts.join(' ');
}

function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error('LIMIT and OFFSET are whole numbers');
  return String(value);
}
