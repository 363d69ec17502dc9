/** Schemathesis, by other people, against a running gateway: is what it answers what it says it answers? */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GatewayProcess } from './gateway-process.js';
import { type Rest, startRest } from './rest-client.js';
import { ROOT } from './sources.js';

const START_TIMEOUT_MS = 300_000;
const OUTPUT_CHARS_MAX = 6_000;

const UNFIT = [
  // That values fit their schema does not say that there is such a table, or that the statement is SQL.
  'positive_data_acceptance',
  // `/v1/policies/diff` is also where a document called diff would be: it allows more than its own operation.
  'allow_header_conformance',
];

interface Campaign {
  readonly seed: number;
  /** For each operation. */
  readonly examplesMax: number;
  readonly phases: string;
  readonly secondsMax: number;
}

interface CampaignResult {
  readonly code: number | null;
  readonly output: string;
}

/** One campaign against a gateway of its own; `casesMin`: fewer would say nothing. */
export function itHoldsTheDescription(campaign: Campaign, casesMin: number): void {
  let rest: Rest;
  let python: string;
  beforeAll(async () => {
    python = schemathesisPython();
    rest = await startRest({ SLUICE_DEMO_SCALE: '0.001' });
  }, START_TIMEOUT_MS);
  afterAll(() => rest?.gateway.stop(), START_TIMEOUT_MS);

  describe('schemathesis', () => {
    it('finds no undocumented answer, no breach of a schema and nothing that went wrong inside', async () => {
      const { code, output } = await runSchemathesis(python, rest.gateway, campaign);
      expect([code, output.slice(-OUTPUT_CHARS_MAX)]).toEqual([0, expect.stringMatching(/passed/)]);
      expect(Number(/(\d+) generated/.exec(output)?.[1])).toBeGreaterThan(casesMin);
      expect(rest.gateway.output()).not.toMatch(/request-failed|background-failed/);
    });
  });
}

/** Long before it is needed: the first time it is downloaded. */
function schemathesisPython(): string {
  const made = spawnSync(process.execPath, [join(ROOT, 'scripts', 'schemathesis-venv.mjs')], {
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(made.stderr);
  return made.stdout.trim();
}

async function runSchemathesis(
  python: string,
  gateway: GatewayProcess,
  campaign: Campaign,
): Promise<CampaignResult> {
  const options = [
    ['--config-file', join(ROOT, 'test', 'rest', 'schemathesis.toml')],
    ['run', `${gateway.url}/openapi.json`],
    ['--header', `Authorization: Bearer ${gateway.tokens.admin}`],
    ['--checks', 'all', '--exclude-checks', UNFIT.join(',')],
    ['--phases', campaign.phases, '--seed', String(campaign.seed)],
    ['--max-examples', String(campaign.examplesMax), '--max-time', String(campaign.secondsMax)],
    ['--request-timeout', '20', '--continue-on-failure', '--no-shrink', '--warnings', 'off'],
  ].flat();
  const child = spawn(python, ['-m', 'schemathesis.cli', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // It keeps what it found where it runs.
    cwd: gateway.dataDir,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const late = setTimeout(() => child.kill('SIGKILL'), campaign.secondsMax * 3_000);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearTimeout(late);
  return { code, output };
}
