/** One process after another that answers what it is asked in time, or is ended. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../prepare.mjs';

const RSS_MAX_BYTES = 1_200_000_000;
const SCRIPT = fileURLToPath(new URL('./worker.mjs', import.meta.url));

export class Worker {
  #child;
  #job;

  /** `job`: baseline or judge. */
  constructor(job) {
    this.#job = job;
  }

  /** The answer; `{ status: 'timeout' }` when there is none in time, `{ status: 'died' }` when the process ended. */
  async ask(question, timeoutMs) {
    this.#child ??= start(this.#job);
    const child = this.#child;
    let timer;
    const answer = await new Promise((resolve) => {
      timer = setTimeout(() => resolve({ status: 'timeout' }), timeoutMs);
      child.once('message', resolve);
      child.once('exit', () => resolve({ status: 'died' }));
      child.send(question, () => undefined);
    });
    clearTimeout(timer);
    child.removeAllListeners();
    if (answer.rss === undefined || answer.rss > RSS_MAX_BYTES) await this.end();
    return answer;
  }

  async end() {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}

function start(job) {
  const { SLUICE_LONG: _, ...env } = process.env;
  return fork(SCRIPT, [job], {
    cwd: ROOT,
    env,
    execArgv: ['--disable-warning=ExperimentalWarning', '--no-flush-bytecode'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}
