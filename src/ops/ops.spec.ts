import { afterEach, describe, expect, it } from '@jest/globals';
import { GovernanceError } from '../core/errors.js';
import { AdminServer } from './admin-server.js';
import { createLogger, describeError, logObservation } from './logger.js';
import { Metrics } from './metrics.js';
import type { Observation } from './observation.js';
import { StopList } from './shutdown.js';

const servers: AdminServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const serve = async (metrics = new Metrics()): Promise<{ server: AdminServer; url: string }> => {
  const server = new AdminServer({ host: '127.0.0.1', port: 0, registry: metrics.registry });
  servers.push(server);
  return { server, url: `http://127.0.0.1:${await server.listen()}` };
};

describe('AdminServer', () => {
  it('is live at once, ready only while serving with every check well', async () => {
    const { server, url } = await serve();
    let well = true;
    server.addCheck('database', async () => {
      if (!well) throw new Error('away');
    });
    const ready = async (): Promise<[number, unknown]> => {
      const answer = await fetch(`${url}/health/ready`);
      return [answer.status, await answer.json()];
    };
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect((await ready())[0]).toBe(503);
    server.setServing(true);
    expect(await ready()).toEqual([200, { status: 'ready', checks: { database: 'ok' } }]);
    well = false;
    expect(await ready()).toEqual([503, { status: 'not ready', checks: { database: 'failed' } }]);
    server.addCheck('hanging', () => new Promise(() => undefined));
    expect((await ready())[0]).toBe(503);
  });

  it('shows metrics, and answers 404 and 405 for the rest', async () => {
    const metrics = new Metrics();
    metrics.observe({
      kind: 'statement',
      statement: {
        statementId: 's',
        state: 'succeeded',
        engine: 'duckdb',
        timings: { run: 12 },
        laps: [],
        rowCount: 3,
      },
    });
    metrics.watch({
      evidenceWaiting: () => 7,
      engines: () => [{ id: 'duckdb', running: 1, queued: 0 }],
      policyVersion: () => 42,
      catalogTables: () => 6,
      driftedTables: () => 0,
    });
    const { url } = await serve(metrics);
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toMatch(/sluice_statements_total\{state="succeeded",code="",engine="duckdb"\} 1/);
    expect(text).toMatch(/sluice_stage_duration_seconds_sum\{stage="run"\} 0.012/);
    expect(text).toMatch(/sluice_evidence_waiting 7/);
    expect(text).toMatch(/sluice_engine_running\{engine="duckdb"\} 1/);
    expect(text).not.toMatch(/sluice_cluster_workers\{/);
    expect(text).toMatch(/sluice_nodejs_eventloop_lag_p99_seconds/);
    expect((await fetch(`${url}/secrets`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
  });
});

describe('logs', () => {
  const lines = (observation: Observation): Record<string, unknown>[] => {
    const written: string[] = [];
    logObservation(createLogger('debug', { write: (line) => written.push(line) }), observation);
    return written.map((line) => JSON.parse(line) as Record<string, unknown>);
  };

  it('are one JSON line per observation', () => {
    expect(lines({ kind: 'listening', http: 1, connect: 2, admin: 3 })).toEqual([
      expect.objectContaining({ event: 'listening', http: 1, connect: 2, admin: 3 }),
    ]);
  });

  it('keep our own messages and drop those that can carry values', () => {
    class DatabaseError extends Error {
      readonly code = '23505';
    }
    const cause = new DatabaseError('Key (email)=(ana@example.com) already exists');
    const error = new GovernanceError('INTERNAL', 'It broke.', {}, cause);
    const text = JSON.stringify(lines({ kind: 'request-failed', requestId: 'r', error }));
    expect(text).toContain('It broke.');
    expect(text).toContain('23505');
    expect(text).not.toContain('ana@example.com');
    expect(JSON.stringify(describeError(cause))).not.toContain('ana@example.com');
  });
});

describe('StopList', () => {
  it('undoes in reverse order, once, and goes on after failures and delays', async () => {
    const done: string[] = [];
    const failed: string[] = [];
    const stops = new StopList((what) => failed.push(what));
    stops.add('first', 1_000, () => void done.push('first'));
    stops.add('hangs', 20, () => new Promise(() => undefined));
    stops.add('throws', 1_000, () => {
      throw new Error('no');
    });
    stops.add('last', 1_000, async () => void done.push('last'));
    await Promise.all([stops.run(), stops.run()]);
    expect(done).toEqual(['last', 'first']);
    expect(failed).toEqual(['throws', 'hangs']);
  });
});
