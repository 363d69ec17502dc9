/**
 * Who may do what on which object by which rule, from the policies as they are compiled, and when that was
 * last used, from the log. A review asks of each line: does this person still need it?
 */
import type { TableMeta } from '../catalog/catalog.js';
import { type CompiledPolicies } from '../policy/compile.js';
import { ACTIONS, decide } from '../policy/decide.js';
import type { Principal, TableDecision } from '../policy/decision.js';
import {
  column,
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
import { isAsked } from './statement-filter.js';
import { section, Tally } from './tally.js';
import { addTime } from './usage.js';

export interface EntitlementSources {
  readonly policies: CompiledPolicies;
  readonly tables: readonly TableMeta[];
  /** In order of their names. */
  readonly people: readonly { readonly pseudonym: string; readonly principal: Principal }[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Decisions that one report makes: more are a review of less at a time. */
const DECISIONS_MAX = 200_000;
const USES_MAX = 200_000;

export class EntitlementsReport implements ReportMaker {
  private readonly uses = new Tally(() => ({ statements: 0, first: '', last: '' }), USES_MAX);

  constructor(
    private readonly filter: ReportFilter,
    private readonly sources: EntitlementSources,
  ) {}

  take(event: LogEvent): void {
    if (event.kind !== 'statement.intent' || !isAsked(this.filter, event)) return;
    for (const object of textsOf(event.record.objects)) {
      const use = this.uses.of({ person: textOf(event.record.actor), object });
      if (use === undefined) continue;
      use.statements += 1;
      addTime(use, event.at);
    }
  }

  finish(): ReportBody {
    const uses = new Map(
      this.uses
        .rows((use) => ({ ...use }))
        .map((row) => [`${String(row.person)} ${String(row.object)}`, row]),
    );
    const rows: ReportRow[] = [];
    const totals = { entitlements: 0, readable: 0, readableUnused: 0, persons: 0, objects: 0 };
    let decided = 0;
    let undecided = 0;
    const tables = this.tables();
    const people = this.people();
    for (const { pseudonym, principal } of people) {
      for (const table of tables) {
        if (decided >= DECISIONS_MAX) {
          undecided += 1;
          continue;
        }
        decided += 1;
        const use = uses.get(`${pseudonym} ${table.id}`);
        for (const row of entitlementsOf(this.decide(principal, table), pseudonym, use)) {
          totals.entitlements += 1;
          if (row.action === 'read') totals.readable += 1;
          if (row.action === 'read' && use === undefined) totals.readableUnused += 1;
          if (rows.length < SECTION_ROWS_MAX) rows.push(row);
        }
      }
    }
    totals.persons = people.length;
    totals.objects = tables.length;
    const omitted = totals.entitlements - rows.length;
    return { totals, sections: this.sections(rows, omitted, totals), notes: notesOf(undecided) };
  }

  private decide(principal: Principal, table: TableMeta): TableDecision | undefined {
    const { policies, now } = this.sources;
    return decide(policies, { principal, tables: [table], now }).tables.get(table.id);
  }

  private tables(): readonly TableMeta[] {
    const { object } = this.filter;
    const tables = this.sources.tables.filter(({ id }) => object === undefined || id === object);
    return [...tables].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  private people(): EntitlementSources['people'] {
    const { actor } = this.filter;
    return this.sources.people.filter(({ pseudonym }) => actor === undefined || pseudonym === actor);
  }

  private sections(
    rows: readonly ReportRow[],
    omitted: number,
    { readable, readableUnused }: { readonly readable: number; readonly readableUnused: number },
  ) {
    return [
      section('entitlements', 'Who may do what', COLUMNS, rows, { omitted }),
      section(
        'use',
        'Rights to read, by use',
        [column('use', 'Use'), column('rights', 'Rights', 'number')],
        [
          { use: 'used', rights: readable - readableUnused },
          { use: 'not used in these times', rights: readableUnused },
        ],
        { chart: { title: 'Rights to read, by use', labels: ['use'], value: 'rights' } },
      ),
    ];
  }
}

function entitlementsOf(
  decision: TableDecision | undefined,
  person: string,
  use: ReportRow | undefined,
): readonly ReportRow[] {
  if (decision === undefined) return [];
  const { object, grants, columns } = decision;
  const hidden = columns.filter(({ mask }) => mask.kind === 'hide').length;
  const clear = columns.filter(({ mask }) => mask.kind === 'clear').length;
  return ACTIONS.filter((action) => decision.actions[action]).map((action) => {
    const rules = grants
      .filter((grant) => grant.effect === 'allow' && grant.action === action)
      .map(({ policy, rule }) => `${policy}/${rule}`);
    // Only reading and writing leave a trace per object.
    const leavesTrace = action === 'read';
    return {
      person,
      object,
      action,
      rules: [...new Set(rules)],
      rows: action === 'read' ? decision.rows.kind : '',
      columnsClear: action === 'read' ? clear : null,
      columnsMasked: action === 'read' ? columns.length - clear - hidden : null,
      columnsHidden: action === 'read' ? hidden : null,
      statements: leavesTrace ? (use?.statements ?? 0) : null,
      lastUse: leavesTrace ? (use?.last ?? '') : null,
    };
  });
}

const COLUMNS = [
  column('person', 'Person', 'person'),
  column('object', 'Object'),
  column('action', 'Action'),
  column('rules', 'By', 'list'),
  column('rows', 'Rows'),
  column('columnsClear', 'Columns clear', 'number'),
  column('columnsMasked', 'Masked', 'number'),
  column('columnsHidden', 'Hidden', 'number'),
  column('statements', 'Statements', 'number'),
  column('lastUse', 'Last use', 'time'),
];

const notesOf = (undecided: number) => [
  note('REGISTERED_PEOPLE', 'People of an identity provider who were never registered here are not listed.'),
  note('USE_OF_READING', 'Only reading leaves a trace per object; an empty rule list means an open catalog.'),
  ...(undecided === 0
    ? []
    : [
        note(
          'NOT_ALL_DECIDED',
          `${undecided} pairs of person and object are beyond the limit of ${DECISIONS_MAX}: ask by object or person.`,
        ),
      ]),
];
