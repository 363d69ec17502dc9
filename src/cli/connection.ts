/** Which gateway the command line talks to, as whom, and how it tells what it heard. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ApiClient } from './api-client.js';
import { NoTokenError, UnreachableError } from './unreachable.js';

/** SLUICE_URL and SLUICE_TOKEN, else the gateway of this data folder and its demo administrator. */
export function connect(env: NodeJS.ProcessEnv): ApiClient {
  const dataDir = resolve(env.SLUICE_DATA_DIR ?? '.sluice');
  const json = (file: string): Record<string, unknown> => {
    try {
      return JSON.parse(readFileSync(join(dataDir, file), 'utf8')) as Record<string, unknown>;
    } catch {
      return {};
    }
  };
  const { http } = json('runtime.json');
  const url = env.SLUICE_URL ?? (http === undefined ? undefined : `http://127.0.0.1:${String(http)}`);
  const token = env.SLUICE_TOKEN ?? tokenFile(env) ?? (json('demo-credentials.json').admin as string);
  if (url === undefined)
    throw new UnreachableError(
      'no gateway runs on this data folder: start one with npm start, or set SLUICE_URL',
    );
  if (token === undefined) throw new NoTokenError('set SLUICE_TOKEN');
  return new ApiClient(url, token);
}

const tokenFile = (env: NodeJS.ProcessEnv): string | undefined =>
  env.SLUICE_TOKEN_FILE === undefined ? undefined : readFileSync(env.SLUICE_TOKEN_FILE, 'utf8').trim();

/** With `--json` the value, else what `people` prints. */
export function print(asJson: boolean, value: unknown, people: () => void): void {
  if (asJson) console.log(JSON.stringify(value));
  else people();
}
