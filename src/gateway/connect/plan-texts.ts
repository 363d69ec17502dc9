/** SQL in DataFrame plans below the level of statements: expressions and types, parsed and printed again. */
import { GovernanceError } from '../../core/errors.js';
import { FUNCTION_NAMES, SESSION_FUNCTION_NAMES } from '../../core/plan/connect/functions.js';
import { requireNoMetadata } from '../../core/plan/connect/identifiers.js';
import type { PlanTexts, SessionFacts } from '../../core/plan/connect/normalize.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import type { SessionFunction } from '../../core/plan/connect/session-functions.js';
import type { Expression, FunctionCall, Literal, QualifiedName, Select } from '../../core/sql/ast.js';
import { functionTable } from '../../core/sql/functions/table.js';
import { parseDataType, parseStatement } from '../../core/sql/parse.js';
import { PLAIN_LITERALS, printExpression, printStar } from '../../core/sql/print-expression.js';
import { printIdentifier, printType } from '../../core/sql/print-literal.js';

/** An expression may have a name (`a + 1 AS b`) or be a star, so it is read as the only item of a SELECT. */
const SELECT = 'SELECT ';
/** What Spark parses in an expression and must not: a table may be named there. */
const QUERIES = new Set(['scalar-subquery', 'exists', 'in-subquery']);

export const planTexts = (session: SessionFacts): PlanTexts => ({
  expression: (text) => printItem(text, session),
  type: (text) => printType(parseDataType(text)),
  columns: (text) => {
    const type = parseDataType(`struct<${text}>`);
    if (type.kind !== 'struct') throw notAllowed('This schema');
    return type.fields.map((field) => `${printIdentifier(field)} ${printType(field.type)}`).join(', ');
  },
});

function printItem(text: string, session: SessionFacts): ReturnType<PlanTexts['expression']> {
  const calls = new Set<SessionFunction>();
  const [item, ...others] = selectOf(text).items;
  if (item === undefined || others.length > 0) throw notAllowed('More than one expression in one text');
  if (item.kind === 'star') return { text: printStar(item), calls: [] };
  const expression = checked(item.expression, session, calls) as Expression;
  const alias = item.alias === undefined ? '' : ` AS ${printIdentifier(item.alias)}`;
  return { text: `${printExpression(expression, PLAIN_LITERALS)}${alias}`, calls: [...calls] };
}

function selectOf(text: string): Select {
  try {
    const statement = parseStatement(`${SELECT}${text}`, { parameters: 'none' });
    const query = statement.kind === 'query-statement' ? statement.query : undefined;
    const select = query?.body;
    const { limit, offset, orderBy = [] } = query ?? {};
    if (select?.kind !== 'select' || limit !== undefined || offset !== undefined || orderBy.length > 0) {
      throw notAllowed('A query in the place of an expression');
    }
    const { from, where, groupBy, having, windows, distinct, hints } = select;
    const more = [where, groupBy, having].some((part) => part !== undefined);
    if (more || distinct || [from, windows, hints].some(({ length }) => length > 0)) {
      throw notAllowed('A query in the place of an expression');
    }
    return select;
  } catch (error) {
    throw shifted(error);
  }
}

/** Positions are those in the text that was sent. */
function shifted(error: unknown): unknown {
  if (!(error instanceof GovernanceError) || error.details.position?.line !== 1) return error;
  const { line, column } = error.details.position;
  const position = { line, column: Math.max(1, column - SELECT.length) };
  return new GovernanceError(error.code, error.message, { ...error.details, position }, error.cause);
}

/** The tree with facts of the session as constants; refuses what leads out of the row. */
function checked(node: unknown, session: SessionFacts, calls: Set<SessionFunction>): unknown {
  if (Array.isArray(node)) return node.map((each) => checked(each, session, calls));
  if (typeof node !== 'object' || node === null) return node;
  const { kind } = node as { readonly kind?: string };
  if (kind !== undefined && QUERIES.has(kind)) {
    throw notAllowed(
      'A subquery in the text of an expression',
      'Use spark.sql, or a subquery of the DataFrame API.',
    );
  }
  if (kind === 'column')
    for (const { name } of (node as { readonly name: QualifiedName }).name) requireNoMetadata(name);
  if (kind === 'call') {
    const constant = checkedCall(node as FunctionCall, session, calls);
    if (constant !== undefined) return constant;
  }
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, checked(value, session, calls)]),
  );
}

function checkedCall(
  call: FunctionCall,
  session: SessionFacts,
  calls: Set<SessionFunction>,
): Literal | undefined {
  const [first, ...rest] = call.name;
  const name = (first?.name ?? '').toLowerCase();
  if (rest.length === 0 && SESSION_FUNCTION_NAMES.has(name)) {
    const { user, catalog, schema } = session;
    const value = name === 'current_catalog' ? catalog : name.includes('user') ? user : schema;
    return { kind: 'literal', value: { type: 'string', value }, at: call.at };
  }
  const own = rest.length === 0 ? session.functions?.get(name) : undefined;
  if (own !== undefined) {
    calls.add(own);
    return undefined;
  }
  const known = FUNCTION_NAMES.has(name) || (functionTable.lookup(name) !== undefined && !isInternal(name));
  if (rest.length > 0 || !known) {
    const nearest = functionTable.nearest(name);
    throw new GovernanceError('FUNCTION_NOT_ALLOWED', 'This function is not one that may be called.', {
      position: call.at,
      remedy: nearest.length > 0 ? `Did you mean ${nearest.join(', ')}?` : 'SHOW FUNCTIONS lists them.',
      sqlState: '42883',
    });
  }
  return undefined;
}

const isInternal = (name: string): boolean => functionTable.lookup(name)?.internal === true;
