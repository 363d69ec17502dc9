/** An event of the log as it is handed to others: what it says, where it stands, and what is needed beside it. */

type Fields = Readonly<Record<string, unknown>>;

export interface SiemEvent {
  /** Where it stands in the log; grows. */
  readonly number: number;
  readonly eventId: string;
  /** The event's own text, read. */
  readonly record: Fields;
  /** Absent: there is none, it was erased, or it is not to leave. */
  readonly personal?: Fields;
  /** Of an outcome: the intent it ends, which says who and what. */
  readonly intent?: Fields;
}

/** Whose log it is, and of which version. */
export interface SiemSource {
  readonly origin: string;
  readonly version: string;
}

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;
export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

/** What identifies the statement or request that several events are about. */
export const correlationOf = ({ record }: SiemEvent): string | undefined =>
  textOf(record.statementId) ?? textOf(record.requestId);

/** The pseudonym of who did it, of the outcome as of its intent. */
export const actorOf = ({ record, intent }: SiemEvent): string | undefined =>
  textOf(record.actor) ?? textOf(intent?.actor);

export const isAddress = (text: string): boolean => /^[0-9a-f.:]+$/i.test(text) && /[.:]/.test(text);

export type SiemOutcome = 'success' | 'failure' | 'begun';

/** How it went, as far as the event tells. */
export function outcomeOf({ record }: SiemEvent): SiemOutcome {
  switch (record.kind) {
    case 'statement.intent':
    case 'admin.intent':
      return 'begun';
    case 'statement.outcome':
      return record.state === 'succeeded' ? 'success' : 'failure';
    case 'admin.outcome':
      return (numberOf(record.status) ?? 0) < 400 ? 'success' : 'failure';
    case 'statement.denied':
    case 'login.failed':
    case 'spool.broken':
      return 'failure';
    default:
      return 'success';
  }
}

/** 1 informational, 2 low, 3 medium, 4 high, 5 critical. */
export type SiemSeverity = 1 | 2 | 3 | 4 | 5;

export function severityOf(event: SiemEvent): SiemSeverity {
  const { kind, severity } = event.record;
  if (kind === 'alert.fired') return SEVERITIES[severity as keyof typeof SEVERITIES] ?? SEVERITIES.high;
  if (kind === 'spool.broken') return 4;
  if (kind === 'statement.denied' || kind === 'login.failed') return 3;
  return outcomeOf(event) === 'failure' ? 2 : 1;
}
const SEVERITIES = { low: 2, medium: 3, high: 4, critical: 5 } as const;

/** One line for people. Names nobody. */
export function messageOf(event: SiemEvent): string {
  const { kind, code, state, change, name, noun, action, rule, statementId } = event.record;
  const said = [code, state, change, name, action, noun, rule].flatMap((part) => textOf(part) ?? []);
  const about = textOf(statementId) === undefined ? '' : ` (statement ${String(statementId)})`;
  return `${String(kind)}${said.length === 0 ? '' : `: ${said.join(' ')}`}${about}`;
}
