/** How long an event loop that has nothing to do is held up: what a busy machine adds to every measurement. */
import { Worker } from 'node:worker_threads';

const WATCH = `
  const { parentPort } = require('node:worker_threads');
  const { monitorEventLoopDelay } = require('node:perf_hooks');
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  parentPort.on('message', () => {
    parentPort.postMessage(delay.max / 1e6);
    delay.reset();
  });`;

export class AmbientLag {
  private readonly worker = new Worker(WATCH, { eval: true });

  /** Longest delay since this was last asked. */
  maxMs(): Promise<number> {
    return new Promise((resolve) => {
      this.worker.once('message', resolve);
      this.worker.postMessage('now');
    });
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}
