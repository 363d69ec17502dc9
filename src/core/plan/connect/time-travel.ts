/** `spark.read.option("versionAsOf", 3).table("t")`: a table as it was, said by an option. */
import { caseOf, type PlanMessage } from './message.js';
import { notAllowed } from './require-allowed.js';

export type TimeTravel =
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'timestamp'; readonly text: string };

const VERSION = /^\d{1,15}$/;
const TEXT_CHARS_MAX = 64;
const READ: Readonly<Record<string, (value: string) => TimeTravel | undefined>> = {
  versionasof: (value) => (VERSION.test(value) ? { kind: 'version', version: Number(value) } : undefined),
  timestampasof: (value) => (value.length <= TEXT_CHARS_MAX ? { kind: 'timestamp', text: value } : undefined),
};

/** By their names in lower case, as Spark compares them. */
export const isTimeTravel = (option: string): boolean => Object.hasOwn(READ, option.toLowerCase());

/** Undefined: the table as it is. Throws for what is no version and no moment. */
export function timeTravelOf(read: PlanMessage): TimeTravel | undefined {
  const options = (caseOf(read, 'readType').value?.options ?? {}) as Readonly<Record<string, string>>;
  const asked = Object.entries(options).filter(([option]) => isTimeTravel(option));
  const [first] = asked;
  if (first === undefined) return undefined;
  const found = READ[first[0].toLowerCase()]?.(first[1]);
  if (asked.length === 1 && found !== undefined && read.isStreaming !== true) return found;
  throw notAllowed(
    'Time travel said like this',
    'Give versionAsOf a whole number, or timestampAsOf a moment.',
  );
}
