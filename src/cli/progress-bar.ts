/** How far long work has come, on a terminal; silent elsewhere, so that output can be piped. */
import { Presets, SingleBar } from 'cli-progress';

export interface ProgressBar {
  to(done: number): void;
  stop(): void;
}

const SILENT: ProgressBar = { to: () => undefined, stop: () => undefined };
/** Ctrl-C is ours: the library's own handler would stop the bar and let the work go on. */
const LOOK = { clearOnComplete: true, hideCursor: true, gracefulExit: false };
/** What is over sooner is not worth a line that comes and goes. */
const SHOWN_AFTER_MS = 500;

export function progressBar(
  title: string,
  total: number,
  stream: NodeJS.WriteStream = process.stderr,
): ProgressBar {
  if (!stream.isTTY || total <= 0) return SILENT;
  const bar = new SingleBar(
    { ...LOOK, stream, format: `${title} {bar} {percentage}%` },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { to: (done) => bar.update(Math.min(done, total)), stop: () => bar.stop() };
}

/**
 * Work whose end nobody knows: time, and `unit`s so far. The gateway tells no more: how far a scan has come would
 * count hidden rows.
 */
export function elapsedLine(
  title: string,
  unit?: string,
  stream: NodeJS.WriteStream = process.stderr,
): ProgressBar {
  if (!stream.isTTY) return SILENT;
  const amount = unit === undefined ? '' : `, {amount} ${unit}`;
  const line = new SingleBar(
    { ...LOOK, stream, format: `${title} {duration_formatted}${amount}` },
    Presets.shades_classic,
  );
  let [shown, done] = [false, 0];
  const timer = setTimeout(() => {
    shown = true;
    line.start(1, 0, { amount: amountText(done) });
  }, SHOWN_AFTER_MS);
  return {
    to: (now) => {
      done = now;
      if (shown) line.update(0, { amount: amountText(done) });
    },
    stop: () => {
      clearTimeout(timer);
      if (shown) line.stop();
    },
  };
}

const amountText = (amount: number): string => amount.toLocaleString('en');
