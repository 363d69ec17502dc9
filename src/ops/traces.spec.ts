import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTraceCollector, type TraceCollector } from '../../test/support/trace-collector.js';
import type { StatementEnd } from './observation.js';
import { Traces } from './traces.js';

const AT = 1_770_000_000_000;
const TRACE = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) };
let collector: TraceCollector;
const problems: unknown[] = [];

beforeEach(async () => {
  collector = await startTraceCollector();
  problems.length = 0;
});
afterEach(() => collector.close());

const open = (ratio: number, url = collector.url): Promise<Traces> =>
  Traces.open({ url, token: 'secret', ratio, version: 'test', onProblem: (error) => problems.push(error) });

const END: StatementEnd = {
  statementId: 's-1',
  state: 'succeeded',
  engine: 'duckdb',
  rowCount: 7,
  timings: { decode: 2, run: 30.5 },
  laps: [
    { stage: 'decode', startMs: AT, endMs: AT + 2 },
    { stage: 'run', startMs: AT + 3, endMs: AT + 33.5 },
  ],
};

describe('Traces', () => {
  it('make a span for the statement and one for each turn at a stage, when it was', async () => {
    const traces = await open(1);
    traces.statement(END);
    await traces.stop();
    const [decode, run, statement] = ['decode', 'run', 'statement'].map((name) =>
      collector.spans.find((span) => span.name === name),
    );
    expect(collector.spans).toHaveLength(3);
    expect(decode?.parentSpanId).toBe(statement?.spanId);
    expect(run).toMatchObject({ parentSpanId: statement?.spanId, traceId: statement?.traceId });
    expect(Number(run?.endTimeUnixNano) - Number(run?.startTimeUnixNano)).toBeCloseTo(30_500_000, -4);
    expect(statement?.startTimeUnixNano).toBe(decode?.startTimeUnixNano);
    expect(statement?.attributes.map(({ key }) => key).sort()).toEqual([
      'sluice.engine',
      'sluice.result.rows',
      'sluice.statement.id',
      'sluice.statement.state',
    ]);
    expect(collector.authorization).toEqual(['Bearer secret']);
    expect(problems).toEqual([]);
  });

  it('go on with the trace of the caller, and tell how a statement failed', async () => {
    const traces = await open(1);
    traces.statement({
      ...END,
      state: 'refused',
      code: 'ACCESS_DENIED',
      trace: { ...TRACE, sampled: true },
    });
    await traces.stop();
    const statement = collector.spans.find(({ name }) => name === 'statement');
    expect(statement).toMatchObject({ traceId: TRACE.traceId, parentSpanId: TRACE.spanId });
    expect(statement?.status).toEqual({ code: 2, message: 'ACCESS_DENIED' });
  });

  it('leave out what the caller, or the ratio, does not want traced', async () => {
    const all = await open(1);
    all.statement({ ...END, trace: { ...TRACE, sampled: false } });
    await all.stop();
    const none = await open(0);
    none.statement(END);
    none.statement({ ...END, trace: { ...TRACE, sampled: true } });
    await none.stop();
    expect(collector.spans.filter(({ name }) => name === 'statement')).toHaveLength(1);
  });

  it('tell of a collector that is not there', async () => {
    const traces = await open(1, 'http://127.0.0.1:9/v1/traces');
    traces.statement(END);
    await traces.stop().catch(() => undefined);
    expect(problems.length).toBeGreaterThan(0);
  }, 20_000);
});
