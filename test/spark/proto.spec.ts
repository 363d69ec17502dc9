/** The schema of `src/proto` holds every member of each Spark Connect release, as its Python client has it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { base64Decode } from '@bufbuild/protobuf/wire';
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from '@jest/globals';
import {
  CONNECT_METHODS,
  connectRegistry,
  connectType,
  fieldSince,
  methodSince,
} from '../../src/proto/connect.js';
import { decode, encode, MESSAGE_DEPTH_MAX, make, unknownFieldsOf, walk } from '../../src/proto/message.js';
import { ROOT } from '../support/sources.js';

const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

interface Release {
  readonly version: string;
  readonly files: readonly string[];
}

/** In CI they are there (scripts/test.mjs sees to it), or this fails. */
function releases(): readonly Release[] | null {
  const script = join(ROOT, 'scripts', 'connect-descriptors.mjs');
  const run = spawnSync(process.execPath, [script, '--print'], {
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  const found = JSON.parse(run.stdout) as readonly Release[] | null;
  if (found === null && process.env.CI) throw new Error('no descriptors of Spark Connect in CI');
  return found;
}

/** Full name of each member -> all that the wire knows of it. */
function members(files: readonly FileDescriptorProto[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const message = (path: string, type: DescriptorProto): void => {
    const name = `${path}.${type.name}`;
    found.set(name, 'message');
    for (const field of type.field) {
      const oneof = Object.hasOwn(field, 'oneofIndex') ? type.oneofDecl[field.oneofIndex]?.name : '';
      const { number, type: kind, typeName, label, proto3Optional, options } = field;
      const packed = options !== undefined && Object.hasOwn(options, 'packed') ? options.packed : '';
      found.set(
        `${name}.${field.name}`,
        [number, kind, typeName, label, proto3Optional, oneof, packed].join(' '),
      );
    }
    for (const nested of type.nestedType) message(name, nested);
    for (const nested of type.enumType) enumeration(name, nested);
  };
  const enumeration = (path: string, type: EnumDescriptorProto): void => {
    for (const value of type.value) found.set(`${path}.${type.name}.${value.name}`, String(value.number));
  };
  for (const file of files) {
    for (const type of file.messageType) message(file.package, type);
    for (const type of file.enumType) enumeration(file.package, type);
    for (const service of file.service)
      for (const { name, inputType, outputType, clientStreaming, serverStreaming } of service.method)
        found.set(
          `${file.package}.${service.name}.${name}`,
          [inputType, outputType, clientStreaming, serverStreaming].join(' '),
        );
  }
  return found;
}

const ours = members([...connectRegistry.files].map((file) => file.proto));
const known = releases();
if (known === null)
  process.stderr.write(
    'src/proto is not compared: `node scripts/connect-descriptors.mjs` fetches what with.\n',
  );

describe.each(known ?? [])('Spark Connect $version', ({ version, files }) => {
  const theirs = members(files.map((text) => fromBinary(FileDescriptorProtoSchema, base64Decode(text))));

  it('is contained, with the same numbers and types', () => {
    expect(theirs.size).toBeGreaterThan(1_000);
    const differing = [...theirs].filter(([name, what]) => ours.get(name) !== what);
    expect(differing).toEqual([]);
  });

  it('has what is said to be as old as it, and nothing younger', () => {
    const fields = [...connectRegistry].flatMap((type) => (type.kind === 'message' ? type.fields : []));
    const own = fields.filter((field) => field.parent.typeName.startsWith('spark.connect.'));
    const wrong = own.filter(
      (field) => theirs.has(`${field.parent.typeName}.${field.name}`) !== fieldSince(field) <= version,
    );
    expect(wrong.map((field) => field.toString())).toEqual([]);
  });
});

describe('a message', () => {
  const nested = (depth: number) => {
    let relation = make('Relation', { relType: { case: 'sql', value: { query: 'SELECT 1' } } });
    for (let i = 0; i < depth; i++)
      relation = make('Relation', { relType: { case: 'limit', value: { input: relation, limit: i } } });
    return relation;
  };

  it('survives a round with what is not in the schema', () => {
    // Field 15,000, a varint.
    const bytes = [
      ...encode(make('Plan', { opType: { case: 'root', value: nested(2) } })),
      0xc0,
      0xa9,
      0x07,
      1,
    ];
    const plan = decode(connectType('Plan'), Uint8Array.from(bytes));
    expect(unknownFieldsOf(plan).map((field) => field.no)).toEqual([15_000]);
    expect([...encode(plan)]).toEqual(bytes);
  });

  it('is walked from the top down, into oneofs, lists and maps, past no Any', () => {
    const seen: string[] = [];
    const plan = make('Plan', {
      opType: {
        case: 'root',
        value: make('Relation', {
          relType: {
            case: 'sql',
            value: { query: 'SELECT ?', namedArguments: { a: {} }, posArguments: [{}, {}] },
          },
        }),
      },
    });
    walk(plan, (message, desc, field) => {
      seen.push(`${field?.name ?? ''}:${desc.name}`);
      return desc.name !== 'Sql' || message.query === 'SELECT ?';
    });
    expect(seen).toEqual([
      ':Plan',
      'root:Relation',
      'sql:SQL',
      'named_arguments:Expression',
      'pos_arguments:Expression',
      'pos_arguments:Expression',
    ]);
  });

  it('may be nested deeply, with an end', () => {
    const relation = connectType('Relation');
    // Two messages a level.
    const bytes = encode(nested(MESSAGE_DEPTH_MAX / 2 - 2));
    let levels = 0;
    walk(decode(relation, bytes), () => ++levels > 0);
    expect(levels).toBe(MESSAGE_DEPTH_MAX - 2);
    expect(() => decode(relation, encode(nested(MESSAGE_DEPTH_MAX / 2 + 1)))).toThrow('recursion depth');
  });

  it('knows the calls of the service', () => {
    expect(CONNECT_METHODS.size).toBe(12);
    expect(methodSince(CONNECT_METHODS.get('GetStatus')!)).toBe('4.2');
  });
});
