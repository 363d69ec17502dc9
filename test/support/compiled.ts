/**
 * The sources as plain JavaScript, for specs that start real processes: quicker than tsc, and whatever types
 * others are changing.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformFile } from '@swc/core';
import { projectFiles, ROOT } from './sources.js';

export interface Compiled {
  /** Holds `src` and `migrations`. */
  readonly dir: string;
  remove(): void;
}

/** Inside node_modules, so that packages are found from there. */
export async function compileSources(): Promise<Compiled> {
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const dir = mkdtempSync(join(cache, 'sluice-spec-'));
  const sources = projectFiles().filter(
    (file) => /^(src|migrations)\/.*\.ts$/.test(file) && !file.endsWith('.spec.ts'),
  );
  for (const file of sources) {
    const { code } = await transformFile(join(ROOT, file), {
      jsc: {
        target: 'es2023',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
      },
      module: { type: 'es6' },
    });
    const target = join(dir, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, code);
  }
  cpSync(join(ROOT, 'package.json'), join(dir, 'package.json'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
