/** `sc://host:port/;token=...;use_ssl=true`: where a Spark Connect server is, as PySpark writes it. */

export interface SparkAddress {
  readonly host: string;
  readonly port: number;
  /** Pre-shared token of the server (`spark.connect.authenticate.token`). */
  readonly token?: string;
  readonly tls: boolean;
}

const PORT = 15_002;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const PARAMETERS = new Set(['token', 'use_ssl']);

/** Throws an Error whose text names the problem and no secret. */
export function parseSparkUrl(text: string): SparkAddress {
  const url = new URL(text);
  if (url.protocol !== 'sc:' || url.hostname === '') throw new Error('must be like sc://host:port');
  if (url.username !== '' || url.search !== '' || url.hash !== '')
    throw new Error('takes parameters only as ;name=value after the slash');
  const parameters = readParameters(url.pathname);
  const token = parameters.get('token');
  const tls = parameters.get('use_ssl') === 'true';
  // Said in as many words, a private network is the operator's to judge.
  if (token !== undefined && !tls && !LOOPBACK.test(url.hostname) && parameters.get('use_ssl') !== 'false')
    throw new Error('sends its token over a network: add use_ssl=true, or use_ssl=false if that is meant');
  return {
    host: url.hostname,
    port: url.port === '' ? PORT : Number(url.port),
    tls,
    ...(token === undefined ? {} : { token }),
  };
}

function readParameters(path: string): ReadonlyMap<string, string> {
  const parts = path
    .replace(/^\//, '')
    .split(';')
    .filter((part) => part !== '');
  return new Map(
    parts.map((part) => {
      const at = part.indexOf('=');
      const name = part.slice(0, at);
      if (at < 0 || !PARAMETERS.has(name)) throw new Error('knows the parameters token and use_ssl only');
      return [name, decodeURIComponent(part.slice(at + 1))];
    }),
  );
}
