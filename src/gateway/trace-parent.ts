/** The W3C trace context that a request may carry: only ids, never what else a client put into its headers. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Version 00, and later ones as far as they are like it. */
const FORM =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.{0,200})?$/;
const SAMPLED = 1;

/** Undefined for what is none: a trace begins here then. */
export function readTraceParent(header: unknown): TraceParent | undefined {
  const found = typeof header === 'string' ? FORM.exec(header) : null;
  if (found === null) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = found;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}
