/** Holds rules against a piece of the log: which fire, for whom. */
import {
  type AlertRule,
  type Firing,
  touched,
  windowMsOf,
  windowStart,
} from '../../core/audit/alert-rule.js';
import { actorOf, numberOf, type SiemEvent, textsOf } from '../../core/audit/siem/siem-event.js';
import { handedOut, manyDenials } from '../../store/audit-alerts.js';
import type { AuditStatus } from '../../store/audit-status.js';
import type { AuditTurn } from '../../store/audit-turn.js';

export type Tagged = (tag: string) => ReadonlySet<string>;
type When<K extends AlertRule['when']['kind']> = Extract<AlertRule['when'], { kind: K }>;

const EVENTS_NAMED_MAX = 20;
const NAMES_MAX = 50;

export async function firingsOf(
  turn: AuditTurn,
  rule: AlertRule,
  events: readonly SiemEvent[],
  tagged: Tagged,
): Promise<readonly Firing[]> {
  const { when } = rule;
  switch (when.kind) {
    case 'denials':
      return denials(turn, rule, when, events);
    case 'export':
      return exports(turn, rule, when, events);
    case 'touched':
      return perWindow(rule, events, (event) => namesTouched(when.on, event, tagged));
    case 'event':
      return perWindow(rule, events, ({ record }) => (record.kind === when.event ? {} : undefined));
    case 'lag':
    case 'verification':
      return [];
  }
}

/** What does not come from events: how the log is now. */
export function standingFirings(
  rule: AlertRule,
  status: AuditStatus,
  broken: readonly string[],
  at: Date,
): readonly Firing[] {
  const { when } = rule;
  if (when.kind === 'verification') return broken.map((subject) => ({ rule, subject, at, detail: {} }));
  if (when.kind !== 'lag') return [];
  const lags = [
    ['checkpoints', status.unsignedSeconds] as const,
    ...status.copies.map(({ kind, name, lagSeconds }) => [`${kind} ${name}`, lagSeconds] as const),
  ];
  return lags
    .filter(([, seconds]) => seconds >= when.seconds)
    .map(([subject, seconds]) => ({ rule, subject, at, detail: { seconds: Math.round(seconds) } }));
}

async function denials(
  turn: AuditTurn,
  rule: AlertRule,
  when: When<'denials'>,
  events: readonly SiemEvent[],
): Promise<readonly Firing[]> {
  const moments = events.flatMap((event) => {
    const actor = actorOf(event);
    const refused = event.record.kind === 'statement.denied';
    return refused && actor !== undefined ? [{ actor, at: timeOf(event), number: event.number, event }] : [];
  });
  if (moments.length === 0) return [];
  const many = await manyDenials(turn, moments, when.count, windowMsOf(rule.window)!);
  return perWindow(
    rule,
    moments.filter(({ number }) => many.has(number)).map(({ event }) => event),
    () => ({ count: when.count }),
  );
}

async function exports(
  turn: AuditTurn,
  rule: AlertRule,
  { rows, bytes }: When<'export'>,
  events: readonly SiemEvent[],
): Promise<readonly Firing[]> {
  // The last one of each stands for those before it; one that began long ago counts by itself.
  const last = new Map<string, SiemEvent>();
  const own = new Map<string, { rows: number; bytes: number }>();
  for (const event of events) {
    const actor = actorOf(event);
    if (event.record.kind !== 'statement.outcome' || actor === undefined) continue;
    last.set(actor, event);
    const before = own.get(actor) ?? { rows: 0, bytes: 0 };
    own.set(actor, {
      rows: Math.max(before.rows, numberOf(event.record.rowCount) ?? 0),
      bytes: Math.max(before.bytes, numberOf(event.record.bytes) ?? 0),
    });
  }
  const firings: Firing[] = [];
  for (const [actor, event] of last) {
    const sum = await handedOut(turn, actor, timeOf(event), windowMsOf(rule.window)!);
    const [gotRows, gotBytes] = [
      Math.max(sum.rows, own.get(actor)?.rows ?? 0),
      Math.max(sum.bytes, own.get(actor)?.bytes ?? 0),
    ];
    if (gotRows < (rows ?? Number.POSITIVE_INFINITY) && gotBytes < (bytes ?? Number.POSITIVE_INFINITY))
      continue;
    firings.push(...perWindow(rule, [event], () => ({ rows: gotRows, bytes: gotBytes })));
  }
  return firings;
}

function namesTouched(on: readonly string[], { record }: SiemEvent, tagged: Tagged): Detail | undefined {
  if (record.kind !== 'statement.intent' && record.kind !== 'statement.denied') return undefined;
  const found = touched(on, [...textsOf(record.objects), ...textsOf(record.columns)], tagged);
  return found.length === 0 ? undefined : { objects: found.slice(0, NAMES_MAX) };
}

type Detail = Firing['detail'];

/** One for each subject and window, with the events it came from. */
function perWindow(
  rule: AlertRule,
  events: readonly SiemEvent[],
  detailOf: (event: SiemEvent) => Detail | undefined,
): readonly Firing[] {
  const firings = new Map<string, { firing: Firing; events: string[] }>();
  for (const event of events) {
    const detail = detailOf(event);
    if (detail === undefined) continue;
    const subject = actorOf(event) ?? '';
    const at = timeOf(event);
    const key = `${subject} ${windowStart(rule, at).toISOString()}`;
    const known = firings.get(key) ?? { firing: { rule, subject, at, detail }, events: [] };
    if (known.events.length < EVENTS_NAMED_MAX) known.events.push(event.eventId);
    firings.set(key, known);
  }
  return [...firings.values()].map(({ firing, events: named }) => ({
    ...firing,
    detail: { ...firing.detail, events: named },
  }));
}

const timeOf = ({ record }: SiemEvent): Date => {
  const at = new Date(String(record.at));
  return Number.isNaN(at.getTime()) ? new Date(0) : at;
};
