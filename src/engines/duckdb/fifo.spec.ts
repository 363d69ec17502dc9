import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Consume, pump } from './fifo.js';

const MORE_THAN_A_PIPE_HOLDS = Buffer.alloc(1_000_000, 'x');

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-fifo-'));
  path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As COPY: opens the pipe when it gets to it, writes, and fails afterwards if it was stopped meanwhile. */
function writer(delayMs: number) {
  let stopped = false;
  return {
    stop: () => {
      stopped = true;
    },
    copy: async (): Promise<string> => {
      await sleep(delayMs);
      const stream = createWriteStream(path, { flags: 'w' });
      stream.end(MORE_THAN_A_PIPE_HOLDS);
      await once(stream, 'close');
      if (stopped) throw new Error('interrupted');
      return 'copied';
    },
  };
}

const pumped = (delayMs: number, consume: Consume, signal = new AbortController().signal) => {
  const { copy, stop } = writer(delayMs);
  return pump(path, copy, consume, stop, signal);
};

describe('pump', () => {
  it('hands everything on, and waits for who takes it', async () => {
    let bytes = 0;
    const slow: Consume = async (chunk) => {
      await sleep(1);
      bytes += chunk.length;
    };
    expect(await pumped(0, slow)).toBe('copied');
    expect(bytes).toBe(MORE_THAN_A_PIPE_HOLDS.length);
  });

  // Opening a pipe that nobody reads blocks for ever, and cannot be interrupted.
  it.each([0, 50])(
    'ends when it is stopped before or after the writer opens (%i ms later)',
    async (delayMs) => {
      const stopping = new AbortController();
      const run = pumped(delayMs, () => undefined, stopping.signal);
      stopping.abort();
      await expect(run).rejects.toThrow();
    },
  );

  it('ends with the error of who takes, however much is still to come', async () => {
    const run = pumped(0, () => {
      throw new Error('enough');
    });
    await expect(run).rejects.toThrow('enough');
  });
});
