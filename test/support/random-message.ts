/** Random messages of the wire schema: any field, any case, names that mean something to someone. */
import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { type ConnectMessage, make } from '../../src/proto/message.js';

const WORDS = [
  'a',
  'id',
  '*',
  't.*',
  'shop.crm.customers',
  'parquet.`/etc/passwd`',
  '`',
  '',
  '_metadata.file_path',
  'a b',
  'upper',
  'reflect',
  'SELECT 1',
  'SELECT * FROM shop.crm.customers',
  '1 + 1',
  '(SELECT 1)',
  'a INT',
  'decimal(10,2)',
  '{"type":"udt"}',
  '{"type":"struct","fields":[]}',
  'broadcast',
  'range',
  '\u0000',
  '🦆',
  'x'.repeat(300),
  'count(1)',
  'long',
  'a.b.c.d.e',
];
const FIELDS_OF_TEN = 4;

/** A generator of numbers below 1 that begins alike for a seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `only`: fields (by message and name) that may be set; others are left out. */
export function randomMessage(
  desc: DescMessage,
  random: () => number,
  only: (desc: DescMessage, field: DescField) => boolean = () => true,
  depth = 6,
): ConnectMessage {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const scalar = (field: DescField): unknown => {
    switch (field.scalar) {
      case ScalarType.STRING:
        return pick(WORDS);
      case ScalarType.BYTES:
        return Uint8Array.from({ length: Math.floor(random() * 8) }, () => Math.floor(random() * 256));
      case ScalarType.BOOL:
        return random() < 0.5;
      case ScalarType.INT64:
      case ScalarType.UINT64:
      case ScalarType.SINT64:
        return BigInt(Math.floor(random() * 1_000));
      default:
        return Math.floor(random() * 100);
    }
  };
  const one = (field: DescField): unknown => {
    if (field.message !== undefined && field.fieldKind !== 'map') {
      const name = field.message.typeName;
      if (!name.startsWith('spark.connect.')) return undefined;
      return randomMessage(field.message, random, only, depth - 1);
    }
    return field.enum === undefined ? scalar(field) : pick(field.enum.values).number;
  };
  const value = (field: DescField): unknown => {
    if (field.fieldKind === 'list') return Array.from({ length: Math.ceil(random() * 2) }, () => one(field));
    if (field.fieldKind === 'map') {
      const held =
        field.message === undefined ? pick(WORDS) : randomMessage(field.message, random, only, depth - 1);
      return { [pick(WORDS) || 'key']: held };
    }
    return one(field);
  };
  const fields: Record<string, unknown> = {};
  const usable = (field: DescField): boolean => only(desc, field) && (depth > 0 || isFlat(field));
  for (const field of desc.fields.filter((each) => each.oneof === undefined && usable(each))) {
    const wanted = field.message !== undefined || random() * 10 < FIELDS_OF_TEN;
    const made = wanted ? value(field) : undefined;
    if (made !== undefined) fields[field.localName] = made;
  }
  for (const oneof of desc.oneofs) {
    const cases = oneof.fields.filter(usable);
    if (cases.length === 0) continue;
    const field = pick(cases);
    const made = value(field);
    if (made !== undefined) fields[oneof.localName] = { case: field.localName, value: made };
  }
  return make(desc.typeName.slice('spark.connect.'.length), fields);
}

/** Ends a branch: a message that needs no other. */
function isFlat(field: DescField): boolean {
  if (field.message === undefined) return true;
  const { fields } = field.message;
  return (
    field.message.typeName.startsWith('spark.connect.') && fields.every((each) => each.message === undefined)
  );
}
