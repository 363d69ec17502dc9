/** Every change of a policy document, and who made it. */
import {
  column,
  countOf,
  isWithin,
  type LogEvent,
  note,
  type ReportBody,
  type ReportFilter,
  type ReportMaker,
  type ReportRow,
  SECTION_ROWS_MAX,
  textOf,
} from './report.js';
import { section, sortRows, Tally } from './tally.js';

export class PolicyChangesReport implements ReportMaker {
  private readonly rows: ReportRow[] = [];
  private readonly documents = new Tally(() => ({ changes: 0 }));
  private omitted = 0;
  private readonly totals = { changes: 0, created: 0, replaced: 0, removed: 0, fromFiles: 0, fromApi: 0 };

  constructor(private readonly filter: ReportFilter) {}

  take({ id, kind, at, record }: LogEvent): void {
    if (kind !== 'policy.changed' || !isWithin(this.filter, at)) return;
    const [change, source, name] = [textOf(record.change), textOf(record.source), textOf(record.name)];
    this.totals.changes += 1;
    if (change === 'created' || change === 'replaced' || change === 'removed') this.totals[change] += 1;
    if (source === 'file') this.totals.fromFiles += 1;
    if (source === 'api') this.totals.fromApi += 1;
    const document = this.documents.of({ name });
    if (document !== undefined) document.changes += 1;
    if (this.rows.length >= SECTION_ROWS_MAX) {
      this.omitted += 1;
      return;
    }
    this.rows.push({
      policyVersion: countOf(record.policyVersion),
      at,
      name,
      version: countOf(record.version),
      change,
      source,
      changedBy: id,
      documentHash: textOf(record.documentHash),
      event: id,
    });
  }

  finish(): ReportBody {
    const documents = sortRows(
      this.documents.rows((value) => ({ ...value })),
      'changes',
    );
    return {
      totals: this.totals,
      sections: [
        section('changes', 'Changes', COLUMNS, sortRows(this.rows, 'policyVersion'), {
          omitted: this.omitted,
        }),
        section(
          'documents',
          'By document',
          [column('name', 'Document'), column('changes', 'Changes', 'number')],
          documents,
          {
            omitted: this.documents.omitted,
            chart: { title: 'Changes by document', labels: ['name'], value: 'changes' },
          },
        ),
      ],
      notes: [
        note(
          'NO_SECOND_APPROVER',
          'Policies are changed by one administrator or by a file; a second approval is not recorded because none is asked for.',
        ),
      ],
    };
  }
}

const COLUMNS = [
  column('policyVersion', 'Policy version', 'number'),
  column('at', 'Time', 'time'),
  column('name', 'Document'),
  column('version', 'Version', 'number'),
  column('change', 'Change'),
  column('source', 'From'),
  column('changedBy', 'Changed by', 'user'),
  column('documentHash', 'SHA-256 of the document'),
  column('event', 'Event'),
];
