/** Who saw which column when, for what, and how it was shown. */
import {
  column,
  type LogEvent,
  note,
  type ReportBody,
  type ReportFilter,
  type ReportMaker,
  textOf,
} from './report.js';
import { rowRulesOf, seenBy } from './statement-filter.js';
import { StatementPairs } from './statement-pairs.js';
import { section, sortRows, Tally } from './tally.js';
import { addUsage, dayOf, noUsage, USAGE_COLUMNS, type Usage, usageCells } from './usage.js';

export class AccessReport implements ReportMaker {
  private readonly pairs: StatementPairs;
  private readonly seen = new Tally<Usage>(noUsage);
  private readonly persons = new Tally<Usage>(noUsage);
  private readonly columns = new Tally<Usage>(noUsage);
  private readonly objects = new Tally<Usage>(noUsage);
  private readonly days = new Tally<Usage>(noUsage);
  private readonly all = noUsage();
  private readonly columnsRead = new Tally(() => ({}));
  private clear = 0;

  constructor(private readonly filter: ReportFilter) {
    this.pairs = new StatementPairs(filter, (intent, outcome) => this.statement(intent, outcome));
  }

  take(event: LogEvent): void {
    this.pairs.take(event);
  }

  private statement(intent: LogEvent, outcome: LogEvent | undefined): void {
    const seen = seenBy(this.filter, intent);
    const person = textOf(intent.record.actor);
    const purpose = textOf(intent.record.purpose);
    addUsage(this.all, intent, outcome);
    addUsage(this.persons.of({ person }), intent, outcome);
    addUsage(this.days.of({ day: dayOf(intent.at) }), intent, outcome);
    for (const object of new Set(seen.map((one) => one.object)))
      addUsage(this.objects.of({ object }), intent, outcome);
    for (const { object, column: name, shown, rule } of seen) {
      const rowRules = rowRulesOf(intent, object);
      addUsage(
        this.seen.of({ person, object, column: name, shown, rule, rowRules, purpose }),
        intent,
        outcome,
      );
      if (name === '') continue;
      addUsage(this.columns.of({ object, column: name, shown }), intent, outcome);
      this.columnsRead.of({ object, column: name });
      if (shown === 'clear') this.clear += 1;
    }
  }

  finish(): ReportBody {
    this.pairs.finish();
    const { statements, succeeded, otherwise, unanswered, rows } = this.all;
    return {
      totals: {
        statements,
        succeeded,
        otherwise,
        unanswered,
        rows,
        persons: this.persons.size,
        columns: this.columnsRead.size,
        readInClear: this.clear,
      },
      sections: [this.seenSection(), ...this.summaries()],
      notes: [
        note(
          'ROWS_OF_STATEMENTS',
          'Rows are those of whole statements: a statement over several columns counts its rows with each of them.',
        ),
        note(
          'COLUMNS_BY_NAME',
          'A column counts when a statement uses it, in conditions and joins too. "none": of this object no column was used by name.',
        ),
      ],
    };
  }

  private seenSection() {
    const columns = [
      PERSON,
      OBJECT,
      column('column', 'Column'),
      SHOWN,
      column('rule', 'Mask rule'),
      column('rowRules', 'Row rules', 'list'),
      column('purpose', 'Purpose'),
      ...USAGE_COLUMNS,
    ];
    const rows = sortRows(this.seen.rows(usageCells), 'statements', 'rows');
    return section('seen', 'Who saw which column', columns, rows, { omitted: this.seen.omitted });
  }

  private summaries() {
    const sorted = (tally: Tally<Usage>) => sortRows(tally.rows(usageCells), 'statements', 'rows');
    const statements = (title: string, ...labels: readonly string[]) => ({
      title,
      labels,
      value: 'statements',
    });
    return [
      section('persons', 'By person', [PERSON, ...USAGE_COLUMNS], sorted(this.persons), {
        omitted: this.persons.omitted,
        chart: statements('Statements by person', 'person'),
      }),
      section(
        'columns',
        'By column',
        [OBJECT, column('column', 'Column'), SHOWN, ...USAGE_COLUMNS],
        sorted(this.columns),
        {
          omitted: this.columns.omitted,
          chart: statements('Statements by column', 'object', 'column', 'shown'),
        },
      ),
      section('objects', 'By object', [OBJECT, ...USAGE_COLUMNS], sorted(this.objects), {
        omitted: this.objects.omitted,
        chart: statements('Statements by object', 'object'),
      }),
      section(
        'days',
        'By day',
        [column('day', 'Day'), ...USAGE_COLUMNS],
        sortRows(this.days.rows(usageCells), 'day'),
        {
          omitted: this.days.omitted,
          chart: statements('Statements by day', 'day'),
        },
      ),
    ];
  }
}

const PERSON = column('person', 'Person', 'person');
const OBJECT = column('object', 'Object');
const SHOWN = column('shown', 'Shown as');
