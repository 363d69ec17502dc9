/** A whole export through the verifier. */
import { ExportVerifier, type Verification, type VerifyOptions } from '../../src/core/audit/verify-export.js';

export function verifyBytes(bytes: Buffer, options: VerifyOptions = {}): Verification {
  const verifier = new ExportVerifier(options);
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    verifier.line(bytes.subarray(start, end + 1));
    start = end + 1;
  }
  return verifier.finish(start < bytes.length);
}

export const verifyLines = (lines: readonly string[], options: VerifyOptions = {}): Verification =>
  verifyBytes(Buffer.from(lines.join('')), options);

export const codesOf = (verification: Verification): readonly string[] => [...verification.counts.keys()];
