/**
 * Spark Connect on the wire: every message, enum and call of releases 4.0 to 4.3, as descriptors for reflection.
 *
 *     const request = decode(connectType('Plan'), bytes)     // unknown fields are kept, in `$unknown`
 *     walk(request, (message, desc, field) => true)          // message.ts: every message below, parents first
 *     encode(request)                                        // the same fields, unknown ones included
 *     make('Relation', { relType: { case: 'sql', value: { query } } })
 *
 * A message is protobuf-es's: camelCase properties, `$typeName`, a oneof as `{ case, value }` with `case: undefined`
 * where none is set (or a case that this schema does not know: then `$unknown` has it). int64 is bigint.
 * The texts of `spark/` are written by `node scripts/generate-proto.mjs`; `test/spark/proto.spec.ts` holds them to
 * the descriptors in the Python clients.
 */
import {
  createFileRegistry,
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescMethod,
  type FileRegistry,
} from '@bufbuild/protobuf';
import { file_google_protobuf_any, file_google_protobuf_timestamp } from '@bufbuild/protobuf/wkt';
import { readSchema } from './read-schema.js';
import { BASE } from './spark/base.js';
import { CATALOG } from './spark/catalog.js';
import { COMMANDS } from './spark/commands.js';
import { COMMON } from './spark/common.js';
import { EXPRESSIONS } from './spark/expressions.js';
import { ML } from './spark/ml.js';
import { ML_COMMON } from './spark/ml-common.js';
import { PIPELINES } from './spark/pipelines.js';
import { RELATIONS } from './spark/relations.js';
import { TYPES } from './spark/types.js';

const PACKAGE = 'spark.connect';
const OLDEST = '4.0';
const { file, since } = readSchema(
  PACKAGE,
  [BASE, CATALOG, COMMANDS, COMMON, EXPRESSIONS, ML, ML_COMMON, PIPELINES, RELATIONS, TYPES].join('\n'),
);

export const connectRegistry: FileRegistry = createFileRegistry(file, (name) =>
  name === file_google_protobuf_any.proto.name ? file_google_protobuf_any : file_google_protobuf_timestamp,
);

/** Descriptor of a message by its name without the package: `Relation`, `Read.NamedTable`. */
export function connectType(name: string): DescMessage {
  const found = connectRegistry.getMessage(`${PACKAGE}.${name}`);
  if (found === undefined) throw new Error(`Spark Connect has no message ${name}`);
  return found;
}

export function connectEnum(name: string): DescEnum {
  const found = connectRegistry.getEnum(`${PACKAGE}.${name}`);
  if (found === undefined) throw new Error(`Spark Connect has no enum ${name}`);
  return found;
}

/** Every call of the service, by name: input, output, which side streams. */
export const CONNECT_METHODS: ReadonlyMap<string, DescMethod> = new Map(
  connectRegistry
    .getService(`${PACKAGE}.SparkConnectService`)
    ?.methods.map((method) => [method.name, method]),
);

export const connectPath = (method: string): string => `/${PACKAGE}.SparkConnectService/${method}`;

/** The release that a field came with: a server before it ignores the field silently. */
export const fieldSince = (field: DescField): string =>
  since.get(`${field.parent.typeName}.${field.name}`) ?? OLDEST;

/** The release that a call came with. */
export const methodSince = (method: DescMethod): string =>
  since.get(`${method.parent.typeName}.${method.name}`) ?? OLDEST;

/** The release that a value of an enum came with. */
export const enumValueSince = (type: DescEnum, value: string): string =>
  since.get(`${type.typeName}.${value}`) ?? OLDEST;
