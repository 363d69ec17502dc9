/** The units that DATEADD, DATEDIFF, TIMESTAMPADD and TIMESTAMPDIFF take as a word. */
const DATE_UNITS: ReadonlySet<string> = new Set(
  'YEAR QUARTER MONTH WEEK DAY DAYOFYEAR HOUR MINUTE SECOND MILLISECOND MICROSECOND'.split(' '),
);

/** `word` in upper case. */
export const isDateUnit = (word: string): boolean => DATE_UNITS.has(word);
