/**
 * Brings a checkout to where it can run: packages installed, sources built. Plain Node: nothing is installed
 * yet when this runs.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const INSTALL_STAMP = join(ROOT, 'node_modules', '.sluice-installed');
const BUILD_STAMP = join(ROOT, 'dist', '.sluice-built');
const PARENT_CHECK_MS = 500;
const SUPPORTED = [
  [20, 19],
  [22, 13],
  [24, 11],
];

const say = (text) => process.stderr.write(`sluice: ${text}\n`);

/** Ends the process with advice when this Node is too old. */
export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  const newest = SUPPORTED.at(-1);
  const fits = major > newest[0] || SUPPORTED.some(([m, n]) => major === m && minor >= n);
  if (fits) return;
  say(`Node ${version} is too old: 20.19, 22.13 or 24.11 and newer are supported.`);
  process.exit(1);
}

/** `npm ci` when packages are missing or the lock file changed since. */
export function ensureInstalled() {
  const lock = join(ROOT, 'package-lock.json');
  const wanted = createHash('sha256').update(readFileSync(lock)).digest('hex');
  if (existsSync(INSTALL_STAMP)) {
    if (readFileSync(INSTALL_STAMP, 'utf8') === wanted) return;
  } else {
    // Installed by hand: npm's own record is at least as new as the lock file.
    const record = join(ROOT, 'node_modules', '.package-lock.json');
    if (existsSync(record) && statSync(record).mtimeMs >= statSync(lock).mtimeMs) return;
  }
  say('installing packages (npm ci) ...');
  run('npm', ['ci', '--no-audit', '--no-fund'], 'npm ci failed; the lines above say why.');
  writeFileSync(INSTALL_STAMP, wanted);
}

/** Compiles when a source changed since the last time. A production image brings `dist` and no sources. */
export function ensureBuilt() {
  if (!existsSync(join(ROOT, 'src'))) return;
  const wanted = sourcesHash();
  if (existsSync(BUILD_STAMP) && readFileSync(BUILD_STAMP, 'utf8') === wanted) return;
  say('building ...');
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  run(process.execPath, [tsc, '-p', 'tsconfig.build.json'], 'The build failed; the lines above say why.');
  mkdirSync(dirname(BUILD_STAMP), { recursive: true });
  writeFileSync(BUILD_STAMP, wanted);
}

/** npm runs us through a shell that may swallow a signal; when npm is gone, so are we. */
export function whenParentIsGone(then) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) then();
  }, PARENT_CHECK_MS).unref();
}

function sourcesHash() {
  const hash = createHash('sha256');
  const files = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
  for (const folder of ['src', 'migrations']) {
    for (const file of readdirSync(join(ROOT, folder), { recursive: true })) {
      if (file.endsWith('.ts') && !file.endsWith('.spec.ts')) files.push(join(folder, file));
    }
  }
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

function run(command, args, failure) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  say(error === undefined ? failure : `${command} could not be started (${error.message}).`);
  process.exit(1);
}
