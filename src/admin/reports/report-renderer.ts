/**
 * Has pages, CSV and PDF made on a thread of their own: a table of thousands of rows takes its seconds, and
 * nobody else's statement is to wait for them.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { OnModuleDestroy } from '@nestjs/common';
import { GovernanceError } from '../../core/errors.js';
import type { RenderAnswer, RenderTask } from './render-worker.js';

const RENDER_MS_MAX = 120_000;
const MEMORY_MB_MAX = 768;
/** Reports that wait for the thread, each in memory. */
const WAITING_MAX = 8;

export class ReportRenderer implements OnModuleDestroy {
  private worker: Worker | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /** One after another. */
  async render(task: RenderTask): Promise<string | Buffer> {
    if (this.waiting >= WAITING_MAX)
      throw new GovernanceError('RATE_LIMITED', 'As many reports as may be are being written.', {
        remedy: 'Try again when they are done, or ask for JSON.',
      });
    this.waiting += 1;
    const mine = this.last.then(() => this.run(task));
    this.last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.waiting -= 1;
    }
  }

  async onModuleDestroy(): Promise<void> {
    await this.worker?.terminate();
  }

  private async run(task: RenderTask): Promise<string | Buffer> {
    this.worker ??= this.start();
    const { worker } = this;
    const answered = new AbortController();
    const signal = AbortSignal.any([answered.signal, AbortSignal.timeout(RENDER_MS_MAX)]);
    worker.postMessage(task);
    // It answers, or it is gone (out of memory), or it takes too long.
    const answer = await Promise.race([
      once(worker, 'message', { signal }).then(([value]) => value as RenderAnswer),
      once(worker, 'exit', { signal }).then(() => undefined),
    ]).catch(() => undefined);
    answered.abort();
    if (answer !== undefined && 'body' in answer)
      return typeof answer.body === 'string' ? answer.body : Buffer.from(answer.body);
    await worker.terminate();
    throw answer === undefined ? tooLarge() : new Error(`a report could not be written: ${answer.problem}`);
  }

  private start(): Worker {
    const worker = new Worker(new URL('./render-worker.js', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB_MAX },
    });
    // It must keep nobody from stopping; what runs on it is waited for by whoever asked.
    worker.unref();
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.worker === worker) this.worker = undefined;
    });
    return worker;
  }
}

const tooLarge = (): GovernanceError =>
  new GovernanceError('RESOURCES_EXHAUSTED', 'The report is too large to be written in this form.', {
    remedy: 'Ask for JSON, or for less: an object, a person, a shorter time.',
  });
