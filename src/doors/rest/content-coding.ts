/** Compression of an answer on its way out, as Accept-Encoding has it. */
import { pipeline, type Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { preferredTypes } from '../../http/accept.js';

/** Quick: an answer is compressed while its rows are made. */
const GZIP_LEVEL = 1;

const CODINGS: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', () => zlib.createGzip({ level: GZIP_LEVEL })],
  // Node has it from 22.15 on.
  ...('createZstdCompress' in zlib
    ? [['zstd', () => (zlib as { createZstdCompress(): Transform }).createZstdCompress()] as const]
    : []),
]);

/** The coding that the client likes best, of those that are made here; undefined: none. */
export const contentCoding = (accepted: string | undefined): string | undefined =>
  preferredTypes(accepted ?? '').find((coding) => CODINGS.has(coding) || coding === 'identity');

export function coded(body: Readable, coding: string): Readable {
  const make = CODINGS.get(coding);
  if (make === undefined) throw new Error(`no coding ${coding}`);
  const transform = make();
  // Its error is told by the stream that is read.
  pipeline(body, transform, () => undefined);
  return transform;
}
