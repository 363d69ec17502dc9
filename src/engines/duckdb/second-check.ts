/**
 * The second judge. DuckDB's own parser reads the printed statement (`json_serialize_sql`: no binding, no
 * expansion of views or macros) and this walk allows only what a secured plan can be: one SELECT, known node
 * kinds and nothing else in them, functions of a closed list, and tables only inside the exact secured shape
 * of a leaf. It shares no code with the printer but the text of each leaf, which it takes apart itself.
 * Anything unknown: SECOND_CHECK, nothing runs.
 */
import { canonical, type JsonObject, oneSelect, refuse } from './second-check/json.js';
import { type ExpectedLeaf, requireLeafShape } from './second-check/leaf.js';
import { Walk } from './second-check/walk.js';

/** Runs `SELECT json_serialize_sql(CAST($1 AS VARCHAR))` with the text bound as `$1`, never pasted. */
export interface Judge {
  parse(sql: string): Promise<string>;
}

/** Shapes of leaves that passed, by all that they were judged by. */
export interface JudgedLeaves {
  get(leaf: string): string | undefined;
  set(leaf: string, shape: string): unknown;
}

/**
 * Throws SECOND_CHECK unless the statement reads the expected leaves, in their secured shape, and nothing
 * else.
 */
export async function secondCheck(
  parser: Judge,
  sql: string,
  leaves: readonly ExpectedLeaf[],
  judged: JudgedLeaves = new Map(),
): Promise<void> {
  const shapes = new Map<string, ExpectedLeaf>();
  for (const leaf of leaves) shapes.set(await shapeOf(parser, leaf, judged), leaf);
  const walk = new Walk(shapes);
  walk.statement(await parsed(parser, sql));
  for (const leaf of leaves) {
    if ((walk.found.get(leaf.leaf) ?? 0) < leaf.count)
      throw refuse('a secured leaf is missing from the statement');
  }
}

/** A text parses alike every time, and the leaves of one principal are the same in all of their statements. */
async function shapeOf(parser: Judge, leaf: ExpectedLeaf, judged: JudgedLeaves): Promise<string> {
  const key = JSON.stringify([leaf.sql, leaf.filtered, leaf.columns, leaf.copy]);
  const known = judged.get(key);
  if (known !== undefined) return known;
  const node = await parsed(parser, leaf.sql);
  requireLeafShape(node, leaf);
  const shape = canonical(node);
  judged.set(key, shape);
  return shape;
}

async function parsed(parser: Judge, sql: string): Promise<JsonObject> {
  let json: string;
  try {
    json = await parser.parse(sql);
  } catch {
    throw refuse('the statement could not be parsed a second time');
  }
  return oneSelect(json);
}
