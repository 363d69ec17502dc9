/** `mask`: letters and digits replaced by one of their kind. Java looks at units of UTF-16, of which most characters have one. */
import { STRING } from '../../plan/types.js';
import { freshVariable } from '../duckdb/let.js';
import { arity, define, literalOf, quote } from './define.js';
import type { FunctionSpec, RenderCall } from './spec.js';

const LAST_OF_ONE_UNIT = 0xffff;
/** What stands for an upper-case letter, a lower-case one, a digit, and anything else. NULL: left as it is. */
const STANDINS = ['X', 'x', 'n', null] as const;
const KINDS = ['\\p{Lu}', '\\p{Ll}', '\\p{Nd}'];

const NAMED = ['upperChar', 'lowerChar', 'digitChar', 'otherChar'].map((name, i) => ({
  name,
  default: STANDINS[i] ?? null,
}));

const masked: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 1, 5);
  const [text, ...standins] = args;
  if (wrong !== undefined || text === undefined) return wrong ?? '';
  if (text.type.kind !== 'string' && text.type.kind !== 'void') return 'it takes a text';
  const fits = standins.every(
    ({ literal, type }) =>
      literal === null || (type.kind === 'string' && typeof literal === 'string' && literal.length === 1),
  );
  if (!fits) return 'what it puts in must be literals of one character, or NULL';
  return { params: args.map(() => STRING), type: STRING, nullable: text.nullable };
};

function standin(call: RenderCall, kind: number): string | null {
  const node = call.nodes[kind + 1];
  if (node === undefined) return STANDINS[kind] ?? null;
  return node.kind === 'literal' && node.value === null ? null : literalOf(call, kind + 1);
}

function mask(call: RenderCall): string {
  const [text = ''] = call.args;
  const one = freshVariable(text);
  const kinds = KINDS.flatMap((pattern, kind) => {
    const by = standin(call, kind);
    return `WHEN regexp_full_match(${one}, ${quote(pattern)}) THEN ${by === null ? one : quote(by)}`;
  });
  const other = standin(call, KINDS.length);
  const rest = other === null ? one : quote(other);
  const twice = other === null ? one : quote(other + other);
  const each = `CASE WHEN ${one} = '' THEN '' WHEN unicode(${one}) > ${LAST_OF_ONE_UNIT} THEN ${twice} ${kinds.join(' ')} ELSE ${rest} END`;
  return `array_to_string(list_transform(string_split(${text}, ''), lambda ${one}: ${each}), '')`;
}

export const MASK_TEXT: readonly FunctionSpec[] = [
  define(
    'mask',
    'Text with letters and digits replaced by literal characters; NULL leaves that kind as it is.',
    masked,
    mask,
    { named: [{ name: 'str' }, ...NAMED] },
  ),
];
