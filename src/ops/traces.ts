/**
 * OpenTelemetry traces: a span for each statement, below it one for each turn at one of the nine stages. They are made when
 * the statement has ended, from what it took, and sent in the background: a collector that hangs costs spans, never
 * time. No texts, values or people are in them.
 */
import type { Context, Span, Tracer } from '@opentelemetry/api';
import type { BasicTracerProvider, ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { StatementEnd } from './observation.js';

const QUEUE_MAX = 4_096;
const BATCH_MAX = 512;
const EVERY_MS = 1_000;
const EXPORT_TIMEOUT_MS = 5_000;

export interface TraceOptions {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string;
  /** Of the statements that begin a trace of their own. */
  readonly ratio: number;
  readonly version: string;
  readonly onProblem: (error: unknown) => void;
}

/** Parts of the API that make a span: loaded with the SDK. */
type Api = typeof import('@opentelemetry/api');

export class Traces {
  private constructor(
    private readonly api: Api,
    private readonly provider: BasicTracerProvider,
    private readonly tracer: Tracer,
  ) {}

  static async open(options: TraceOptions): Promise<Traces> {
    const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
    const exporter = new OTLPTraceExporter({
      url: options.url,
      timeoutMillis: EXPORT_TIMEOUT_MS,
      ...(options.token === undefined ? {} : { headers: { authorization: `Bearer ${options.token}` } }),
    });
    const provider = new sdk.BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'sluice', 'service.version': options.version }),
      sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(options.ratio) }),
      spanProcessors: [
        new sdk.BatchSpanProcessor(reporting(exporter, options.onProblem), {
          maxQueueSize: QUEUE_MAX,
          maxExportBatchSize: BATCH_MAX,
          scheduledDelayMillis: EVERY_MS,
          exportTimeoutMillis: EXPORT_TIMEOUT_MS,
        }),
      ],
    });
    return new Traces(api, provider, provider.getTracer('sluice', options.version));
  }

  statement(end: StatementEnd): void {
    const { laps } = end;
    const now = performance.timeOrigin + performance.now();
    const span = this.tracer.startSpan(
      'statement',
      {
        kind: this.api.SpanKind.SERVER,
        startTime: Math.min(now, ...laps.map(({ startMs }) => startMs)),
        attributes: attributesOf(end),
      },
      this.parentOf(end),
    );
    this.stages(span, laps);
    if (end.state !== 'succeeded') {
      span.setStatus({ code: this.api.SpanStatusCode.ERROR, message: end.code ?? end.state });
    }
    span.end(Math.max(now, ...laps.map(({ endMs }) => endMs)));
  }

  /** Sends what waits, and waits no longer for it than the caller does. */
  stop(): Promise<void> {
    return this.provider.shutdown();
  }

  private stages(statement: Span, laps: StatementEnd['laps']): void {
    if (!statement.isRecording()) return;
    const within = this.api.trace.setSpan(this.api.ROOT_CONTEXT, statement);
    for (const { stage, startMs, endMs } of laps) {
      this.tracer.startSpan(stage, { startTime: startMs }, within).end(endMs);
    }
  }

  private parentOf({ trace }: StatementEnd): Context {
    const { ROOT_CONTEXT, TraceFlags } = this.api;
    if (trace === undefined) return ROOT_CONTEXT;
    const { traceId, spanId, sampled } = trace;
    const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    return this.api.trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
  }
}

function attributesOf({
  statementId,
  state,
  code,
  engine,
  rowCount,
}: StatementEnd): Record<string, string | number> {
  return {
    'sluice.statement.id': statementId,
    'sluice.statement.state': state,
    ...(code === undefined ? {} : { 'sluice.error.code': code }),
    ...(engine === undefined ? {} : { 'sluice.engine': engine }),
    ...(rowCount === undefined ? {} : { 'sluice.result.rows': rowCount }),
  };
}

/** The SDK keeps failures to itself. */
const reporting = (exporter: SpanExporter, onProblem: (error: unknown) => void): SpanExporter => ({
  export: (spans: ReadableSpan[], done) =>
    exporter.export(spans, (result) => {
      if (result.error !== undefined) onProblem(result.error);
      done(result);
    }),
  shutdown: () => exporter.shutdown(),
  forceFlush: async () => exporter.forceFlush?.(),
});
