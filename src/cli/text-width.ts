/** Texts by the cells that they take on a terminal: wide characters take two, combining ones none. */
import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Would drive the terminal, break the line, or show a text in another order than it has. */
const UNSHOWN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const CUT = '…';

export const widthOf = (text: string): number => stringWidth(text);

export const shownText = (text: string): string => text.replace(UNSHOWN, ' ');

/** At most `cells` wide; what was cut off leaves its mark. */
export function cutText(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text;
  let kept = '';
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    const more = widthOf(segment);
    if (width + more > cells - 1) break;
    kept += segment;
    width += more;
  }
  return kept + CUT;
}

export const padText = (text: string, cells: number, side: 'left' | 'right'): string => {
  const space = ' '.repeat(Math.max(0, cells - widthOf(text)));
  return side === 'left' ? space + text : text + space;
};

/** Of standard output; what goes to a file or a pipe is not cut, unless COLUMNS asks for it. */
export function terminalWidth(): number {
  const asked = Number(process.env.COLUMNS);
  return process.stdout.columns ?? (asked > 0 ? asked : Number.POSITIVE_INFINITY);
}
