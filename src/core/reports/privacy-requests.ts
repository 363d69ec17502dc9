/**
 * The register of privacy requests, and the metrics that CCPA regulations (11 CCR § 7102) ask for. Both are
 * counted from the log; a gateway that records no privacy requests has an empty register, and the report says
 * why.
 */
import {
  column,
  isWithin,
  type LogEvent,
  note,
  type ReportBody,
  type ReportFilter,
  type ReportMaker,
  SECTION_ROWS_MAX,
} from './report.js';
import { section, Tally } from './tally.js';

/** Events of privacy requests, whatever they will be called. */
const isPrivacyEvent = ({ kind }: LogEvent): boolean => kind.startsWith('privacy.');

const EMPTY = note(
  'NO_PRIVACY_REQUESTS',
  'This gateway does not handle privacy requests yet, so none is on record. That says nothing about requests received elsewhere.',
);
const UNREAD = note(
  'PRIVACY_EVENTS_UNREAD',
  'The log has events of privacy requests that this version cannot read: use a newer Sluice for this report.',
);
const notesFor = (events: number) => [events === 0 ? EMPTY : UNREAD];

export class DsrReport implements ReportMaker {
  private readonly kinds = new Tally(() => ({ events: 0, first: '', last: '' }));
  private events = 0;

  constructor(private readonly filter: ReportFilter) {}

  take(event: LogEvent): void {
    if (!isPrivacyEvent(event) || !isWithin(this.filter, event.at)) return;
    this.events += 1;
    const known = this.kinds.of({ kind: event.kind });
    if (known === undefined) return;
    known.events += 1;
    known.first ||= event.at;
    known.last = event.at;
  }

  finish(): ReportBody {
    const register = section('register', 'Requests', REGISTER, []);
    const kinds = section(
      'events',
      'Events of privacy requests in the log',
      [
        column('kind', 'Event'),
        column('events', 'Events', 'number'),
        column('first', 'First', 'time'),
        column('last', 'Last', 'time'),
      ],
      this.kinds.rows((value) => ({ ...value })),
      { omitted: this.kinds.omitted },
    );
    return { totals: { events: this.events }, sections: [register, kinds], notes: notesFor(this.events) };
  }
}

const REGISTER = [
  column('request', 'Request'),
  column('type', 'Type'),
  column('received', 'Received', 'time'),
  column('due', 'Due', 'time'),
  column('state', 'State'),
  column('answered', 'Answered', 'time'),
];

/** § 7102(a)(1): requests to delete, to correct, to know, to opt out of sale or sharing, to limit. */
const CCPA_REQUESTS = ['delete', 'correct', 'know', 'opt out of sale or sharing', 'limit'];

export class CcpaMetricsReport implements ReportMaker {
  private events = 0;

  constructor(private readonly filter: ReportFilter) {}

  take(event: LogEvent): void {
    if (isPrivacyEvent(event) && isWithin(this.filter, event.at) && this.events < SECTION_ROWS_MAX)
      this.events += 1;
  }

  finish(): ReportBody {
    // Not zeros: nothing was counted, which is not the same.
    const rows = CCPA_REQUESTS.map((type) => ({
      type,
      received: null,
      complied: null,
      denied: null,
      medianDays: null,
      meanDays: null,
    }));
    return {
      totals: { events: this.events },
      sections: [section('metrics', 'Requests of consumers (11 CCR § 7102)', METRICS, rows)],
      notes: notesFor(this.events),
    };
  }
}

const METRICS = [
  column('type', 'Request to'),
  column('received', 'Received', 'number'),
  column('complied', 'Complied with, in whole or in part', 'number'),
  column('denied', 'Denied', 'number'),
  column('medianDays', 'Median days', 'number'),
  column('meanDays', 'Mean days', 'number'),
];
