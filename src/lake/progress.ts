/** Long work shown as a bar on a terminal, as plain lines elsewhere. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  start(title: string, total: number): void;
  advance(by: number, label: string): void;
  stop(): void;
}

export const SILENT: Progress = { start: () => {}, advance: () => {}, stop: () => {} };

export function progressOn(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? bar(stream) : lines(stream);
}

function bar(stream: NodeJS.WriteStream): Progress {
  let shown: SingleBar | undefined;
  return {
    start: (title, total) => {
      shown = new SingleBar(
        { stream, format: `${title} {bar} {percentage}% {label}`, clearOnComplete: true, hideCursor: true },
        Presets.shades_classic,
      );
      shown.start(total, 0, { label: '' });
    },
    advance: (by, label) => shown?.increment(by, { label }),
    stop: () => shown?.stop(),
  };
}

function lines(stream: NodeJS.WriteStream): Progress {
  let total = 1;
  let done = 0;
  return {
    start: (title, all) => {
      total = all;
      done = 0;
      stream.write(`${title}\n`);
    },
    advance: (by, label) => {
      done += by;
      stream.write(`  ${Math.round((100 * done) / total)} % ${label}\n`);
    },
    stop: () => {},
  };
}
