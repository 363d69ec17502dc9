/**
 * Counts the lines of a stream of text as it passes and cuts it after the last one that is wanted. In CSV a
 * line break inside quotes does not end a row.
 */
const LINE_FEED = 10;
const QUOTE = 34;

export class LineCutter {
  rows = 0;
  truncated = false;
  readonly #quotes: boolean;
  readonly #rowsMax: number;
  #inQuotes = false;

  constructor(options: { readonly quotes: boolean; readonly rowsMax?: number | undefined }) {
    this.#quotes = options.quotes;
    this.#rowsMax = options.rowsMax ?? Number.POSITIVE_INFINITY;
  }

  /** The part of `chunk` that belongs to the result. */
  take(chunk: Buffer): Buffer {
    if (this.rows >= this.#rowsMax) {
      if (chunk.length > 0) this.truncated = true;
      return chunk.subarray(0, 0);
    }
    const plain = !this.#quotes || (!this.#inQuotes && chunk.indexOf(QUOTE) < 0);
    const end = plain ? this.#takePlain(chunk) : this.#takeQuoted(chunk);
    if (end < chunk.length) this.truncated = true;
    return chunk.subarray(0, end);
  }

  #takePlain(chunk: Buffer): number {
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) {
      this.rows += 1;
      if (this.rows >= this.#rowsMax) return at + 1;
    }
    return chunk.length;
  }

  #takeQuoted(chunk: Buffer): number {
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte === QUOTE) this.#inQuotes = !this.#inQuotes;
      else if (byte === LINE_FEED && !this.#inQuotes) {
        this.rows += 1;
        if (this.rows >= this.#rowsMax) return at + 1;
      }
    }
    return chunk.length;
  }
}
