/** How long evidence is kept, and what of it was erased. */
import {
  column,
  isWithin,
  type LogEvent,
  note,
  type ReportBody,
  type ReportFilter,
  type ReportMaker,
  type ReportRow,
  SECTION_ROWS_MAX,
  textOf,
  textsOf,
} from './report.js';
import { section, sortRows } from './tally.js';

/** Read in the same moment as the log. */
export interface PersonalCounts {
  /** Events that committed to a personal part. */
  readonly committed: () => number;
  /** Personal parts that are still there. */
  readonly kept: number;
}

export class RetentionReport implements ReportMaker {
  private readonly rows: ReportRow[] = [];
  private erasures = 0;
  private erasedEvents = 0;
  private omitted = 0;

  constructor(
    private readonly filter: ReportFilter,
    private readonly personal: PersonalCounts,
  ) {}

  take({ id, kind, at, record }: LogEvent): void {
    if (kind !== 'audit.erased' || !isWithin(this.filter, at)) return;
    const events = textsOf(record.events).length;
    this.erasures += 1;
    this.erasedEvents += events;
    if (this.rows.length >= SECTION_ROWS_MAX) this.omitted += 1;
    else this.rows.push({ at, events, reason: textOf(record.reason), event: id });
  }

  finish(): ReportBody {
    const committed = this.personal.committed();
    const { kept } = this.personal;
    return {
      totals: {
        erasures: this.erasures,
        erasedEvents: this.erasedEvents,
        personalParts: committed,
        personalPartsKept: kept,
        personalPartsErased: Math.max(0, committed - kept),
      },
      sections: [
        section('what-is-kept', 'What is kept', KEPT_COLUMNS, [
          { what: 'Event headers, batches, checkpoints', kept: 'for ever: the log is append-only' },
          { what: 'Personal parts of events', kept: 'until they are erased' },
        ]),
        section(
          'personal-parts',
          'Personal parts',
          [column('state', 'State'), column('events', 'Events', 'number')],
          [
            { state: 'kept', events: kept },
            { state: 'erased', events: Math.max(0, committed - kept) },
          ],
          { chart: { title: 'Personal parts of events', labels: ['state'], value: 'events' } },
        ),
        section('erasures', 'Erasures in the log', ERASURE_COLUMNS, sortRows(this.rows, 'at'), {
          omitted: this.omitted,
        }),
      ],
      notes: [
        note(
          'NO_RETENTION_RULES',
          'There are no retention rules for data yet: this report shows the audit log alone.',
        ),
      ],
    };
  }
}

const KEPT_COLUMNS = [column('what', 'What'), column('kept', 'How long')];
const ERASURE_COLUMNS = [
  column('at', 'Time', 'time'),
  column('events', 'Events', 'number'),
  column('reason', 'Reason'),
  column('event', 'Event'),
];
