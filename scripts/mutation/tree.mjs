/**
 * A copy of the sources as CommonJS, every mutant of the rooms in it, each behind a switch. CommonJS because modules
 * of that kind can be made anew for each mutant, and forgotten.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { transform } from '@swc/core';
import { ROOT } from '../prepare.mjs';
import { TREE } from './tree-place.mjs';

const COMPILED = ['src', 'migrations', 'test'];
const LINKED = ['policies', 'docs', 'scripts', 'package.json', 'README.md', 'CHANGELOG.md'];
/** What a spec must not reach to be run here: servers and databases other than DuckDB, which is in the process. */
const OUTSIDE = /^(node:(http2?|https|tls|worker_threads)|pg|typeorm|@grpc\/.*|@nestjs\/.*)$/;

/** Sets that ask whole engines or thousands of statements: too slow to be asked once a mutant. */
const SLOW = /^(src\/(engines|lake|admin)|test\/(golden|oracles|reports|barrier|functions|tpch|lineage))/;

const isMutated = (file, rooms) =>
  rooms.some((room) => file.startsWith(`${room}/`)) && file.endsWith('.ts') && !file.endsWith('.spec.ts');

/** Returns the mutants, by Stryker's names for what they are, and the specs that can tell of them. */
export async function makeTree(rooms) {
  rmSync(TREE, { recursive: true, force: true });
  const files = COMPILED.flatMap((top) =>
    readdirSync(join(ROOT, top), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1)),
  ).sort();
  const texts = new Map(files.filter(isCode).map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
  const { files: switched, mutants } = await instrument(texts, rooms);
  const required = new Map();
  for (const file of files) {
    const target = join(TREE, file);
    mkdirSync(dirname(target), { recursive: true });
    if (!isCode(file)) {
      cpSync(join(ROOT, file), target);
      continue;
    }
    const code = await compile(switched.get(file) ?? texts.get(file));
    required.set(file, requiredBy(file, code));
    writeFileSync(target.replace(/\.ts$/, '.js'), code);
  }
  for (const name of LINKED) symlinkSync(join(ROOT, name), join(TREE, name));
  return { mutants: mutants.map((mutant) => described(mutant, texts)), specs: pureSpecs(required, rooms) };
}

const isCode = (file) => file.endsWith('.ts') && !file.endsWith('.d.ts');

/** One hash over everything that a verdict on a mutant depends on. */
export function treeHash() {
  const hash = createHash('sha256');
  for (const top of ['src', 'test'])
    for (const name of readdirSync(join(ROOT, top), { recursive: true }).sort())
      if (/\.(ts|yaml|json)$/.test(name))
        hash.update(`${name}\0`).update(readFileSync(join(ROOT, top, name)));
  return hash.digest('hex');
}

async function instrument(texts, rooms) {
  const quiet = { isDebugEnabled: () => false };
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) quiet[level] = () => undefined;
  const mutated = [...texts].filter(([file]) => isMutated(file, rooms));
  const { files, mutants } = await new Instrumenter(quiet).instrument(
    mutated.map(([name, content]) => ({ name, content, mutate: true })),
    { plugins: null, excludedMutations: [], ignorers: [] },
  );
  return { files: new Map(files.map(({ name, content }) => [name, content])), mutants };
}

async function compile(text) {
  const parser = { syntax: 'typescript', decorators: true };
  const { code } = await transform(text, {
    jsc: { target: 'es2023', parser, transform: { legacyDecorator: true, decoratorMetadata: true } },
    module: { type: 'commonjs' },
  });
  return code;
}

/** Where it is, and what it makes of which text. */
function described({ id, fileName, location, mutatorName, replacement }, texts) {
  const lines = texts.get(fileName).split('\n');
  const { start, end } = location;
  const original = lines
    .slice(start.line, end.line + 1)
    .map((line, i, all) => {
      const from = i === 0 ? start.column : 0;
      return line.slice(from, i === all.length - 1 ? end.column : undefined);
    })
    .join('\n');
  return {
    id,
    file: fileName,
    line: start.line + 1,
    column: start.column + 1,
    mutatorName,
    original,
    replacement,
  };
}

const requiredBy = (file, code) =>
  [...code.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) =>
    name.startsWith('.') ? join(dirname(file), name).replace(/\.js$/, '.ts') : name,
  );

/** Specs whose imports lead to what is mutated, and to nothing outside of the process. */
function pureSpecs(required, rooms) {
  return [...required.keys()]
    .filter((file) => file.endsWith('.spec.ts') && !file.endsWith('.long.spec.ts') && !SLOW.test(file))
    .filter((spec) => {
      const reached = new Set([spec]);
      for (const file of reached) for (const name of required.get(file) ?? []) reached.add(name);
      const all = [...reached];
      return all.some((file) => isMutated(file, rooms)) && !all.some((name) => OUTSIDE.test(name));
    });
}
