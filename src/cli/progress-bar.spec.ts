import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { elapsedLine, progressBar } from './progress-bar.js';

const LONG_MS = 700;
const terminal = (isTTY: boolean) => {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  let text = '';
  stream.on('data', (chunk) => (text += String(chunk)));
  return { stream: stream as unknown as NodeJS.WriteStream, shown: () => text };
};

describe('progress', () => {
  it('is shown on a terminal, and Ctrl-C stays ours', () => {
    const { stream, shown } = terminal(true);
    const before = process.listenerCount('SIGINT');
    const bar = progressBar('testing', 4, stream);
    bar.to(2);
    expect(process.listenerCount('SIGINT')).toBe(before);
    bar.stop();
    expect(shown()).toMatch(/testing .*50%/);
  });

  it('without an end shows itself only when it takes long', async () => {
    const short = terminal(true);
    elapsedLine('running', 'bytes', short.stream).stop();
    const long = terminal(true);
    const line = elapsedLine('running', 'bytes', long.stream);
    line.to(12_345);
    await sleep(LONG_MS);
    line.stop();
    expect(short.shown()).toBe('');
    expect(long.shown()).toMatch(/running .*12,345 bytes/);
  });

  it('is silent in a pipe', async () => {
    const { stream, shown } = terminal(false);
    progressBar('testing', 4, stream).stop();
    const line = elapsedLine('running', undefined, stream);
    await sleep(LONG_MS);
    line.stop();
    expect(shown()).toBe('');
  });
});
