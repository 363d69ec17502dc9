/** A file line by line, as bytes, in memory that does not grow with the file. */
import { createReadStream } from 'node:fs';

const NEWLINE = 10;
/** No line of ours is nearly that long: what is longer is handed on in parts, and found wrong. */
const LINE_BYTES_MAX = 64 * 2 ** 20;

export interface FileLine {
  /** With its newline. */
  readonly bytes: Buffer;
  /** False: the file ended here. */
  readonly complete: boolean;
}

/** `onRead` hears how many bytes were read so far. */
export async function* linesOf(file: string, onRead: (bytes: number) => void): AsyncGenerator<FileLine> {
  let open: Buffer[] = [];
  let openBytes = 0;
  let read = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    read += chunk.length;
    onRead(read);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield { bytes: Buffer.concat([...open, chunk.subarray(start, end + 1)]), complete: true };
      open = [];
      openBytes = 0;
      start = end + 1;
    }
    open.push(chunk.subarray(start));
    openBytes += chunk.length - start;
    if (openBytes <= LINE_BYTES_MAX) continue;
    yield { bytes: Buffer.concat(open), complete: true };
    open = [];
    openBytes = 0;
  }
  if (openBytes > 0) yield { bytes: Buffer.concat(open), complete: false };
}
