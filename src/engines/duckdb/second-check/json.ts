/** Reading DuckDB's own parse of a statement (`json_serialize_sql`) without trusting its shape. */
import { GovernanceError } from '../../../core/errors.js';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export const refuse = (reason: string): GovernanceError =>
  new GovernanceError(
    'SECOND_CHECK',
    'The second judge refused the final plan. Nothing was run.',
    {},
    new Error(reason),
  );

export function objectOf(value: Json | undefined, what: string): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw refuse(`${what} is not an object`);
  return value as JsonObject;
}

export function listOf(value: Json | undefined, what: string): readonly Json[] {
  if (!Array.isArray(value)) throw refuse(`${what} is not a list`);
  return value as readonly Json[];
}

export function textOf(value: Json | undefined, what: string): string {
  if (typeof value !== 'string') throw refuse(`${what} is not a text`);
  return value;
}

/** The one SELECT in a parse, or a refusal. */
export function oneSelect(json: string): JsonObject {
  const root = objectOf(read(json), 'the parse');
  if (root.error !== false) throw refuse('the statement is not a SELECT that parses');
  const statements = listOf(root.statements, 'statements');
  if (statements.length !== 1) throw refuse('there is not exactly one statement');
  const statement = objectOf(statements[0], 'the statement');
  requireKeys(statement, ['node', 'named_param_map'], 'the statement');
  if (listOf(statement.named_param_map, 'parameters').length > 0)
    throw refuse('the statement has parameters');
  return objectOf(statement.node, 'the query');
}

function read(json: string): Json {
  try {
    return withoutPlaces(JSON.parse(json));
  } catch {
    throw refuse('the parse is no JSON');
  }
}

/** Where a node stands in the text does not count: the same everywhere, so that equal trees are equal texts. */
function withoutPlaces(root: Json): Json {
  const left: Json[] = [root];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (node === null || typeof node !== 'object') continue;
    if ('query_location' in node) (node as Record<string, Json>).query_location = 0;
    for (const part of Array.isArray(node) ? node : Object.values(node)) left.push(part);
  }
  return root;
}

/** Unknown keys are refused: a newer DuckDB may have learned something that nobody has judged yet. */
export function requireKeys(object: JsonObject, keys: readonly string[], what: string): void {
  for (const key of Object.keys(object)) {
    if (key !== 'query_location' && !keys.includes(key)) throw refuse(`${what} has an unknown part ${key}`);
  }
}

/** The same text for the same tree, as `oneSelect` gave it. */
export const canonical = (value: Json): string => JSON.stringify(value);

/** The parts of a SELECT. */
export const SELECT_KEYS: readonly string[] = [
  'type',
  'modifiers',
  'cte_map',
  'select_list',
  'from_table',
  'where_clause',
  'group_expressions',
  'group_sets',
  'aggregate_handling',
  'having',
  'sample',
  'qualify',
];
