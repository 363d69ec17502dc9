/** The reference page of policy documents: their keys, from the schema that reads them. */
import { policyJsonSchema } from './core/policy/json-schema.js';

export function policySchemaPage(): string {
  const schema = policyJsonSchema();
  const lists = Object.entries(propertiesOf(schema)).flatMap(([key, value]) => {
    const items = (value.items ?? {}) as Node;
    return items.properties === undefined ? [] : [[key, items] as const];
  });
  return [
    '# The shape of policy documents',
    '',
    '<!-- Made by scripts/generate-reference.mjs from src/core/policy/document.ts. -->',
    '',
    '[policy-schema.json](policy-schema.json) and, for `*.test.yaml`, [policy-tests-schema.json](policy-tests-schema.json) are JSON Schemas (2020-12) of what Sluice reads, made from',
    'the same definitions. An editor with a YAML language server checks and completes a file that begins with',
    '',
    '```yaml',
    '# yaml-language-server: $schema=../docs/reference/policy-schema.json',
    'kind: policy',
    'name: example',
    'grants:',
    '  - { allow: [browse], to: [role:analyst], on: [shop.ref.*] }',
    '```',
    '',
    'What Sluice accepts is valid under the schema. Some of what it refuses is valid too, because JSON Schema does not compare values: two rules of one name, bounds of buckets that do',
    'not ascend, validity that ends before it starts, days that the calendar does not have, times and sizes out of bounds; and what depends on the catalogue: conditions that do not',
    'parse, masks that do not fit their column. What the keys mean: [Write a policy](../how-to/policies.md).',
    '',
    '## A document',
    '',
    ...table(schema),
    ...lists.flatMap(([key, items]) => ['', `## ${key}`, '', ...table(items)]),
    '',
  ].join('\n');
}

/** Rules have tables of their own. */
const KEYS_SHOWN_MAX = 2;
type Node = Readonly<Record<string, unknown>>;

function table(node: Node): readonly string[] {
  const required = (node.required ?? []) as readonly string[];
  return [
    '| key | is | must be there |',
    '|---|---|---|',
    ...Object.entries(propertiesOf(node)).map(
      ([key, value]) => `| \`${key}\` | ${typeText(value)} | ${required.includes(key) ? 'yes' : ''} |`,
    ),
  ];
}

const propertiesOf = (node: Node): Readonly<Record<string, Node>> =>
  (node.properties ?? {}) as Readonly<Record<string, Node>>;

function typeText(node: Node): string {
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (Array.isArray(node.enum)) return node.enum.map((one) => `\`${String(one)}\``).join(', ');
  if (node.type === 'array') return `list of ${typeText(node.items as Node)}`;
  if (node.type === undefined && Array.isArray(node.anyOf)) return node.anyOf.map(typeText).join(', ');
  if (node.type !== 'object') return String(node.type === 'string' ? 'text' : node.type);
  const keys = Object.entries(propertiesOf(node)).map(([key, one]) => `${key}: ${typeText(one)}`);
  return keys.length > KEYS_SHOWN_MAX ? 'rule, see below' : `{ ${keys.join(', ')} }`;
}
