/** Python environments in the user's cache, each made once, of packages with versions; whole or not there. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const cacheDir = () =>
  process.env.SLUICE_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sluice');

export class PythonVenv {
  #name;
  #imports;

  /** `name`: of its folder, with a version. `imports`: what it must be able to import. */
  constructor(name, imports) {
    this.#name = name;
    this.#imports = imports;
  }

  get home() {
    return join(cacheDir(), this.#name);
  }

  /** Its python, if it is there and whole. */
  python() {
    const python = join(this.home, 'bin', 'python');
    if (!existsSync(python)) return undefined;
    // Quicker to see than to import.
    if (existsSync(join(this.home, '.complete'))) return python;
    return spawnSync(python, ['-c', `import ${this.#imports}`]).status === 0 ? python : undefined;
  }

  /** Its python, after making it where there is none; says why. Ends the process when that fails. */
  ensure(packages, why, options = []) {
    const known = this.python();
    if (known !== undefined) return this.#complete(known);
    process.stderr.write(`Installing ${packages[0]} into ${this.home}: ${why}.\n`);
    mkdirSync(cacheDir(), { recursive: true });
    // Beside its place and renamed would break it, as its scripts hold their path: so from nothing, in place.
    if (existsSync(this.home)) {
      const old = `${this.home}.old-${process.pid}`;
      renameSync(this.home, old);
      rmSync(old, { recursive: true, force: true });
    }
    run('python3', ['-m', 'venv', this.home]);
    const quiet = ['--quiet', '--disable-pip-version-check'];
    run(join(this.home, 'bin', 'pip'), ['install', ...quiet, ...options, ...packages]);
    const python = this.python();
    if (python === undefined) fail(`${this.home} has not what it is for (${this.#imports})`);
    return this.#complete(python);
  }

  #complete(python) {
    mkdirSync(join(this.home, '.complete'), { recursive: true });
    return python;
  }
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) fail(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
}

function fail(problem) {
  process.stderr.write(`sluice: ${problem}.\n`);
  process.exit(1);
}
