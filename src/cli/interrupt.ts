/** Ctrl-C: what runs elsewhere for this command is told to stop before the process ends. */
import { EXIT } from './exit-codes.js';

/** A gateway that does not answer must not keep a terminal. */
const FAREWELL_MAX_MS = 2_000;
const farewells = new Set<() => Promise<unknown>>();

/** Until the function that it returns is called. */
export function onInterrupt(farewell: () => Promise<unknown>): () => void {
  farewells.add(farewell);
  return () => farewells.delete(farewell);
}

export function handleInterrupts(): void {
  const end = (): void => process.exit(EXIT.interrupted);
  process.once('SIGINT', () => {
    process.once('SIGINT', end);
    setTimeout(end, FAREWELL_MAX_MS);
    void Promise.allSettled([...farewells].map((farewell) => farewell())).then(end);
  });
}
