/**
 * A schema as JSON, as clients send it with their own rows. Read by an allow-list and written again from what was read:
 * a user-defined type in it would name a class for the server to load.
 */
import { notAllowed } from './require-allowed.js';

const SCHEMA_CHARS_MAX = 1_048_576;
const SCHEMA_DEPTH_MAX = 100;
const METADATA_CHARS_MAX = 65_536;
const WORDS =
  'void null boolean byte short integer long float double string binary date timestamp timestamp_ntz variant interval';
const ATOMIC = new RegExp(
  `^(?:${[
    ...WORDS.split(' '),
    String.raw`decimal(?:\(\d{1,2}, ?-?\d{1,2}\))?`,
    String.raw`(?:char|varchar)\(\d{1,10}\)`,
    'interval (?:year|month|day|hour|minute|second)(?: to (?:month|hour|minute|second))?',
    String.raw`time(?:\(\d\))?`,
    'string collate [A-Za-z_0-9]{1,60}',
  ].join('|')})$`,
);

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The schema, written from what was understood of it. */
export function readSchemaJson(text: string): string {
  if (text.length > SCHEMA_CHARS_MAX) throw notAllowed('So long a schema');
  return JSON.stringify(readType(parse(text), 0));
}

function readType(type: Json, depth: number): Json {
  if (depth > SCHEMA_DEPTH_MAX) throw notAllowed('So deep a schema');
  if (typeof type === 'string') {
    if (!ATOMIC.test(type)) throw notAllowed('This type in a schema');
    return type;
  }
  const { type: kind, ...rest } = record(type);
  switch (kind) {
    case 'struct': {
      if (!Array.isArray(rest.fields)) throw notAllowed('A struct without fields');
      return { type: 'struct', fields: rest.fields.map((field) => readField(field as Json, depth)) };
    }
    case 'array':
      return {
        type: 'array',
        elementType: readType(rest.elementType ?? null, depth + 1),
        containsNull: rest.containsNull === true,
      };
    case 'map':
      return {
        type: 'map',
        keyType: readType(rest.keyType ?? null, depth + 1),
        valueType: readType(rest.valueType ?? null, depth + 1),
        valueContainsNull: rest.valueContainsNull === true,
      };
    default:
      throw notAllowed('This type in a schema');
  }
}

function readField(field: Json, depth: number): Json {
  const { name, type, nullable, metadata } = record(field);
  if (typeof name !== 'string') throw notAllowed('A field without a name');
  return {
    name,
    type: readType(type ?? null, depth + 1),
    nullable: nullable !== false,
    metadata: readMetadata(metadata ?? {}),
  };
}

/** What is said about a column. Keys that Spark's analyser goes by are not for clients to set. */
export function readMetadataJson(text: string): string {
  if (text.length > METADATA_CHARS_MAX) throw notAllowed('So much metadata of a column');
  return JSON.stringify(readMetadata(parse(text)));
}

function readMetadata(metadata: Json): Json {
  const entries = Object.entries(record(metadata));
  if (entries.some(([key]) => key.startsWith('__') && key !== '__COLLATIONS')) {
    throw notAllowed('Column metadata that begins with two underscores');
  }
  return Object.fromEntries(entries);
}

function record(json: Json): { readonly [key: string]: Json } {
  if (json === null || typeof json !== 'object' || Array.isArray(json))
    throw notAllowed('This type in a schema');
  return json as { readonly [key: string]: Json };
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw notAllowed('A schema that is not JSON');
  }
}
