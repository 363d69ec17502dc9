/** The project's own files, for the tests that look at the code itself. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Tracked files and those that would be: what git ignores is not ours. */
export const projectFiles = (): readonly string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(ROOT, file)));

export const readProjectFile = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Relative to the root, `.ts`; undefined for packages. */
  readonly file: string | undefined;
  readonly typeOnly: boolean;
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[\w*{][^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

export function importsOf(file: string): readonly Import[] {
  const text = readProjectFile(file);
  return [...text.matchAll(IMPORT)].map((match) => {
    const specifier = (match[2] ?? match[3])!;
    const target = specifier.startsWith('.')
      ? relative(ROOT, join(ROOT, dirname(file), specifier)).replace(/\.js$/, '.ts')
      : undefined;
    return { specifier, file: target, typeOnly: match[1] !== undefined };
  });
}
