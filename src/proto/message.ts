/** Spark Connect messages in and out, and a walk over all that a message holds. */
import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  type Message,
  toBinary,
  type UnknownField,
} from '@bufbuild/protobuf';
import { connectRegistry, connectType } from './connect.js';

/** Deeper than Spark's own parser goes for what people write, shallow enough for our stack. */
export const MESSAGE_DEPTH_MAX = 1024;

/** A message whose fields are read by name. What is not a field of it reads as undefined. */
export interface ConnectMessage extends Message {
  [field: string]: unknown;
}

/** Throws a plain Error on bytes that are no such message or nest deeper than MESSAGE_DEPTH_MAX. */
export const decode = (desc: DescMessage, bytes: Uint8Array): ConnectMessage =>
  fromBinary(desc, bytes, { recursionLimit: MESSAGE_DEPTH_MAX }) as ConnectMessage;

export const encode = (message: Message): Uint8Array => toBinary(descOf(message), message);

/** `make('Read.NamedTable', { unparsedIdentifier })`; nested messages may be plain objects. */
export const make = (name: string, fields: Readonly<Record<string, unknown>> = {}): ConnectMessage =>
  create(connectType(name), fields as never) as ConnectMessage;

export function descOf(message: Message): DescMessage {
  const desc = connectRegistry.getMessage(message.$typeName);
  if (desc === undefined) throw new Error(`${message.$typeName} is no message of Spark Connect`);
  return desc;
}

export const unknownFieldsOf = (message: Message): readonly UnknownField[] => message.$unknown ?? [];

/** Called for a message with its descriptor and the field that it stands in; false: what is below is left out. */
export type Visit = (message: ConnectMessage, desc: DescMessage, field: DescField | undefined) => boolean;

/** Every message at or below this one, parents first, in lists, maps and oneofs too. What an `Any` holds stays shut. */
export function walk(message: ConnectMessage, visit: Visit, field?: DescField): void {
  const desc = connectRegistry.getMessage(message.$typeName);
  if (desc === undefined || !visit(message, desc, field)) return;
  for (const [child, via] of childrenOf(message, desc)) walk(child, visit, via);
}

/** The messages directly below, with the field that each stands in. */
export function childrenOf(
  message: ConnectMessage,
  desc: DescMessage = descOf(message),
): readonly (readonly [ConnectMessage, DescField])[] {
  return desc.fields.flatMap((field) =>
    valuesOf(message, field).map((value) => [value as ConnectMessage, field] as const),
  );
}

function valuesOf(message: ConnectMessage, field: DescField): readonly unknown[] {
  if (field.message === undefined) return [];
  const value = fieldValue(message, field);
  if (value === undefined) return [];
  if (field.fieldKind === 'list') return value as readonly unknown[];
  if (field.fieldKind === 'map') return Object.values(value as object);
  return [value];
}

/** The value of a field as the message has it; undefined for a case of a oneof that is not the set one. */
export function fieldValue(message: ConnectMessage, field: DescField): unknown {
  if (field.oneof === undefined) return message[field.localName];
  const oneof = message[field.oneof.localName] as { readonly case?: string; readonly value?: unknown };
  return oneof.case === field.localName ? oneof.value : undefined;
}
