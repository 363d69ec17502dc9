/**
 * Reading a table as a stream: what a client may say of it. How much comes at once is theirs to choose, where it comes
 * from is not.
 */
import { caseOf, type PlanMessage } from './message.js';
import { notAllowed } from './require-allowed.js';
import { isTimeTravel, timeTravelOf } from './time-travel.js';

/** By their names in lower case, as Spark compares them. */
const OPTIONS: Readonly<Record<string, { readonly name: string; readonly value: RegExp }>> = {
  maxfilespertrigger: { name: 'maxFilesPerTrigger', value: /^[1-9]\d{0,5}$/ },
  maxbytespertrigger: { name: 'maxBytesPerTrigger', value: /^[1-9]\d{0,12}[bkmg]?b?$/i },
};

export type StreamOptions = Readonly<Record<string, string>>;

/** How a table is read as a stream; undefined: it is not. */
export function streamOptions(read: PlanMessage): StreamOptions | undefined {
  if (read.isStreaming !== true) return undefined;
  return Object.fromEntries(
    given(read)
      .map(([key, value]): [string, string] => [OPTIONS[key.toLowerCase()]?.name ?? key, value])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Throws for an option that is not on the list; of a table that is not read as a stream, but for time travel. */
export function requireReadOptions(read: PlanMessage): void {
  timeTravelOf(read);
  for (const [key, value] of given(read)) {
    const folded = key.toLowerCase();
    if (isTimeTravel(folded)) continue;
    const known = Object.hasOwn(OPTIONS, folded) ? OPTIONS[folded] : undefined;
    if (read.isStreaming === true && known?.value.test(value) === true) continue;
    throw notAllowed(
      `The option ${JSON.stringify(key.slice(0, 60))} of a table`,
      'Leave it out. A stream may say maxFilesPerTrigger and maxBytesPerTrigger.',
    );
  }
}

const given = (read: PlanMessage): readonly (readonly [string, string])[] =>
  Object.entries((caseOf(read, 'readType').value?.options ?? {}) as Readonly<Record<string, string>>);
