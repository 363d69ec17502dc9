/** Once a run: where the Spark server that specs share is told of, and its end. It is started by whoever needs it first. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-spark-'));
  process.env.SHARED_SPARK_DIR = folder;
  // A run that is cut off stops the server as well: it watches this process.
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
}
