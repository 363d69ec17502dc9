/**
 * Writes `src/proto/spark/*.ts` from the descriptors of the newest Spark Connect: names, numbers, types and oneofs,
 * and for what is younger than the oldest release the version it came with. `src/proto/read-schema.ts` has the grammar.
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromBinary, isFieldSet } from '@bufbuild/protobuf';
import { base64Decode } from '@bufbuild/protobuf/wire';
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import { connectDescriptors, fetchConnectDescriptors } from './connect-descriptors.mjs';

const TARGET = fileURLToPath(new URL('../src/proto/spark/', import.meta.url));
const COLUMNS = 104;

const releases = () =>
  connectDescriptors().map(({ version, files }) => ({
    version,
    files: files.map((text) => fromBinary(FileDescriptorProtoSchema, base64Decode(text))),
  }));

/** Full name of each member -> version of the first release that has it. */
function firstSeen(all) {
  const seen = new Map();
  const note = (name, version) => seen.has(name) || seen.set(name, version);
  const enumeration = (path, type, version) => {
    for (const value of type.value) note(`${path}.${type.name}.${value.name}`, version);
  };
  const message = (path, type, version) => {
    const name = `${path}.${type.name}`;
    for (const field of type.field) note(`${name}.${field.name}`, version);
    for (const nested of type.nestedType) message(name, nested, version);
    for (const nested of type.enumType) enumeration(name, nested, version);
  };
  for (const { version, files } of all)
    for (const file of files) {
      for (const type of file.messageType) message(file.package, type, version);
      for (const type of file.enumType) enumeration(file.package, type, version);
      for (const service of file.service)
        for (const method of service.method) note(`${file.package}.${service.name}.${method.name}`, version);
    }
  return seen;
}

class SchemaWriter {
  constructor(package_, seen, oldest) {
    this.package = package_;
    this.seen = seen;
    this.oldest = oldest;
  }

  file(file) {
    return [
      ...file.messageType.map((type) => this.message(`${file.package}.${type.name}`, type, '')),
      ...file.enumType.map((type) => this.enumeration(`${file.package}.${type.name}`, type, '')),
      ...file.service.map((service) => this.service(`${file.package}.${service.name}`, service)),
    ].join('');
  }

  message(name, type, indent) {
    const entries = type.nestedType.filter((nested) => nested.options?.mapEntry);
    const field = (each) => this.field(name, each, entries);
    const members = [];
    type.oneofDecl.forEach((oneof, index) => {
      const cases = type.field.filter((each) => inOneof(each, index)).map(field);
      if (cases.length > 0) members.push(...bracketed(oneof.name, cases));
    });
    members.unshift(
      ...type.field.filter((each) => !type.oneofDecl.some((_, i) => inOneof(each, i))).map(field),
    );
    const inner = `${indent}  `;
    const nested = [
      ...type.nestedType
        .filter((each) => !entries.includes(each))
        .map((each) => this.message(`${name}.${each.name}`, each, inner)),
      ...type.enumType.map((each) => this.enumeration(`${name}.${each.name}`, each, inner)),
    ].join('');
    return block(`message ${type.name}`, members, nested, indent);
  }

  field(owner, field, entries) {
    return `${field.name} ${field.number} ${this.type(field, entries)}${this.since(`${owner}.${field.name}`)}`;
  }

  type(field, entries) {
    const entry = entries.find((each) => field.typeName.endsWith(`.${each.name}`));
    if (entry !== undefined) {
      const [key, value] = entry.field;
      return `<${this.type(key, [])} ${this.type(value, [])}>`;
    }
    const name =
      field.typeName === ''
        ? FieldDescriptorProto_Type[field.type].toLowerCase()
        : this.named(field.typeName);
    const repeated = field.label === FieldDescriptorProto_Label.REPEATED ? '*' : '';
    return `${name}${repeated}${field.proto3Optional ? '?' : ''}`;
  }

  named(typeName) {
    const own = `.${this.package}.`;
    return typeName.startsWith(own) ? typeName.slice(own.length) : typeName;
  }

  enumeration(name, type, indent) {
    const values = type.value.map(
      (value) => `${value.name} ${value.number}${this.since(`${name}.${value.name}`)}`,
    );
    return block(`enum ${type.name}`, values, '', indent);
  }

  service(name, service) {
    const methods = service.method.map(
      (method) =>
        `${method.name} ${this.named(method.inputType)}${method.clientStreaming ? '*' : ''} ` +
        `${this.named(method.outputType)}${method.serverStreaming ? '*' : ''}${this.since(`${name}.${method.name}`)}`,
    );
    return block(`service ${service.name}`, methods, '', '');
  }

  since(name) {
    const version = this.seen.get(name);
    return version === this.oldest ? '' : ` @${version}`;
  }
}

/** What proto3 calls `optional` is a oneof of one, too: that is not meant. */
const inOneof = (field, index) =>
  isFieldSet(field, FieldDescriptorProtoSchema.field.oneofIndex) &&
  field.oneofIndex === index &&
  !field.proto3Optional;

function bracketed(name, cases) {
  const all = [...cases];
  all[0] = `${name}(${all[0]}`;
  all[all.length - 1] = `${all.at(-1)})`;
  return all;
}

function block(head, members, nested, indent) {
  const lines = [];
  let line = `${indent}${head} {`;
  members.forEach((member, i) => {
    const cell = i === members.length - 1 ? member : `${member},`;
    if (line.length + cell.length + 1 > COLUMNS) {
      lines.push(line);
      line = `${indent}  ${cell}`;
    } else line += ` ${cell}`;
  });
  if (nested === '') return `${[...lines, `${line} }`].join('\n')}\n`;
  return `${[...lines, line].join('\n')}\n${nested}${indent}}\n`;
}

fetchConnectDescriptors();
const all = releases();
const newest = all.at(-1);
const seen = firstSeen(all);
for (const old of readdirSync(TARGET)) rmSync(join(TARGET, old));
for (const file of newest.files) {
  const base = file.name.split('/').at(-1).replace('.proto', '');
  const text = new SchemaWriter(file.package, seen, all[0].version).file(file);
  writeFileSync(
    join(TARGET, `${base.replaceAll('_', '-')}.ts`),
    `/** Written by scripts/generate-proto.mjs from Spark Connect ${newest.version}. */\n` +
      `export const ${base.toUpperCase()} = \`\n${text}\`;\n`,
  );
}
