/** The core's view of Spark Connect messages, by reflection over the wire schema. */
import { type DescField, type DescMessage, isFieldSet } from '@bufbuild/protobuf';
import type { MessageSchema, PlanMessage, SetField } from '../../core/plan/connect/message.js';
import { fieldSince } from '../../proto/connect.js';
import {
  type ConnectMessage,
  childrenOf,
  descOf,
  fieldValue,
  make,
  unknownFieldsOf,
} from '../../proto/message.js';

const asMessage = (message: PlanMessage): ConnectMessage => message as ConnectMessage;

export const messageSchema: MessageSchema = {
  setFields: (message) => {
    const desc = descOf(asMessage(message));
    return desc.fields
      .filter((field) => isFieldSet(message as never, field))
      .map((field) => setField(message, field));
  },
  unsetOneofs: (message) =>
    descOf(asMessage(message))
      .oneofs.filter((oneof) => {
        const value = message[oneof.localName] as { readonly case?: string } | undefined;
        return value?.case === undefined;
      })
      .map((oneof) => oneof.name),
  hasUnknown: (message) => unknownFieldsOf(asMessage(message)).length > 0,
  children: (message) => childrenOf(asMessage(message)).map(([child]) => child),
  mapChildren: (message, map) => mapChildren(message, descOf(asMessage(message)), map),
  make: (name, fields) => make(name, fields),
};

const setField = (message: PlanMessage, field: DescField): SetField => ({
  name: field.localName,
  since: fieldSince(field),
  value: fieldValue(asMessage(message), field),
});

/** A copy only where something below has changed: messages are shared, never written to. */
function mapChildren(
  message: PlanMessage,
  desc: DescMessage,
  map: (child: PlanMessage) => PlanMessage,
): PlanMessage {
  let changed: Record<string, unknown> | undefined;
  for (const field of desc.fields) {
    if (field.message === undefined) continue;
    const value = fieldValue(asMessage(message), field);
    if (value === undefined) continue;
    const mapped = mapValue(field, value, map);
    if (mapped === value) continue;
    changed ??= { ...message };
    if (field.oneof === undefined) changed[field.localName] = mapped;
    else changed[field.oneof.localName] = { case: field.localName, value: mapped };
  }
  return (changed as PlanMessage | undefined) ?? message;
}

function mapValue(field: DescField, value: unknown, map: (child: PlanMessage) => PlanMessage): unknown {
  if (field.fieldKind === 'list') {
    const list = value as readonly PlanMessage[];
    const mapped = list.map(map);
    return mapped.some((child, i) => child !== list[i]) ? mapped : list;
  }
  if (field.fieldKind === 'map') {
    const entries = Object.entries(value as Readonly<Record<string, PlanMessage>>);
    const mapped = entries.map(([key, child]) => [key, map(child)] as const);
    return mapped.some(([, child], i) => child !== entries[i]?.[1]) ? Object.fromEntries(mapped) : value;
  }
  return map(value as PlanMessage);
}
