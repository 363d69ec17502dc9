/** Who may import whom (DESIGN, "The house"). */
import { describe, expect, it } from '@jest/globals';
import { importsOf, projectFiles } from './support/sources.js';

/** Folders of `src` that files of a folder may import, besides their own. `file` entries are exact. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  proto: [],
  config: [],
  engines: ['core', 'proto'],
  // Interfaces of the recorder and of commits belong to whoever needs them, their implementations to the store.
  store: ['core', 'src/config.ts', 'src/gateway/recorder.ts', 'src/gateway/table-commits.ts'],
  lake: ['core', 'store', 'src/engines/engine.ts'],
  gateway: ['core', 'store', 'src/engines/engine.ts'],
  http: ['core', 'gateway'],
  // Of engines only their interface: a door never calls one.
  doors: ['core', 'gateway', 'http', 'proto', 'src/engines/engine.ts'],
  admin: ['core', 'gateway', 'http', 'store', 'src/config.ts'],
  // A client like any other, but for the one command that makes the first token in the database.
  cli: ['core', 'gateway', 'store', 'src/config.ts'],
  ops: ['core', 'store'],
};
/** Packages that the core may use, and where. */
const CORE_PACKAGES: readonly (readonly [RegExp, RegExp])[] = [
  [/^casbin$/, /^src\/core\/policy\//],
  [/^zod$/, /^src\/core\//],
  [/^yaml$/, /^src\/core\/policy\//],
  [/^lru-cache$/, /^src\/core\/policy\//],
  [/^node:crypto$/, /^src\/core\//],
  [/^node-jose$/, /^src\/core\/crypto\//],
];

const sources = projectFiles().filter(
  (file) => file.startsWith('src/') && file.endsWith('.ts') && !file.endsWith('.spec.ts'),
);
const folderOf = (file: string): string => file.split('/')[1] ?? '';
const isTop = (file: string): boolean => file.split('/').length === 2;

describe('imports', () => {
  it('finds the sources', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.flatMap(importsOf).length).toBeGreaterThan(sources.length);
  });

  it('keep to the house plan', () => {
    const wrong = sources
      .filter((file) => !isTop(file))
      .flatMap((file) => {
        const own = folderOf(file);
        const allowed = ALLOWED[own];
        if (allowed === undefined) return [`${file}: src/${own} is not in the house plan`];
        return importsOf(file)
          .filter((found) => found.file?.startsWith('src/') === true)
          .filter(({ file: target }) => {
            const folder = isTop(target!) ? '' : folderOf(target!);
            if (folder === own) return own === 'admin' && adminRoom(file) !== adminRoom(target!);
            return !allowed.includes(folder) && !allowed.includes(target!);
          })
          .map(({ file: target }) => `${file} -> ${target}`);
      });
    expect(wrong).toEqual([]);
  });

  it('from outside of src are types of the API, in its own client, and migrations', () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter(({ file: target }) => target !== undefined && !/^(src|migrations)\//.test(target))
        .filter(
          ({ file: target, typeOnly }) =>
            !(typeOnly && folderOf(file) === 'cli' && target === 'clients/typescript/src/generated/api.ts'),
        )
        .map(({ file: target }) => `${file} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('of the core are pure', () => {
    const wrong = sources
      .filter((file) => folderOf(file) === 'core')
      .flatMap((file) =>
        importsOf(file)
          .filter(({ file: target }) => target === undefined)
          .filter(
            ({ specifier }) =>
              !CORE_PACKAGES.some(([name, where]) => name.test(specifier) && where.test(file)),
          )
          .map(({ specifier }) => `${file} -> ${specifier}`),
      );
    expect(wrong).toEqual([]);
  });

  it('between the folders of the core make no cycle', () => {
    const edges = new Map<string, string[]>();
    for (const file of sources.filter((source) => folderOf(source) === 'core')) {
      const targets = importsOf(file).flatMap(({ file: target, typeOnly }) =>
        target === undefined || typeOnly || coreRoom(target) === coreRoom(file) ? [] : [coreRoom(target)],
      );
      edges.set(coreRoom(file), [...(edges.get(coreRoom(file)) ?? []), ...targets]);
    }
    expect(findCycle(edges)).toEqual([]);
  });

  it('end in .js and name a file that is there', () => {
    const files = new Set(projectFiles());
    const wrong = [
      ...sources,
      ...projectFiles().filter((file) => /^(migrations|test)\/.*\.ts$/.test(file)),
    ].flatMap((file) =>
      importsOf(file)
        .filter(
          ({ specifier, file: target }) =>
            target !== undefined && !(specifier.endsWith('.js') && files.has(target)),
        )
        .filter(({ specifier }) => !/\.(json|mjs)$/.test(specifier))
        .map(({ specifier }) => `${file} -> ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('findCycle', () => {
  it('finds one where there is one', () => {
    expect(
      findCycle(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['b']],
        ]),
      ),
    ).toEqual(['b', 'c', 'b']);
    expect(
      findCycle(
        new Map([
          ['a', ['b', 'c']],
          ['b', ['c']],
          ['c', []],
        ]),
      ),
    ).toEqual([]);
  });
});

/** `src/admin/policies/x.ts` -> `policies`; what lies directly in `src/admin` is for all of them. */
const adminRoom = (file: string): string => (file.split('/').length > 3 ? (file.split('/')[2] ?? '') : '');

/** `src/core/sql/functions/x.ts` -> `sql`; `src/core/errors.ts` -> `errors.ts`. */
const coreRoom = (file: string): string => file.split('/')[2] ?? '';

function findCycle(edges: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): readonly string[] => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return [];
    for (const next of edges.get(node) ?? []) {
      const cycle = visit(next, [...path, node]);
      if (cycle.length > 0) return cycle;
    }
    done.add(node);
    return [];
  };
  for (const node of edges.keys()) {
    const cycle = visit(node, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
