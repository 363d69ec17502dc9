/**
 * Writes what is made from code: docs/reference/settings.md, errors.md and functions.md,
 * .env.example.
 * `--check` only compares.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkNode, ensureBuilt, ensureInstalled, ROOT } from './prepare.mjs';

checkNode();
ensureInstalled();
ensureBuilt();

const { referenceFiles } = await import(pathToFileURL(join(ROOT, 'dist', 'src', 'reference.js')).href);
let stale = 0;
for (const [file, content] of Object.entries(referenceFiles())) {
  const path = join(ROOT, file);
  if (existsSync(path) && readFileSync(path, 'utf8') === content) continue;
  stale += 1;
  if (process.argv.includes('--check')) process.stderr.write(`${file} is not what the code says.\n`);
  else writeFileSync(path, content);
}
if (process.argv.includes('--check') && stale > 0) process.exitCode = 1;
