/** What was refused: statements, changes over the API, and sign-ins that failed. */
import {
  column,
  countOf,
  isWithin,
  type LogEvent,
  type ReportBody,
  type ReportFilter,
  type ReportMaker,
  textOf,
  textsOf,
} from './report.js';
import { isAsked } from './statement-filter.js';
import { section, sortRows, Tally } from './tally.js';
import { addTime, dayOf } from './usage.js';

interface Refusals {
  refusals: number;
  first: string;
  last: string;
}
const none = (): Refusals => ({ refusals: 0, first: '', last: '' });

/** Requests whose end is awaited: those that go on at the same time. */
const REQUESTS_MAX = 10_000;

export class DeniedReport implements ReportMaker {
  private readonly statements = new Tally<Refusals>(none);
  private readonly changes = new Tally<Refusals>(none);
  private readonly signIns = new Tally<Refusals>(none);
  private readonly days = new Tally<Refusals>(none);
  private readonly codes = new Tally<Refusals>(none);
  private readonly requests = new Map<string, LogEvent>();
  private readonly totals = { statements: 0, changes: 0, signIns: 0 };

  constructor(private readonly filter: ReportFilter) {}

  take(event: LogEvent): void {
    const { kind, record } = event;
    if (kind === 'statement.denied') this.statement(event);
    else if (kind === 'admin.intent') this.request(event);
    else if (kind === 'admin.outcome') this.change(event);
    else if (kind === 'login.failed') this.signIn(event, countOf(record.count));
  }

  private statement(event: LogEvent): void {
    if (!isAsked(this.filter, event)) return;
    const { record, at } = event;
    const group = {
      person: textOf(record.actor),
      objects: textsOf(record.objects),
      code: textOf(record.code),
      purpose: textOf(record.purpose),
    };
    add(this.statements.of(group), 1, at);
    add(this.codes.of({ code: group.code }), 1, at);
    add(this.days.of({ day: dayOf(at) }), 1, at);
    this.totals.statements += 1;
  }

  private request(event: LogEvent): void {
    this.requests.set(textOf(event.record.requestId), event);
    const [oldest] = this.requests;
    if (this.requests.size > REQUESTS_MAX && oldest !== undefined) this.requests.delete(oldest[0]);
  }

  private change({ at, record }: LogEvent): void {
    const id = textOf(record.requestId);
    const intent = this.requests.get(id)?.record;
    this.requests.delete(id);
    const { actor, object, column: name, purpose } = this.filter;
    const aboutStatements = object !== undefined || name !== undefined || purpose !== undefined;
    const isOthers = actor !== undefined && intent?.actor !== actor;
    if (record.decision !== 'deny' || aboutStatements || isOthers || !isWithin(this.filter, at)) return;
    const [action, noun] = [textOf(intent?.action), textOf(intent?.noun)];
    add(this.changes.of({ person: textOf(intent?.actor), action, noun, code: textOf(record.code) }), 1, at);
    this.totals.changes += 1;
  }

  private signIn({ at, record }: LogEvent, count: number): void {
    const { from: _, to: __, ...about } = this.filter;
    if (Object.keys(about).length > 0 || !isWithin(this.filter, at)) return;
    add(this.signIns.of({ method: textOf(record.method) }), count, at);
    this.totals.signIns += count;
  }

  finish(): ReportBody {
    const rows = (tally: Tally<Refusals>) =>
      sortRows(
        tally.rows((value) => ({ ...value })),
        'refusals',
      );
    const chart = (title: string, label: string) => ({ title, labels: [label], value: 'refusals' });
    const { statements, changes, signIns, codes, days } = this;
    return {
      totals: this.totals,
      sections: [
        section(
          'statements',
          'Statements',
          [PERSON, column('objects', 'Objects', 'list'), CODE, column('purpose', 'Purpose'), ...COUNTS],
          rows(statements),
          { omitted: statements.omitted },
        ),
        section('codes', 'By reason', [CODE, ...COUNTS], rows(codes), {
          omitted: codes.omitted,
          chart: chart('Refused statements by reason', 'code'),
        }),
        section(
          'days',
          'By day',
          [column('day', 'Day'), ...COUNTS],
          sortRows(
            days.rows((value) => ({ ...value })),
            'day',
          ),
          { omitted: days.omitted, chart: chart('Refused statements by day', 'day') },
        ),
        section(
          'changes',
          'Changes over the API',
          [PERSON, column('action', 'Action'), column('noun', 'Of'), CODE, ...COUNTS],
          rows(changes),
          { omitted: changes.omitted },
        ),
        section('sign-ins', 'Sign-ins that failed', [column('method', 'Method'), ...COUNTS], rows(signIns), {
          omitted: signIns.omitted,
        }),
      ],
      notes: [],
    };
  }
}

function add(refusals: Refusals | undefined, count: number, at: string): void {
  if (refusals === undefined) return;
  refusals.refusals += count;
  addTime(refusals, at);
}

const PERSON = column('person', 'Person', 'person');
const CODE = column('code', 'Reason');
const COUNTS = [
  column('refusals', 'Refusals', 'number'),
  column('first', 'First', 'time'),
  column('last', 'Last', 'time'),
];
