/** `sluice policy ...`: documents and their tests, from files to a gateway. */
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { ApiClient } from './api-client.js';
import { print } from './connection.js';
import { EXIT } from './exit-codes.js';
import { progressBar } from './progress-bar.js';

/** Principals and objects that one comparison looks at. */
const COMPARED_MAX = 100;

/** Creates the document of a file, or replaces the one of its name. */
export async function apply(api: ApiClient, file: string, asJson: boolean): Promise<void> {
  const text = await readFile(resolve(file), 'utf8');
  const name = /^name:\s*["']?([^\s"']+)/m.exec(text)?.[1] ?? '';
  const path = `/v1/policies/${encodeURIComponent(name)}`;
  const known = name === '' ? undefined : await api.find(path);
  const saved = (await (known === undefined
    ? api.send('POST', '/v1/policies', text, 'application/yaml')
    : api.send('PUT', path, text, 'application/yaml'))) as {
    readonly policyVersion: number;
    readonly warnings: readonly { readonly text: string }[];
  };
  print(asJson, saved, () => {
    console.log(`${name} is in force, as of policy version ${saved.policyVersion}.`);
    for (const warning of saved.warnings) console.log(`warning: ${warning.text}`);
  });
}

interface TestResult {
  readonly name: string;
  readonly differences: readonly string[];
}

/** Runs test files against what is in force, `documents` put in place. Sets the exit code. */
export async function test(
  api: ApiClient,
  files: readonly string[],
  documents: readonly string[],
  asJson: boolean,
): Promise<void> {
  const put = await Promise.all(documents.map((file) => readFile(resolve(file), 'utf8')));
  const all: { readonly file: string; readonly results: readonly TestResult[] }[] = [];
  const bar = progressBar('testing', files.length);
  for (const [n, file] of files.entries()) {
    const tests = await readFile(resolve(file), 'utf8');
    const { results } = (await api.post('/v1/policies/test', { tests, documents: put })) as {
      readonly results: readonly TestResult[];
    };
    all.push({ file, results });
    bar.to(n + 1);
  }
  bar.stop();
  const results = all.flatMap((one) => one.results);
  const failed = results.filter(({ differences }) => differences.length > 0);
  if (failed.length > 0) process.exitCode = EXIT.failed;
  print(asJson, { passed: results.length - failed.length, failed: failed.length, files: all }, () => {
    for (const one of all) {
      for (const { name, differences } of one.results) {
        console.log(`${differences.length === 0 ? 'ok  ' : 'FAIL'} ${basename(one.file)}: ${name}`);
        for (const difference of differences) console.log(`       ${difference}`);
      }
    }
    console.log(`${results.length - failed.length} passed, ${failed.length} failed`);
  });
}

interface Person {
  readonly user: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
}
interface Outline {
  readonly actions: readonly string[];
  readonly rows: readonly string[];
  readonly masks: Readonly<Record<string, string>>;
}
interface Change {
  readonly object: string;
  readonly before?: Outline;
  readonly after: Outline;
}

/** What a document would change, for whom: one person, or everybody who is known. */
export async function diff(
  api: ApiClient,
  file: string,
  user: string | undefined,
  asJson: boolean,
): Promise<void> {
  const documents = [await readFile(resolve(file), 'utf8')];
  const people = user === undefined ? await everybody(api) : [await api.get(`/v1/principals/${user}`)];
  const tables = (await api.get(`/v1/catalog/tables?limit=${COMPARED_MAX}`)) as {
    readonly items: readonly { readonly name: string }[];
  };
  const objects = tables.items.map(({ name }) => name);
  const found: { readonly user: string; readonly changes: readonly Change[] }[] = [];
  const bar = progressBar('comparing', people.length);
  for (const [n, person] of (people as readonly Person[]).entries()) {
    const { user: name, roles, groups, attributes } = person;
    const principal = { user: name, roles, groups, attributes };
    const { changes } = (await api.post('/v1/policies/diff', { principal, objects, documents })) as {
      readonly changes: readonly Change[];
    };
    if (changes.length > 0) found.push({ user: name, changes });
    bar.to(n + 1);
  }
  bar.stop();
  print(asJson, { principals: found }, () => {
    if (found.length === 0) console.log('Nothing changes for anybody.');
    for (const { user: name, changes } of found)
      for (const { object, before, after } of changes) printChange(name, object, before, after);
  });
}

async function everybody(api: ApiClient): Promise<readonly unknown[]> {
  const { items } = (await api.get(`/v1/principals?limit=${COMPARED_MAX}`)) as { readonly items: unknown[] };
  return items;
}

function printChange(user: string, object: string, before: Outline | undefined, after: Outline): void {
  console.log(`${user}, ${object}`);
  const lines = (outline: Outline | undefined): readonly string[] =>
    outline === undefined
      ? []
      : [
          `may ${outline.actions.join(', ') || 'nothing'}`,
          ...outline.rows.map((rule) => `rows ${rule}`),
          ...Object.entries(outline.masks).map(([column, mask]) => `${column} ${mask}`),
        ];
  const [old, now] = [lines(before), lines(after)];
  for (const line of old) if (!now.includes(line)) console.log(`  - ${line}`);
  for (const line of now) if (!old.includes(line)) console.log(`  + ${line}`);
}
