/**
 * Reads the compact schema texts of `spark/` and `rpc-status.ts`, all names of one package. Grammar, words apart by spaces:
 *
 *     message NAME { MEMBER, ... NESTED... }   MEMBER: FIELD or ONEOF(FIELD, ...)
 *     enum NAME { VALUE NUMBER, ... }          FIELD:  name number type, then `*` repeated, `?` optional,
 *     service NAME { METHOD IN OUT, ... }              `<key value>` map; `*` after IN or OUT: a stream
 *
 * `@4.1` after a member: came with that release; none: is in all we know.
 */
import { create } from '@bufbuild/protobuf';
import { protoCamelCase } from '@bufbuild/protobuf/reflect';
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type EnumDescriptorProto,
  EnumDescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  type ServiceDescriptorProto,
  ServiceDescriptorProtoSchema,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';

const WORD = /[\w.]+|@[\d.]+|[{}()<>,*?]/g;
const SCALARS: ReadonlyMap<string, Type> = new Map(
  (
    [
      'DOUBLE',
      'FLOAT',
      'INT64',
      'UINT64',
      'INT32',
      'UINT32',
      'BOOL',
      'STRING',
      'BYTES',
      'SINT32',
      'SINT64',
    ] as const
  ).map((name) => [name.toLowerCase(), Type[name]]),
);

export interface ReadSchema {
  readonly file: FileDescriptorProto;
  /** Full name of a member (`spark.connect.Relation.project`) -> the release it came with, for what is younger than 4.0. */
  readonly since: ReadonlyMap<string, string>;
}

export const readSchema = (packageName: string, text: string): ReadSchema =>
  new SchemaReader(packageName, text).read();

class SchemaReader {
  readonly #package: string;
  readonly #words: readonly string[];
  #at = 0;
  readonly #since = new Map<string, string>();
  readonly #enums = new Set<string>();
  readonly #fields: FieldDescriptorProto[] = [];

  constructor(packageName: string, text: string) {
    this.#package = packageName;
    this.#words = text.match(WORD) ?? [];
  }

  read(): ReadSchema {
    const messageType: DescriptorProto[] = [];
    const enumType: EnumDescriptorProto[] = [];
    const service: ServiceDescriptorProto[] = [];
    while (this.#at < this.#words.length) {
      const kind = this.#next();
      if (kind === 'message') messageType.push(this.#message(this.#package));
      else if (kind === 'enum') enumType.push(this.#enum(this.#package));
      else service.push(this.#service());
    }
    // An enum may stand after the fields that name it.
    for (const field of this.#fields) if (this.#enums.has(field.typeName)) field.type = Type.ENUM;
    const file = create(FileDescriptorProtoSchema, {
      name: `${this.#package.replaceAll('.', '/')}.proto`,
      package: this.#package,
      syntax: 'proto3',
      dependency: ['google/protobuf/any.proto', 'google/protobuf/timestamp.proto'],
      messageType,
      enumType,
      service,
    });
    return { file, since: this.#since };
  }

  #message(path: string): DescriptorProto {
    const message = create(DescriptorProtoSchema, { name: this.#next() });
    const name = `${path}.${message.name}`;
    this.#expect('{');
    while (!this.#take('}')) {
      if (this.#opens('message')) message.nestedType.push(this.#message(name));
      else if (this.#opens('enum')) message.enumType.push(this.#enum(name));
      else this.#member(message, name);
      this.#take(',');
    }
    // `optional` is said by a oneof of its own; those come last.
    for (const field of message.field.filter((each) => each.proto3Optional)) {
      field.oneofIndex = message.oneofDecl.length;
      message.oneofDecl.push({ $typeName: 'google.protobuf.OneofDescriptorProto', name: `_${field.name}` });
    }
    return message;
  }

  #member(message: DescriptorProto, path: string): void {
    const name = this.#next();
    if (!this.#take('(')) {
      message.field.push(this.#field(message, path, name));
      return;
    }
    const oneofIndex = message.oneofDecl.length;
    message.oneofDecl.push({ $typeName: 'google.protobuf.OneofDescriptorProto', name });
    do {
      const field = this.#field(message, path, this.#next());
      field.oneofIndex = oneofIndex;
      message.field.push(field);
    } while (this.#take(','));
    this.#expect(')');
  }

  #field(message: DescriptorProto, path: string, name: string): FieldDescriptorProto {
    const number = this.#number();
    const field = this.#take('<')
      ? this.#map(message, path, name, number)
      : this.#typed(name, number, this.#next());
    if (this.#take('*')) field.label = Label.REPEATED;
    if (this.#take('?')) field.proto3Optional = true;
    this.#version(`${path}.${name}`);
    return field;
  }

  #map(message: DescriptorProto, path: string, name: string, number: number): FieldDescriptorProto {
    const camel = protoCamelCase(name);
    const entry = `${camel.charAt(0).toUpperCase()}${camel.slice(1)}Entry`;
    message.nestedType.push(
      create(DescriptorProtoSchema, {
        name: entry,
        field: [this.#typed('key', 1, this.#next()), this.#typed('value', 2, this.#next())],
        options: { mapEntry: true },
      }),
    );
    this.#expect('>');
    const field = this.#typed(name, number, `.${path}.${entry}`);
    field.label = Label.REPEATED;
    return field;
  }

  #typed(name: string, number: number, type: string): FieldDescriptorProto {
    const scalar = SCALARS.get(type);
    const typeName = type.startsWith('.') ? type : `.${this.#package}.${type}`;
    const field = create(FieldDescriptorProtoSchema, {
      name,
      number,
      label: Label.OPTIONAL,
      jsonName: protoCamelCase(name),
      ...(scalar === undefined ? { type: Type.MESSAGE, typeName } : { type: scalar }),
    });
    if (scalar === undefined) this.#fields.push(field);
    return field;
  }

  #enum(path: string): EnumDescriptorProto {
    const type = create(EnumDescriptorProtoSchema, { name: this.#next() });
    this.#enums.add(`.${path}.${type.name}`);
    this.#expect('{');
    do {
      const name = this.#next();
      type.value.push({
        $typeName: 'google.protobuf.EnumValueDescriptorProto',
        name,
        number: this.#number(),
      });
      this.#version(`${path}.${type.name}.${name}`);
    } while (this.#take(','));
    this.#expect('}');
    return type;
  }

  #service(): ServiceDescriptorProto {
    const service = create(ServiceDescriptorProtoSchema, { name: this.#next() });
    this.#expect('{');
    do {
      const name = this.#next();
      const inputType = `.${this.#package}.${this.#next()}`;
      const clientStreaming = this.#take('*');
      const outputType = `.${this.#package}.${this.#next()}`;
      const serverStreaming = this.#take('*');
      service.method.push({
        $typeName: 'google.protobuf.MethodDescriptorProto',
        name,
        inputType,
        outputType,
        clientStreaming,
        serverStreaming,
      });
      this.#version(`${this.#package}.${service.name}.${name}`);
    } while (this.#take(','));
    this.#expect('}');
    return service;
  }

  #version(name: string): void {
    if (this.#words[this.#at]?.startsWith('@') === true) this.#since.set(name, this.#next().slice(1));
  }

  #number(): number {
    return Number(this.#next());
  }

  #next(): string {
    const word = this.#words[this.#at++];
    if (word === undefined) throw new Error('the schema text ends too early');
    return word;
  }

  #take(word: string): boolean {
    if (this.#words[this.#at] !== word) return false;
    this.#at += 1;
    return true;
  }

  /** A type begins here; a field may be called `message` as well. */
  #opens(kind: string): boolean {
    return this.#words[this.#at + 2] === '{' && this.#take(kind);
  }

  #expect(word: string): void {
    if (!this.#take(word)) throw new Error(`"${word}" expected in the schema text, word ${this.#at}`);
  }
}
