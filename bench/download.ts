/** A result over HTTP, read and thrown away: how many rows it had by its own word, how many bytes, how long it took. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { GatewayProcess } from '../test/support/gateway-process.js';

export interface Download {
  readonly rows: number;
  readonly bytes: number;
  readonly lines: number;
}

const NEWLINE = 10;
/** So seldom that it costs nothing. */
const SAMPLE_MS = 100;

export function download(
  gateway: GatewayProcess,
  accept: string,
  statement: string,
  countLines = false,
): Promise<Download> {
  return new Promise((resolve, reject) => {
    const headers = {
      accept,
      authorization: `Bearer ${gateway.tokens.analyst}`,
      'content-type': 'application/json',
    };
    const asked = request(`${gateway.url}/v1/statements`, { method: 'POST', headers }, (answer) => {
      let bytes = 0;
      let lines = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (!countLines) return;
        for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode !== 200) return reject(new Error(`status ${answer.statusCode}`));
        resolve({ rows: Number(answer.trailers['x-sluice-row-count']), bytes, lines });
      });
    });
    asked.on('error', reject);
    asked.end(JSON.stringify({ statement }));
  });
}

/** Most memory of a process while the work goes on, in MiB. Undefined where the system does not tell. */
export async function peakMemoryMiB(pid: number, work: () => Promise<void>): Promise<number | undefined> {
  let peak: number | undefined;
  const look = (): void => {
    const now = residentMiB(pid);
    if (now !== undefined) peak = Math.max(peak ?? 0, now);
  };
  const timer = setInterval(look, SAMPLE_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return peak;
}

function residentMiB(pid: number): number | undefined {
  try {
    const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found === null ? undefined : Number(found[1]) / 1_024;
  } catch {
    return undefined;
  }
}
