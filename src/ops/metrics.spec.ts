import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { makeDevCa } from '../cli/dev-ca.js';
import { watchCertificates } from './certificates.js';
import { Metrics } from './metrics.js';
import type { StatementEnd } from './observation.js';

const DAY_S = 86_400;

async function counted(...ends: readonly Partial<StatementEnd>[]): Promise<string> {
  const metrics = new Metrics();
  for (const end of ends) {
    metrics.observe({
      kind: 'statement',
      statement: { statementId: 's', state: 'succeeded', timings: {}, laps: [], ...end },
    });
  }
  return metrics.registry.metrics();
}
const laps = (...stages: readonly string[]) => stages.map((stage) => ({ stage, startMs: 0, endMs: 1 }));

describe('metrics of statements', () => {
  it('count what was decided, and errors by the stage that a statement came to', async () => {
    const text = await counted(
      { laps: laps('decode', 'bind', 'decide', 'run') },
      { state: 'failed', code: 'ENGINE_ERROR', laps: laps('decode', 'bind', 'decide', 'record', 'run') },
      { state: 'refused', code: 'ACCESS_DENIED', laps: laps('decode', 'bind', 'decide', 'record') },
      { state: 'refused', code: 'SYNTAX_ERROR', laps: laps('authenticate', 'decode', 'record') },
    );
    expect(text).toContain('sluice_decisions_total{outcome="allowed"} 2');
    expect(text).toContain('sluice_decisions_total{outcome="denied"} 1');
    for (const stage of ['run', 'decide', 'decode']) {
      expect(text).toContain(`sluice_stage_errors_total{stage="${stage}"} 1`);
    }
    expect(text).not.toContain('sluice_stage_errors_total{stage="record"}');
  });
});

describe('watchCertificates', () => {
  it('tells when a certificate ends and how old it is; of none that is not one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-certificates-'));
    try {
      const made = new Date('2026-01-01T00:00:00Z');
      makeDevCa(folder, ['localhost'], made);
      writeFileSync(join(folder, 'none.pem'), 'not a certificate');
      const registry = new Registry();
      const now = new Date(made.getTime() + 10 * DAY_S * 1_000);
      const files = {
        connect: join(folder, 'server.pem'),
        none: join(folder, 'none.pem'),
        missing: join(folder, 'missing.pem'),
        unset: undefined,
      };
      watchCertificates({ registry, files, clock: () => now });
      const found = await registry.getMetricsAsJSON();
      const [until, age] = found.map(({ values }) => values);
      expect(until).toHaveLength(1);
      expect(until?.[0]?.labels).toEqual({ use: 'connect' });
      expect(Number(until?.[0]?.value)).toBeGreaterThan(now.getTime() / 1_000);
      expect(Number(age?.[0]?.value)).toBeGreaterThanOrEqual(9 * DAY_S);
      expect(Number(age?.[0]?.value)).toBeLessThanOrEqual(11 * DAY_S);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
