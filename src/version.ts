/** The version of this software, from package.json beside or above the built files. */
import { readFileSync } from 'node:fs';

export const VERSION = version();

/** From dist/src/ as from src/, the package is the first one upwards. */
function version(): string {
  for (const up of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {
      // Not this far up.
    }
  }
  return 'unknown';
}
