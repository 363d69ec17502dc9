/** Function calls, their clauses and the call forms with a syntax of their own. */
import { GovernanceError, type Position } from '../errors.js';
import type {
  Expression,
  FrameBound,
  FunctionCall,
  Identifier,
  QualifiedName,
  WindowFrame,
  WindowSpec,
} from './ast.js';
import type { Cursor } from './cursor.js';
import { isDateUnit } from './date-units.js';
import { parseExpr, parseStar, parseValue, starAhead } from './parse-expression.js';
import { parseSortItems } from './parse-query.js';

export function parseCall(c: Cursor, name: QualifiedName): Expression {
  const at = name[0]?.at ?? c.at;
  refuseJvmCall(name, at);
  c.expectSymbol('(');
  const quantified = c.isWord('DISTINCT', 'ALL') && !c.symbolAt(1, ')', ',', '.');
  const distinct = quantified && c.isWord('DISTINCT');
  if (quantified && name.at(-1)?.name.toLowerCase() === 'struct') throw c.unexpected('a field');
  if (quantified) c.take();
  // Alone only: `count(*)`, `count(t.*)`.
  const star = starAhead(c) ? parseStar(c) : undefined;
  if (star !== undefined && c.isSymbol(',')) throw c.refuse('A star among arguments', 'Name the columns.');
  let args: readonly Expression[] = [];
  if (star === undefined && !c.isSymbol(')')) args = c.commaList(() => parseArgument(c));
  c.refuseInnerAlias();
  let nulls = nullTreatment(c);
  if (c.isWord('ORDER'))
    throw c.refuse('ORDER BY inside a call', 'Write WITHIN GROUP (ORDER BY ...) after it.');
  c.expectSymbol(')');
  const orderBy = parseWithinGroup(c);
  const filter = parseFilterClause(c);
  nulls ??= nullTreatment(c);
  const over = c.acceptWord('OVER') ? parseOver(c) : undefined;
  return {
    ...callOf(name, textFirst(name, args), at),
    distinct,
    ...(star === undefined ? {} : { star }),
    ...(nulls === undefined ? {} : { nulls }),
    ...(orderBy === undefined ? {} : { orderBy }),
    ...(filter === undefined ? {} : { filter }),
    ...(over === undefined ? {} : { over }),
  };
}

const JVM_CALLS: ReadonlySet<string> = new Set(['reflect', 'java_method', 'try_reflect']);

/** By name, so that nobody is told of functions that merely sound alike. */
function refuseJvmCall(name: QualifiedName, position: Position): void {
  const called = name.at(-1)?.name.toLowerCase() ?? '';
  if (!JVM_CALLS.has(called)) return;
  throw new GovernanceError('FUNCTION_NOT_ALLOWED', `${called}() is not allowed.`, {
    position,
    remedy: 'Code outside the engine cannot be called.',
    sqlState: '42883',
  });
}

const TRIMS: ReadonlySet<string> = new Set(['trim', 'ltrim', 'rtrim']);

/**
 * Spark's `trim(characters, text)` has its arguments the other way round than `btrim`; the tree has the text
 * first in all of them.
 */
const textFirst = (name: QualifiedName, args: readonly Expression[]): readonly Expression[] =>
  args.length === 2 && isTrim(name) ? [args[1] as Expression, args[0] as Expression] : args;

/** Is this one of the calls whose two arguments the parser (and the printer) turns round? */
export const isTrim = (name: QualifiedName): boolean => TRIMS.has(name.at(-1)?.name.toLowerCase() ?? '');

function parseWithinGroup(c: Cursor): FunctionCall['orderBy'] {
  if (!c.acceptWords('WITHIN', 'GROUP')) return undefined;
  c.expectSymbol('(');
  if (!c.acceptWords('ORDER', 'BY')) throw c.unexpected('ORDER BY');
  const items = parseSortItems(c);
  c.expectSymbol(')');
  return items;
}

/** One argument of a function, lambdas included. */
export function parseArgument(c: Cursor): Expression {
  if (starAhead(c)) throw c.refuse('A star among arguments', 'Name the columns.');
  const lambda = parseLambda(c);
  if (lambda !== undefined) return lambda;
  return parseNamedArgument(c) ?? parseExpr(c);
}

function parseNamedArgument(c: Cursor): Expression | undefined {
  if (!['word', 'quoted'].includes(c.token.kind) || !c.symbolAt(1, '=>')) return undefined;
  const name = c.identifier();
  c.expectSymbol('=>');
  return { kind: 'named-argument', name, value: parseExpr(c), at: name.at };
}

/** `x -> body` or `(x, y) -> body`: stands only where an argument does. */
function parseLambda(c: Cursor): Expression | undefined {
  const at = c.at;
  const isName = (n: number) => ['word', 'quoted'].includes(c.ahead(n).kind);
  let parameters: readonly Identifier[];
  if (isName(0) && c.symbolAt(1, '->')) parameters = [c.identifier()];
  else {
    if (!c.isSymbol('(')) return undefined;
    let n = 1;
    while (isName(n) && c.symbolAt(n + 1, ',')) n += 2;
    if (n === 1 || !isName(n) || !c.symbolAt(n + 1, ')') || !c.symbolAt(n + 2, '->')) return undefined;
    c.expectSymbol('(');
    parameters = c.commaList(() => c.identifier());
    c.expectSymbol(')');
  }
  c.expectSymbol('->');
  return { kind: 'lambda', parameters, body: parseExpr(c), at };
}

const callOf = (name: QualifiedName, args: readonly Expression[], at: Position): FunctionCall => ({
  kind: 'call',
  name: name.map((part) => (part.quoted ? part : { ...part, name: part.name.toLowerCase() })),
  args,
  distinct: false,
  at,
});

function nullTreatment(c: Cursor): 'ignore' | 'respect' | undefined {
  if (c.acceptWords('IGNORE', 'NULLS')) return 'ignore';
  return c.acceptWords('RESPECT', 'NULLS') ? 'respect' : undefined;
}

function parseFilterClause(c: Cursor): Expression | undefined {
  if (!c.isWord('FILTER') || !c.symbolAt(1, '(')) return undefined;
  c.take();
  c.expectSymbol('(');
  c.expectWord('WHERE');
  const condition = parseExpr(c);
  c.expectSymbol(')');
  return condition;
}

function parseOver(c: Cursor): NonNullable<FunctionCall['over']> {
  if (!c.isSymbol('(')) return { kind: 'window-name', name: c.identifier() };
  const at = c.at;
  // `OVER (w)` is the window w itself.
  if (['word', 'quoted'].includes(c.ahead(1).kind) && c.symbolAt(2, ')')) {
    c.take();
    const name = c.identifier();
    c.expectSymbol(')');
    return { kind: 'window-name', name };
  }
  return parseWindowSpec(c, at);
}

export function parseWindowSpec(c: Cursor, at: Position): WindowSpec {
  c.expectSymbol('(');
  if (
    !c.isWord('PARTITION', 'DISTRIBUTE', 'CLUSTER', 'ORDER', 'SORT', 'ROWS', 'RANGE', 'EXCLUDE') &&
    ['word', 'quoted'].includes(c.token.kind)
  ) {
    const base = c.identifier();
    if (!c.isSymbol(')')) throw c.refuse('A window that goes on from another', 'Write the window out.');
    c.expectSymbol(')');
    return { kind: 'window-spec', base, partitionBy: [], orderBy: [], at };
  }
  if (c.isWord('CLUSTER')) throw c.refuse('CLUSTER BY', 'Use PARTITION BY and ORDER BY.');
  const partitionBy =
    c.acceptWords('PARTITION', 'BY') || c.acceptWords('DISTRIBUTE', 'BY')
      ? c.commaList(() => parseExpr(c))
      : [];
  const orderBy = c.acceptWords('ORDER', 'BY') || c.acceptWords('SORT', 'BY') ? parseSortItems(c) : [];
  const frame = c.isWord('ROWS', 'RANGE') ? parseFrame(c) : undefined;
  if (c.isWord('EXCLUDE')) throw c.refuse('Window EXCLUDE', 'Filter the rows before the window.');
  c.expectSymbol(')');
  return {
    kind: 'window-spec',
    partitionBy,
    orderBy,
    at,
    ...(frame === undefined ? {} : { frame }),
  };
}

function parseFrame(c: Cursor): WindowFrame {
  const unit = c.isWord('ROWS') ? 'rows' : 'range';
  c.take();
  if (!c.acceptWord('BETWEEN')) return { unit, start: parseBound(c), end: { kind: 'current-row' } };
  const start = parseBound(c);
  c.expectWord('AND');
  return { unit, start, end: parseBound(c) };
}

function parseBound(c: Cursor): FrameBound {
  if (c.acceptWords('CURRENT', 'ROW')) return { kind: 'current-row' };
  if (c.acceptWords('UNBOUNDED', 'PRECEDING')) return { kind: 'unbounded-preceding' };
  if (c.acceptWords('UNBOUNDED', 'FOLLOWING')) return { kind: 'unbounded-following' };
  const offset = parseExpr(c);
  if (c.acceptWord('PRECEDING')) return { kind: 'preceding', offset };
  c.expectWord('FOLLOWING');
  return { kind: 'following', offset };
}

const WITHOUT_PARENTHESES: ReadonlySet<string> = new Set([
  'CURRENT_DATE',
  'CURRENT_TIMESTAMP',
  'CURRENT_USER',
  'CURRENT_TIME',
  'CURRENT_PATH',
  'LOCALTIMESTAMP',
]);
const UNIT_FIRST = new Set([
  'TIMESTAMPADD',
  'TIMESTAMPDIFF',
  'DATEADD',
  'DATE_ADD',
  'DATEDIFF',
  'DATE_DIFF',
  'TIMEDIFF',
]);

/**
 * EXTRACT, SUBSTRING FROM, TRIM FROM, POSITION IN, OVERLAY, CURRENT_DATE ... as plain calls; undefined when
 * none stands here.
 */
export function parseSpecialCall(c: Cursor): Expression | undefined {
  const token = c.token;
  if (token.kind !== 'word') return undefined;
  const word = token.upper;
  const at = token.at;
  if (WITHOUT_PARENTHESES.has(word) && !c.symbolAt(1, '(') && !c.symbolAt(1, '.')) {
    if (word === 'CURRENT_TIME' || word === 'CURRENT_PATH')
      throw c.refuse(word, 'Use CURRENT_TIMESTAMP, or back-quotes for a column of this name.');
    return { ...callOf([c.identifier()], [], at), bare: true };
  }
  if (!c.symbolAt(1, '(')) return undefined;
  switch (word) {
    case 'EXTRACT':
      return parseExtract(c, at);
    case 'TRIM':
      return parseTrim(c, at);
    case 'POSITION':
      return parsePosition(c, at);
    case 'SUBSTRING':
    case 'SUBSTR':
    case 'OVERLAY':
      return parseFromFor(c, at);
    default:
      return UNIT_FIRST.has(word) ? parseUnitFirst(c, at) : undefined;
  }
}

const text = (value: string, at: Position): Expression => ({
  kind: 'literal',
  value: { type: 'string', value },
  at,
});

function parseExtract(c: Cursor, at: Position): Expression {
  const name = c.identifier();
  if (!fromFollows(c)) return parseCall(c, [name]);
  c.expectSymbol('(');
  const field = c.take();
  if (field.kind !== 'word' && field.kind !== 'string')
    throw c.error('EXTRACT takes a field such as YEAR.', field.at);
  c.expectWord('FROM');
  const source = parseExpr(c);
  c.expectSymbol(')');
  return callOf([name], [text(field.text.toUpperCase(), field.at), source], at);
}

/** TRIM([BOTH|LEADING|TRAILING] [characters] FROM text); undefined for the plain call. */
function parseTrim(c: Cursor, at: Position): Expression {
  const name = c.identifier();
  const sides: Readonly<Record<string, string>> = { BOTH: 'trim', LEADING: 'ltrim', TRAILING: 'rtrim' };
  const first = c.ahead(1);
  const side = first.kind === 'word' ? sides[first.upper] : undefined;
  const sided = side !== undefined && !c.symbolAt(2, ',', ')', '.', '(');
  if (!sided && !fromFollows(c)) return parseCall(c, [name]);
  c.expectSymbol('(');
  if (sided) c.take();
  const fn = { ...name, name: sided ? side : 'trim' };
  const characters = c.isWord('FROM') ? undefined : parseExpr(c);
  c.expectWord('FROM');
  const source = parseExpr(c);
  c.expectSymbol(')');
  return callOf([fn], characters === undefined ? [source] : [source, characters], at);
}

/** Has the parenthesis at the cursor a FROM of its own? */
function fromFollows(c: Cursor): boolean {
  const end = c.closing(0);
  for (let n = 1; n < end; n += 1) {
    if (c.symbolAt(n, '(')) n = c.closing(n);
    else if (c.wordAt(n, 'FROM') && n > 1 && !c.wordAt(n - 1, 'DISTINCT') && !c.symbolAt(n - 1, '.'))
      return true;
  }
  return false;
}

function parsePosition(c: Cursor, at: Position): Expression {
  const name = c.identifier();
  c.expectSymbol('(');
  // IN belongs to POSITION here, so the needle is a plain value.
  const args = [c.nested(() => parseValue(c))];
  if (c.acceptWord('IN')) args.push(parseExpr(c));
  else while (c.acceptSymbol(',')) args.push(parseExpr(c));
  c.expectSymbol(')');
  return callOf([name], args, at);
}

function parseFromFor(c: Cursor, at: Position): Expression {
  const name = c.identifier();
  c.expectSymbol('(');
  const args = [parseExpr(c)];
  if (c.acceptWord('PLACING')) args.push(parseExpr(c));
  if (c.acceptWord('FROM')) {
    args.push(parseExpr(c));
    if (c.acceptWord('FOR')) args.push(parseExpr(c));
  } else while (c.acceptSymbol(',')) args.push(parseExpr(c));
  c.expectSymbol(')');
  return callOf([name], args, at);
}

/** How many arguments has the call whose name is at the cursor? */
function argumentsAhead(c: Cursor): number {
  const end = c.closing(1);
  let count = 1;
  for (let n = 2; n < end; n += 1) {
    if (c.symbolAt(n, '(')) n = c.closing(n);
    else if (c.symbolAt(n, ',')) count += 1;
  }
  return count;
}

/**
 * DATEADD(DAY, 1, d): the unit is a word. The two- and three-argument forms with plain values stay as they
 * are.
 */
function parseUnitFirst(c: Cursor, at: Position): Expression | undefined {
  const unit = c.ahead(2);
  if (unit.kind === 'string' && c.symbolAt(3, ',') && argumentsAhead(c) > 2)
    throw c.error('The unit is a word here, not a text.', unit.at, 'Write DAY without quotes.');
  if (unit.kind !== 'word' || !isDateUnit(unit.upper) || argumentsAhead(c) !== 3) return undefined;
  const name = c.identifier();
  c.expectSymbol('(');
  c.take();
  c.expectSymbol(',');
  const args = c.commaList(() => parseExpr(c));
  c.expectSymbol(')');
  const canonical = /ADD$/i.test(name.name) ? 'timestampadd' : 'timestampdiff';
  return callOf([{ ...name, name: canonical }], [text(unit.upper, unit.at), ...args], at);
}
