/** Queries: WITH, set operations, SELECT and what follows it. */
import type { Position } from '../errors.js';
import type {
  CommonTable,
  Expression,
  GroupBy,
  GroupingElement,
  Identifier,
  NamedWindow,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SetOperation,
  SortItem,
} from './ast.js';
import type { Relation } from './ast-relation.js';
import type { Cursor } from './cursor.js';
import { parseWindowSpec } from './parse-call.js';
import { parseExpr, parseStar, starAhead, startsQuery } from './parse-expression.js';
import { parseLateralViews } from './parse-lateral-view.js';
import { parsePipe } from './parse-pipe.js';
import { parseAlias, parseFrom, refusePathName } from './parse-relation.js';

/** Each level is a run of the query over the rows of the level before it. */
const RECURSION_LEVELS_MAX = 10_000;

export function parseQuery(c: Cursor): Query {
  return c.nested(() => {
    const at = c.at;
    const ctes = c.isWord('WITH') ? parseWith(c) : { with: [] };
    const body = parseBody(c);
    const tail = parseTail(c, body);
    return { kind: 'query', ...ctes, at, ...tail };
  });
}

function parseWith(c: Cursor): Pick<Query, 'with' | 'recursive'> {
  c.expectWord('WITH');
  const recursive = c.isWord('RECURSIVE') && !c.wordAt(1, 'AS') && !c.symbolAt(1, '(');
  if (recursive) c.take();
  const names = new Set<string>();
  const ctes = c.commaList((): CommonTable => {
    const name = c.identifier();
    requireNew(c, names, name, 'CTE');
    const columns = c.acceptSymbol('(')
      ? closed(
          c,
          c.commaList(() => c.identifier()),
        )
      : [];
    const levels = recursive ? parseLevels(c) : {};
    c.acceptWord('AS');
    c.expectSymbol('(');
    const query = parseQuery(c);
    c.expectSymbol(')');
    return { name, columns, ...levels, query, at: name.at };
  });
  return { with: ctes, ...(recursive ? { recursive } : {}) };
}

function parseLevels(c: Cursor): { readonly levelsMax?: number } {
  if (!c.acceptWords('MAX', 'RECURSION', 'LEVEL')) return {};
  const { token } = c;
  const levelsMax = token.kind === 'number' && /^\d{1,9}$/.test(token.text) ? Number(token.text) : 0;
  if (levelsMax < 1 || levelsMax > RECURSION_LEVELS_MAX)
    throw c.error(`MAX RECURSION LEVEL takes a whole number from 1 to ${RECURSION_LEVELS_MAX}.`);
  c.take();
  return { levelsMax };
}

function requireNew(c: Cursor, names: Set<string>, { name, at }: Identifier, what: string): void {
  if (names.has(name.toLowerCase()))
    throw c.error(`The ${what} \`${name}\` is defined twice.`, at, 'Rename one of them.');
  names.add(name.toLowerCase());
}

function closed<T>(c: Cursor, items: T): T {
  c.expectSymbol(')');
  return items;
}

function parseTail(c: Cursor, body: QueryBody): Omit<Query, 'kind' | 'with' | 'at'> {
  const orderBy = parseOrderBy(c);
  for (const word of ['SORT', 'CLUSTER', 'DISTRIBUTE']) {
    if (c.isWord(word) && c.wordAt(1, 'BY')) throw c.refuse(`${word} BY`, 'Use ORDER BY.');
  }
  let windowed = body;
  if (body.kind === 'select' && c.acceptWord('WINDOW')) {
    windowed = { ...body, windows: parseNamedWindows(c, body.windows) };
  }
  const limits = parseLimit(c);
  if (c.isSymbol('|>'))
    throw c.error(
      '|> goes on from a query without ORDER BY and LIMIT.',
      c.at,
      'Put the query in parentheses.',
    );
  return { body: windowed, orderBy, ...limits };
}

export const parseOrderBy = (c: Cursor): readonly SortItem[] =>
  c.acceptWords('ORDER', 'BY') ? parseSortItems(c) : [];

export function parseLimit(c: Cursor): Pick<Query, 'limit' | 'offset'> {
  const limit = c.acceptWord('LIMIT') && !c.acceptWord('ALL') ? parseExpr(c) : undefined;
  const offset = c.acceptWord('OFFSET') ? parseExpr(c) : undefined;
  return { ...(limit === undefined ? {} : { limit }), ...(offset === undefined ? {} : { offset }) };
}

export const parseSortItems = (c: Cursor): readonly SortItem[] => c.commaList(() => parseSortItem(c));

function parseSortItem(c: Cursor): SortItem {
  const expression = parseExpr(c);
  const descending = c.acceptWord('DESC');
  if (!descending) c.acceptWord('ASC');
  let nulls: 'first' | 'last' | undefined;
  if (c.acceptWord('NULLS')) {
    if (c.acceptWord('FIRST')) nulls = 'first';
    else {
      c.expectWord('LAST');
      nulls = 'last';
    }
  }
  return { expression, descending, at: expression.at, ...(nulls === undefined ? {} : { nulls }) };
}

/** UNION, EXCEPT, MINUS and pipes from the left; INTERSECT binds tighter, but not than a pipe before it. */
function parseBody(c: Cursor): QueryBody {
  let left = parseIntersections(c, parsePrimaryBody(c));
  for (;;) {
    if (c.isSymbol('|>')) left = parsePipe(c, left);
    else if (c.isWord('INTERSECT')) left = parseIntersections(c, left);
    else if (c.isWord('UNION', 'EXCEPT', 'MINUS', 'SETMINUS')) {
      const at = c.at;
      const operator = setOperator(c);
      const all = setQuantifier(c);
      const right = parseIntersections(c, parsePrimaryBody(c));
      left = { kind: 'set-operation', operator, all, left, right, at };
    } else return left;
  }
}

function parseIntersections(c: Cursor, start: QueryBody): QueryBody {
  let left = start;
  while (c.isWord('INTERSECT')) {
    const at = c.at;
    const operator = setOperator(c);
    const all = setQuantifier(c);
    left = { kind: 'set-operation', operator, all, left, right: parsePrimaryBody(c), at };
  }
  return left;
}

export function setOperator(c: Cursor): SetOperation['operator'] {
  const word = c.token.kind === 'word' ? c.token.upper : '';
  c.take();
  return word === 'UNION' ? 'union' : word === 'INTERSECT' ? 'intersect' : 'except';
}

export function setQuantifier(c: Cursor): boolean {
  if (c.isWord('BY') && c.wordAt(1, 'NAME'))
    throw c.refuse('UNION BY NAME', 'List the columns in the same order.');
  const all = c.acceptWord('ALL');
  if (!all) c.acceptWord('DISTINCT');
  if (c.isWord('BY') && c.wordAt(1, 'NAME'))
    throw c.refuse('UNION BY NAME', 'List the columns in the same order.');
  return all;
}

export function parsePrimaryBody(c: Cursor): QueryBody {
  const at = c.at;
  if (c.acceptSymbol('(')) {
    const query = parseQuery(c);
    c.expectSymbol(')');
    return { kind: 'nested-query', query, at };
  }
  if (c.isWord('SELECT')) return parseSelect(c);
  if (c.acceptWord('VALUES')) return parseValues(c, at);
  if (c.acceptWord('TABLE')) {
    const name = c.qualifiedName();
    refusePathName(c, name);
    return { kind: 'table-body', name, at };
  }
  if (c.isWord('FROM')) return parseFromFirst(c);
  if (c.isWord('MAP', 'REDUCE')) throw c.refuse('TRANSFORM', 'Scripts do not run here.');
  throw c.unexpected('SELECT, VALUES, TABLE or a query in parentheses');
}

/** `FROM t SELECT a` is `SELECT a FROM t`, and `FROM t` alone is all of it. */
function parseFromFirst(c: Cursor): QueryBody {
  const at = c.at;
  c.expectWord('FROM');
  const from = parseLateralViews(c, parseFrom(c));
  const bare = !c.isWord('SELECT');
  if (bare) return { ...NOTHING_BUT_FROM, items: [{ kind: 'star', target: [], except: [], at }], from, at };
  const select = parseSelect(c, from);
  if (c.isWord('SELECT')) throw c.refuse('Several SELECTs over one FROM', 'Write UNION ALL.');
  return select;
}

const NOTHING_BUT_FROM = { kind: 'select', hints: [], distinct: false, windows: [] } as const;

/** With an alias, `VALUES ... AS t(a, b)` is a SELECT of its columns. */
function parseValues(c: Cursor, at: Position): QueryBody {
  const rows = parseRows(c);
  const named = parseAlias(c);
  if (named.alias === undefined) return { kind: 'values', rows, at };
  return {
    ...NOTHING_BUT_FROM,
    items: [{ kind: 'star', target: [], except: [], at }],
    from: [{ kind: 'values-relation', rows, at, ...named }],
    at,
  };
}

export const parseRows = (c: Cursor): readonly (readonly Expression[])[] =>
  c.commaList(() => {
    const row = parseExpr(c);
    return row.kind === 'row' ? row.items : [row];
  });

/** `given`: what stood before SELECT: another FROM may not follow. */
export function parseSelect(c: Cursor, given?: readonly Relation[]): Select {
  const at = c.at;
  c.expectWord('SELECT');
  const hints: string[] = [];
  while (c.token.kind === 'hint') hints.push((c.take() as { text: string }).text);
  if (c.isWord('TRANSFORM') && c.symbolAt(1, '(')) refuseTransform(c);
  const distinct = c.acceptWord('DISTINCT');
  if (!distinct) c.acceptWord('ALL');
  const items = c.commaList(() => parseSelectItem(c));
  const from = given ?? parseLateralViews(c, c.acceptWord('FROM') ? parseFrom(c) : []);
  const where = c.acceptWord('WHERE') ? parseExpr(c) : undefined;
  const groupBy = c.isWord('GROUP') ? parseGroupBy(c) : undefined;
  const having = c.acceptWord('HAVING') ? parseExpr(c) : undefined;
  const before = c.acceptWord('QUALIFY') ? parseExpr(c) : undefined;
  const windows = c.acceptWord('WINDOW') ? parseNamedWindows(c) : [];
  const qualify = before ?? (c.acceptWord('QUALIFY') ? parseExpr(c) : undefined);
  return {
    kind: 'select',
    hints,
    distinct,
    items,
    from,
    windows,
    at,
    ...(where === undefined ? {} : { where }),
    ...(groupBy === undefined ? {} : { groupBy }),
    ...(having === undefined ? {} : { having }),
    ...(qualify === undefined ? {} : { qualify }),
  };
}

/** `transform(array, f)` is a function; TRANSFORM (...) USING 'script' is not allowed. */
function refuseTransform(c: Cursor): void {
  if (c.wordAt(c.closing(1) + 1, 'USING', 'ROW', 'RECORDWRITER')) {
    throw c.refuse('TRANSFORM', 'Scripts do not run here.');
  }
}

export function parseSelectItem(c: Cursor): SelectItem {
  if (starAhead(c)) return parseStar(c);
  const expression = parseExpr(c);
  const at = expression.at;
  if (c.isWord('AS') && c.symbolAt(1, '(')) {
    c.take();
    c.take();
    const aliases = c.commaList(() => c.identifier());
    return closed(c, { kind: 'expression-item', expression, at, aliases });
  }
  const alias = c.optionalAlias('column');
  return { kind: 'expression-item', expression, at, ...(alias === undefined ? {} : { alias }) };
}

function parseNamedWindows(c: Cursor, before: readonly NamedWindow[] = []): readonly NamedWindow[] {
  const names = new Set(before.map(({ name }) => name.name.toLowerCase()));
  const added = c.commaList(() => {
    const window = parseNamedWindow(c);
    requireNew(c, names, window.name, 'window');
    return window;
  });
  return [...before, ...added];
}

function parseNamedWindow(c: Cursor): NamedWindow {
  const name = c.identifier();
  c.expectWord('AS');
  const at = c.at;
  if (c.isSymbol('(')) return { name, spec: parseWindowSpec(c, at), at: name.at };
  return {
    name,
    spec: { kind: 'window-spec', base: c.identifier(), partitionBy: [], orderBy: [], at },
    at: name.at,
  };
}

function parseGroupBy(c: Cursor): GroupBy {
  const at: Position = c.at;
  c.expectWord('GROUP');
  c.expectWord('BY');
  const elements = c.commaList(() => parseGroupingElement(c));
  if (c.acceptWord('WITH')) {
    const kind = c.isWord('CUBE') ? 'cube' : 'rollup';
    if (!c.acceptWord('CUBE', 'ROLLUP')) throw c.unexpected('ROLLUP or CUBE');
    return { elements: [{ kind, sets: elements.map((element) => plain(c, element)) }], at };
  }
  if (c.isWord('GROUPING') && c.wordAt(1, 'SETS')) {
    // Hive's form: GROUP BY a, b GROUPING SETS ((a), (b)).
    const keys = elements.flatMap((element) => plain(c, element));
    const element = parseGroupingElement(c);
    return { elements: [element.kind === 'grouping-sets' ? { ...element, keys } : element], at };
  }
  return { elements, at };
}

function plain(c: Cursor, element: GroupingElement): readonly Expression[] {
  if (element.kind !== 'expression-group') throw c.error('Grouping constructs cannot be combined here.');
  return [element.expression];
}

function parseGroupingElement(c: Cursor): GroupingElement {
  if (c.isWord('ROLLUP', 'CUBE') && c.symbolAt(1, '(')) {
    const kind = c.isWord('ROLLUP') ? 'rollup' : 'cube';
    c.take();
    c.expectSymbol('(');
    return {
      kind,
      sets: closed(
        c,
        c.commaList(() => {
          if (c.isSymbol('(') && c.symbolAt(1, ')')) throw c.error('ROLLUP and CUBE take no empty set.');
          return parseGroupingSet(c);
        }),
      ),
    };
  }
  if (c.isWord('GROUPING') && c.wordAt(1, 'SETS')) {
    c.take();
    c.take();
    c.expectSymbol('(');
    const sets = c.commaList(() => {
      const nested =
        (c.isWord('GROUPING') && c.wordAt(1, 'SETS')) || (c.isWord('ROLLUP', 'CUBE') && c.symbolAt(1, '('));
      return nested
        ? c.nested(() => parseGroupingElement(c))
        : { kind: 'set' as const, expressions: parseGroupingSet(c) };
    });
    return { kind: 'grouping-sets', sets: closed(c, sets) };
  }
  return { kind: 'expression-group', expression: parseExpr(c) };
}

/** `(a, b)`, `()` or one expression; `((a, b))` is a set of one row. */
function parseGroupingSet(c: Cursor): readonly Expression[] {
  const listed = c.isSymbol('(') && c.symbolAt(c.closing(0) + 1, ',', ')') && !startsQuery(c, 1);
  if (!listed) return [parseExpr(c)];
  c.expectSymbol('(');
  if (c.acceptSymbol(')')) return [];
  return closed(
    c,
    c.commaList(() => parseExpr(c)),
  );
}
