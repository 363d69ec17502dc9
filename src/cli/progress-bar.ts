/** How far long work has come, on a terminal; silent elsewhere, so that output can be piped. */
import { Presets, SingleBar } from 'cli-progress';

export interface ProgressBar {
  to(done: number): void;
  stop(): void;
}

const SILENT: ProgressBar = { to: () => undefined, stop: () => undefined };

export function progressBar(title: string, total: number, stream = process.stderr): ProgressBar {
  if (!stream.isTTY || total <= 0) return SILENT;
  const bar = new SingleBar(
    { stream, format: `${title} {bar} {percentage}%`, clearOnComplete: true, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { to: (done) => bar.update(Math.min(done, total)), stop: () => bar.stop() };
}
