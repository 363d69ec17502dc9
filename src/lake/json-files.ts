/** What must be known of a JSON file before DuckDB may read it. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { JsonLayout } from './file-notes.js';

/** DuckDB 1.5 reads values by recursion: some ten thousand levels end the whole process. */
export const JSON_DEPTH_MAX = 1_000;

const QUOTE = 34;
const BACKSLASH = 92;
const BRACKET = 91;
const BRACE = 123;
const BRACKET_END = 93;
const BRACE_END = 125;
const LINE_FEED = 10;
const BLANK = new Set([9, 10, 13, 32]);
/** First byte of a byte order mark, and of no JSON. */
const BYTE_ORDER_MARK = 0xef;

/** Reads it to its end. Throws when it nests too deep, or is not plain UTF-8. */
export async function jsonLayout(path: string): Promise<JsonLayout> {
  const depth = new Depth();
  const raw = createReadStream(path);
  const stream = /\.gz$/i.test(path) ? raw.pipe(createGunzip()) : raw;
  // What breaks the file breaks the stream that is read from.
  raw.on('error', (error) => stream.destroy(error));
  try {
    for await (const chunk of stream) depth.add(chunk as Buffer);
  } finally {
    raw.destroy();
  }
  return depth.first === BRACKET ? 'array' : 'newline_delimited';
}

class Depth {
  /** The first byte that is not blank. */
  first: number | undefined;
  private open = 0;
  private inText = false;
  private escaped = false;

  add(chunk: Buffer): void {
    this.first ??= chunk.find((byte) => !BLANK.has(byte));
    if (this.first === BYTE_ORDER_MARK)
      throw new Error('it begins with a byte order mark, which JSON has not');
    for (const byte of chunk) {
      if (this.inText) this.text(byte);
      else if (byte === QUOTE) this.inText = true;
      else if (byte === BRACE || byte === BRACKET) {
        this.open += 1;
        if (this.open > JSON_DEPTH_MAX) throw new Error(`it nests deeper than ${JSON_DEPTH_MAX} levels`);
      } else if (byte === BRACE_END || byte === BRACKET_END) this.open = Math.max(0, this.open - 1);
    }
  }

  /** A text ends with its line: one that was never closed must not hide what comes after it. */
  private text(byte: number): void {
    if (byte === LINE_FEED) this.inText = false;
    if (this.escaped || byte === LINE_FEED) this.escaped = false;
    else if (byte === BACKSLASH) this.escaped = true;
    else if (byte === QUOTE) this.inText = false;
  }
}
