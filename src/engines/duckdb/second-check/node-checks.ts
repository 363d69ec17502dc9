/** What the second judge asks of one node alone, whatever stands around it. */
import { type Json, type JsonObject, listOf, objectOf, refuse, requireKeys } from './json.js';

const TYPES =
  `BOOLEAN TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT FLOAT DOUBLE DECIMAL VARCHAR
  BLOB DATE TIMESTAMP TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS TIME INTERVAL LIST MAP STRUCT`.split(/\s+/);

export function oneOf(value: Json | undefined, allowed: readonly string[], what: string): void {
  if (typeof value !== 'string' || !allowed.includes(value)) throw refuse(`${what}: ${String(value)}`);
}

export function requireBareStar(node: JsonObject): void {
  const items = listOf(node.select_list, 'VALUES');
  const star = objectOf(items[0], 'VALUES');
  const plain =
    star.class === 'STAR' && star.columns === false && star.expr === null && star.relation_name === '';
  if (items.length !== 1 || !plain) throw refuse('VALUES in an unknown shape');
}

/** Types that a printed cast may name; nested ones are walked. A user-defined type is refused. */
export function castType(value: Json | undefined): void {
  const type = objectOf(value, 'a type');
  requireKeys(type, ['id', 'type_info'], 'a type');
  oneOf(type.id === 'TIMESTAMP WITH TIME ZONE' ? 'TIMESTAMP' : type.id, TYPES, 'a type');
  if (type.type_info === null) return;
  const info = objectOf(type.type_info, 'a type');
  if (info.child_type !== undefined) castType(info.child_type);
  if (info.child_types === undefined) return;
  for (const field of listOf(info.child_types, 'a struct type')) castType(objectOf(field, 'a field').second);
}

export function constantText(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  const node = objectOf(value, 'a constant');
  if (node.class !== 'CONSTANT') return undefined;
  const inner = objectOf(node.value, 'a constant');
  return typeof inner.value === 'string' ? inner.value : undefined;
}

export function requireText(children: readonly Json[], index: number, form: RegExp, count: number): void {
  const text = constantText(children[index]);
  if (children.length !== count || text === undefined || !form.test(text))
    throw refuse('an argument that is not ours');
}

/** Rows of a subquery, each with the same chance. */
export function requireSample(node: JsonObject): void {
  const sample = objectOf(node.sample, 'a sample');
  requireKeys(sample, ['sample_size', 'is_percentage', 'method', 'seed'], 'a sample');
  oneOf(sample.method, ['Bernoulli'], 'a sample');
  if (node.type !== 'SUBQUERY' || sample.is_percentage !== true) throw refuse('a sample of another kind');
}

const RECURSIVE_KEYS = 'type modifiers cte_map cte_name union_all left right aliases key_targets'.split(' ');

/**
 * A CTE that refers to itself is the plan's own, has nothing beside its two sides, and ends at its limits. Undefined: it
 * does not refer to itself.
 */
export function recursionOf(
  wrapper: JsonObject,
  name: string,
): { readonly anchor: JsonObject; readonly step: JsonObject } | undefined {
  const node = objectOf(wrapper.node, 'a subquery');
  if (node.type !== 'RECURSIVE_CTE_NODE') return undefined;
  requireKeys(wrapper, ['node', 'named_param_map'], 'a subquery');
  requireKeys(node, RECURSIVE_KEYS, 'a recursive CTE');
  const lists = [node.aliases, node.key_targets, node.modifiers, objectOf(node.cte_map, 'WITH').map];
  const bare = lists.every((list) => listOf(list, 'a recursive CTE').length === 0);
  const step = objectOf(node.right, 'a step');
  if (!bare || node.cte_name !== name || node.union_all !== true || !isBounded(step))
    throw refuse('a recursive CTE without limits');
  return { anchor: objectOf(node.left, 'an anchor'), step };
}

/** The last two items of its list are the level and the number of rows, which raise. */
const isBounded = (step: JsonObject): boolean =>
  Array.isArray(step.select_list) &&
  step.select_list.length > 2 &&
  step.select_list.slice(-2).every((item) => JSON.stringify(item).includes('"SLUICE:RECURSION_LIMIT"'));
