/** Traces of a running gateway, as a collector gets them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Rest, startRest, within } from '../support/rest-client.js';
import { startTraceCollector, type TraceCollector } from '../support/trace-collector.js';

const START_TIMEOUT_MS = 90_000;
const SENT_MS = 10_000;
const STOPPED_MS = 20_000;
const STATEMENTS = 30;
const PARENT = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
let collector: TraceCollector;
let rest: Rest;

beforeAll(async () => {
  collector = await startTraceCollector();
  rest = await startRest({ SLUICE_OTLP_URL: collector.url, SLUICE_OTLP_TOKEN: 'for-the-collector' });
}, START_TIMEOUT_MS);
afterAll(async () => {
  await rest?.gateway.stop();
  await collector?.close();
});

const traced = (flags: string) => ({ traceparent: `00-${PARENT.traceId}-${PARENT.spanId}-${flags}` });
const statements = () => collector.spans.filter(({ name }) => name === 'statement');

describe('traces', () => {
  it('go on from the traceparent of a request, with a span for each stage that took place', async () => {
    const sql = "SELECT email FROM shop.crm.customers WHERE city = 'Bonn' LIMIT 1";
    expect((await rest.run('analyst', sql, {}, traced('01'))).status).toBe(200);
    expect(await within(SENT_MS, async () => statements().length > 0)).toBe(true);
    const [statement] = statements();
    expect(statement).toMatchObject({ traceId: PARENT.traceId, parentSpanId: PARENT.spanId, kind: 2 });
    const stages = collector.spans.filter(({ parentSpanId }) => parentSpanId === statement?.spanId);
    const names = new Set(stages.map(({ name }) => name));
    expect([...names]).toEqual(
      expect.arrayContaining([
        'authenticate',
        'decode',
        'bind',
        'decide',
        'rewrite',
        'check',
        'record',
        'run',
      ]),
    );
    for (const stage of stages) {
      expect(BigInt(stage.startTimeUnixNano)).toBeGreaterThanOrEqual(
        BigInt(statement?.startTimeUnixNano ?? 0),
      );
      expect(BigInt(stage.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(statement?.endTimeUnixNano ?? 0));
    }
    expect(collector.authorization[0]).toBe('Bearer for-the-collector');
  });

  it('tell the code of a refusal, and nothing of texts, values or people', async () => {
    expect((await rest.run('analyst', 'SELECT salary FROM shop.hr.employees')).status).toBe(403);
    expect(await within(SENT_MS, async () => statements().some(({ status }) => status.code === 2))).toBe(
      true,
    );
    for (const hidden of ['Bonn', 'salary', 'analyst', 'customers', 'email']) {
      expect(collector.bodies.join('\n')).not.toContain(hidden);
    }
  });

  it('leave out what the caller does not want traced', async () => {
    const before = statements().length;
    await rest.run('analyst', 'SELECT 1', {}, traced('00'));
    await rest.run('analyst', 'SELECT 2');
    expect(await within(SENT_MS, async () => statements().length > before)).toBe(true);
    expect(statements()).toHaveLength(before + 1);
  });

  it('never make a statement wait for a collector that hangs, nor the gateway when it stops', async () => {
    collector.hang();
    const started = performance.now();
    for (let i = 0; i < STATEMENTS; i += 1) {
      expect((await rest.run('analyst', `SELECT ${i}`)).status).toBe(200);
    }
    // One export waits for 5 s: a statement that waited for it would show.
    expect((performance.now() - started) / STATEMENTS).toBeLessThan(1_000);
    expect(await within(SENT_MS, async () => statements().length > 3)).toBe(true);
    const stopping = performance.now();
    expect(await rest.gateway.stop()).toBe(0);
    expect(performance.now() - stopping).toBeLessThan(STOPPED_MS);
  }, 60_000);
});
