/** The operators behind `|>`. */
import type { Position } from '../errors.js';
import type { QueryBody, SelectItem } from './ast.js';
import type { PipeAssignment, PipeStep } from './ast-pipe.js';
import type { Relation } from './ast-relation.js';
import type { Cursor } from './cursor.js';
import { parseExpr } from './parse-expression.js';
import { parsePivot } from './parse-pivot.js';
import {
  parseLimit,
  parseOrderBy,
  parsePrimaryBody,
  parseSelect,
  parseSelectItem,
  setOperator,
  setQuantifier,
} from './parse-query.js';
import { parseJoin } from './parse-relation.js';
import { parseSample } from './parse-sample.js';

/** The cursor stands on `|>`. */
export function parsePipe(c: Cursor, input: QueryBody): QueryBody {
  c.expectSymbol('|>');
  return { kind: 'pipe', input, step: parseStep(c), at: input.at };
}

function parseStep(c: Cursor): PipeStep {
  const at = c.at;
  const word = c.token.kind === 'word' ? c.token.upper : '';
  switch (word) {
    case 'SELECT':
      return parseSelectStep(c);
    case 'EXTEND':
      c.take();
      return { kind: 'extend-step', items: c.commaList(() => parseItem(c)) };
    case 'SET':
      c.take();
      return { kind: 'set-step', assignments: c.commaList(() => parseAssignment(c)) };
    case 'DROP':
      c.take();
      return { kind: 'drop-step', columns: c.commaList(() => c.identifier()) };
    case 'AS':
      c.take();
      return { kind: 'alias-step', name: c.identifier() };
    case 'WHERE':
      c.take();
      return { kind: 'where-step', condition: parseExpr(c) };
    case 'AGGREGATE':
      return parseAggregate(c);
    case 'ORDER':
      return parseOrder(c);
    case 'LIMIT':
    case 'OFFSET':
      return parseLimitStep(c);
    case 'UNION':
    case 'EXCEPT':
    case 'MINUS':
    case 'SETMINUS':
    case 'INTERSECT': {
      const operator = setOperator(c);
      return { kind: 'set-operation-step', operator, all: setQuantifier(c), right: parsePrimaryBody(c) };
    }
    default:
      return parseRelationStep(c, at) ?? refuseStep(c, word);
  }
}

function parseSelectStep(c: Cursor): PipeStep {
  const select = parseSelect(c, []);
  const more = select.where ?? select.groupBy ?? select.having ?? select.qualify;
  if (more !== undefined)
    throw c.refuse(
      'A clause behind SELECT in a pipe',
      'Write an operator of its own: |> WHERE, |> AGGREGATE.',
      more,
    );
  return { kind: 'select-step', select };
}

function parseLimitStep(c: Cursor): PipeStep {
  const at = c.at;
  const limits = parseLimit(c);
  if (limits.limit === undefined && limits.offset === undefined)
    throw c.error('LIMIT ALL limits nothing.', at, 'Leave it out.');
  return { kind: 'limit-step', ...limits };
}

function refuseStep(c: Cursor, word: string): never {
  if (word === 'WINDOW') throw c.refuse('WINDOW behind |>', 'Write it behind the items of SELECT.');
  if (['SORT', 'CLUSTER', 'DISTRIBUTE'].includes(word)) throw c.refuse(`${word} BY`, 'Use ORDER BY.');
  throw c.unexpected('SELECT, EXTEND, WHERE, AGGREGATE, JOIN or another operator');
}

function parseRelationStep(c: Cursor, at: Position): PipeStep | undefined {
  const piped: Relation = { kind: 'piped', at };
  if (c.isWord('TABLESAMPLE')) return { kind: 'relation-step', relation: { ...piped, ...parseSample(c) } };
  const relation = parsePivot(c, piped) ?? parseJoin(c, piped);
  return relation && { kind: 'relation-step', relation };
}

function parseItem(c: Cursor): SelectItem {
  const item = parseSelectItem(c);
  if (item.kind === 'star')
    throw c.refuse('A star behind |> other than in SELECT', 'Name the columns.', item);
  return item;
}

function parseAssignment(c: Cursor): PipeAssignment {
  const column = c.identifier();
  if (c.isSymbol('.')) throw c.refuse('SET of a qualified name behind |>', 'Name the column alone.', column);
  c.expectSymbol('=');
  return { column, value: parseExpr(c) };
}

/** Keys come out before the rest, and may have names of their own. */
function parseAggregate(c: Cursor): PipeStep {
  c.expectWord('AGGREGATE');
  const grouped = (): boolean => c.isWord('GROUP') && c.wordAt(1, 'BY');
  const items = grouped() ? [] : c.commaList(() => parseItem(c));
  if (!grouped()) return { kind: 'aggregate-step', items, keys: [] };
  c.take();
  c.take();
  const several =
    (c.isWord('ROLLUP', 'CUBE') && c.symbolAt(1, '(')) || (c.isWord('GROUPING') && c.wordAt(1, 'SETS'));
  if (several || (c.isWord('ALL') && !c.symbolAt(1, '.', '(')))
    throw c.refuse(`GROUP BY ${c.isWord('ALL') ? 'ALL' : 'sets'} behind |>`, 'List the keys.');
  return { kind: 'aggregate-step', items, keys: c.commaList(() => parseItem(c)) };
}

function parseOrder(c: Cursor): PipeStep {
  const orderBy = parseOrderBy(c);
  if (orderBy.length === 0) throw c.unexpected('ORDER BY');
  if (c.isWord('LIMIT', 'OFFSET'))
    throw c.error(
      `ORDER BY and ${c.isWord('LIMIT') ? 'LIMIT' : 'OFFSET'} are two operators.`,
      c.at,
      'Write |> before it.',
    );
  return { kind: 'order-step', orderBy };
}
