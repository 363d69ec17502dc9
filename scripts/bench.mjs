/**
 * `npm run bench [-- NAME...]`: compiles the benchmarks with the sources they measure into a folder of their
 * own, and runs them there.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkNode, ensureInstalled, ROOT } from './prepare.mjs';

const FOLDERS = ['src', 'migrations', 'bench', join('test', 'support')];

checkNode();
ensureInstalled();
const cache = join(ROOT, 'node_modules', '.cache');
mkdirSync(cache, { recursive: true });
// Inside node_modules, so that packages are found from there.
const folder = mkdtempSync(join(cache, 'sluice-bench-'));
try {
  await compileInto(folder);
  const main = join(folder, 'bench', 'main.js');
  const { status, signal } = spawnSync(process.execPath, [main, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  if (signal !== null) process.stderr.write(`The benchmarks were ended by ${signal}.\n`);
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function compileInto(target) {
  const { transformFile } = await import('@swc/core');
  const parser = { syntax: 'typescript', decorators: true };
  const transform = { legacyDecorator: true, decoratorMetadata: true };
  for (const top of FOLDERS) {
    for (const name of readdirSync(join(ROOT, top), { recursive: true })) {
      const file = join(top, name);
      if (name.endsWith('.py')) cpSync(join(ROOT, file), join(target, file));
      if (!name.endsWith('.ts') || name.endsWith('.spec.ts')) continue;
      const { code } = await transformFile(join(ROOT, file), {
        jsc: { target: 'es2023', parser, transform },
        module: { type: 'es6' },
      });
      const made = join(target, file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(made), { recursive: true });
      writeFileSync(made, code);
    }
  }
  symlinkSync(join(ROOT, 'scripts'), join(target, 'scripts'));
  cpSync(join(ROOT, 'package.json'), join(target, 'package.json'));
}
