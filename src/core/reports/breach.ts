/**
 * Who was exposed to what: which people received which columns of an object, how many rows, with the
 * statements and where their receipts are.
 */
import {
  column,
  countOf,
  type LogEvent,
  note,
  type ReportBody,
  type ReportFilter,
  type ReportMaker,
  type ReportRow,
  SECTION_ROWS_MAX,
  textOf,
} from './report.js';
import { seenBy } from './statement-filter.js';
import { StatementPairs } from './statement-pairs.js';
import { section, sortRows, Tally } from './tally.js';
import { addUsage, noUsage, USAGE_COLUMNS, type Usage, usageCells } from './usage.js';

export class BreachReport implements ReportMaker {
  private readonly pairs: StatementPairs;
  private readonly recipients = new Tally<Usage>(noUsage);
  private readonly persons = new Tally<Usage>(noUsage);
  private readonly statements: ReportRow[] = [];
  private readonly all = noUsage();
  private readonly exposed = new Set<string>();
  private omitted = 0;

  constructor(private readonly filter: ReportFilter) {
    this.pairs = new StatementPairs(filter, (intent, outcome) => this.statement(intent, outcome));
  }

  take(event: LogEvent): void {
    this.pairs.take(event);
  }

  private statement(intent: LogEvent, outcome: LogEvent | undefined): void {
    const seen = seenBy(this.filter, intent);
    const person = textOf(intent.record.actor);
    addUsage(this.all, intent, outcome);
    addUsage(this.persons.of({ person }), intent, outcome);
    for (const { object, column: name, shown } of seen)
      addUsage(this.recipients.of({ person, object, column: name, shown }), intent, outcome);
    const received = countOf(outcome?.record.rowCount) > 0 || outcome === undefined;
    if (received && this.exposed.size < SECTION_ROWS_MAX) this.exposed.add(person);
    if (this.statements.length >= SECTION_ROWS_MAX) {
      this.omitted += 1;
      return;
    }
    const columns = seen.map(({ object, column: name, shown }) => `${object}.${name || '(none)'}: ${shown}`);
    this.statements.push({ ...statementCells(intent, outcome), columns });
  }

  finish(): ReportBody {
    this.pairs.finish();
    const { statements, succeeded, otherwise, unanswered, rows } = this.all;
    const person = column('person', 'Person', 'person');
    return {
      totals: { statements, succeeded, otherwise, unanswered, rows, personsWithRows: this.exposed.size },
      sections: [
        section('persons', 'Who received rows', [person, ...USAGE_COLUMNS], this.sorted(this.persons), {
          omitted: this.persons.omitted,
          chart: { title: 'Rows by person', labels: ['person'], value: 'rows' },
        }),
        section(
          'recipients',
          'Who received which column',
          [
            person,
            column('object', 'Object'),
            column('column', 'Column'),
            column('shown', 'Shown as'),
            ...USAGE_COLUMNS,
          ],
          this.sorted(this.recipients),
          { omitted: this.recipients.omitted },
        ),
        section('statements', 'Statements', STATEMENT_COLUMNS, sortRows(this.statements, 'at'), {
          omitted: this.omitted,
        }),
      ],
      notes: NOTES,
    };
  }

  private sorted(tally: Tally<Usage>): readonly ReportRow[] {
    return sortRows(tally.rows(usageCells), 'rows', 'statements');
  }
}

const statementCells = (intent: LogEvent, outcome: LogEvent | undefined): ReportRow => ({
  at: intent.at,
  person: textOf(intent.record.actor),
  statementId: textOf(intent.record.statementId),
  state: outcome === undefined ? 'no outcome' : textOf(outcome.record.state),
  rows: countOf(outcome?.record.rowCount),
  bytes: outcome?.record.bytes === undefined ? null : countOf(outcome.record.bytes),
  purpose: textOf(intent.record.purpose),
  justification: intent.id,
  decidedIn: intent.id,
  endedIn: outcome?.id ?? '',
  receipt: outcome === undefined ? '' : `/v1/statements/${textOf(intent.record.statementId)}/receipt`,
  resultDigest: textOf(outcome?.record.resultDigest),
});

const STATEMENT_COLUMNS = [
  column('at', 'Time', 'time'),
  column('person', 'Person', 'person'),
  column('columns', 'Columns', 'list'),
  column('state', 'Ended'),
  column('rows', 'Rows', 'number'),
  column('bytes', 'Bytes', 'number'),
  column('purpose', 'Purpose'),
  column('justification', 'Justification', 'justification'),
  column('statementId', 'Statement'),
  column('receipt', 'Receipt'),
  column('decidedIn', 'Decided in'),
  column('endedIn', 'Ended in'),
  column('resultDigest', 'SHA-256 of the result'),
];

const NOTES = [
  note(
    'SUBJECTS_NOT_IN_LOG',
    'The log says which columns and how many rows were handed out, not whose rows: it holds no data.',
  ),
  note(
    'NO_OUTCOME_IS_EXPOSURE',
    'A statement without an outcome counts as received: part of its rows may have left before the gateway was killed.',
  ),
];
