/**
 * The record of processing activities (GDPR Art. 30), as far as a gateway can know it: what data there is and
 * whose it is from the catalogue, for what it may be used from the policies, for what and by how many it was
 * used from the log. What it cannot know is said, letter by letter.
 */
import { foldName, type TableMeta } from '../catalog/catalog.js';
import type { CompiledPolicies } from '../policy/compile.js';
import { tableScopes } from '../policy/table-scopes.js';
import {
  column,
  type LogEvent,
  note,
  type Report,
  type ReportBody,
  type ReportFilter,
  type ReportMaker,
  type ReportRow,
  SECTION_ROWS_MAX,
  textOf,
  textsOf,
} from './report.js';
import { ropaChanges } from './ropa-changes.js';
import { isAsked } from './statement-filter.js';
import { section, sortRows, Tally } from './tally.js';
import { addTime } from './usage.js';

export interface RopaSources {
  readonly policies: CompiledPolicies;
  readonly tables: readonly TableMeta[];
  /** The last one that was kept. */
  readonly previous?: Report;
}

const USES_MAX = 50_000;

export class RopaReport implements ReportMaker {
  private readonly uses = new Tally(() => ({ statements: 0, first: '', last: '' }), USES_MAX);
  private readonly actors = new Tally(() => ({}), USES_MAX);

  constructor(
    private readonly filter: ReportFilter,
    private readonly sources: RopaSources,
  ) {}

  take(event: LogEvent): void {
    if (event.kind !== 'statement.intent' || !isAsked(this.filter, event)) return;
    for (const object of textsOf(event.record.objects)) {
      const use = this.uses.of({ object, purpose: textOf(event.record.purpose) });
      this.actors.of({ object, actor: textOf(event.record.actor) });
      if (use === undefined) continue;
      use.statements += 1;
      addTime(use, event.at);
    }
  }

  finish(): ReportBody {
    const uses = this.uses.rows((use) => ({ ...use }));
    const activities = this.activities(uses);
    const { previous } = this.sources;
    const changes = ropaChanges(previous?.sections.find(({ id }) => id === 'activities')?.rows, activities);
    const personal = activities.filter(({ personalData }) => personalData === 'yes').length;
    return {
      totals: {
        objects: activities.length,
        withPersonalData: personal,
        withoutOwner: activities.filter(({ owner }) => owner === '').length,
        statements: uses.reduce((sum, { statements }) => sum + Number(statements), 0),
        changes: changes.length,
      },
      sections: [
        section('activities', 'Processing by object', ACTIVITIES, activities, {
          chart: { title: 'Statements by object', labels: ['object'], value: 'statements' },
        }),
        section('purposes', 'Real use by purpose', PURPOSES, sortRows(uses, 'statements'), {
          omitted: this.uses.omitted,
        }),
        section('changes', 'Since the last record', CHANGES, changes),
        section('article-30', 'What Art. 30(1) asks, and where it is', ARTICLE, ARTICLE_ROWS),
      ],
      notes: notesOf(previous),
    };
  }

  private activities(uses: readonly ReportRow[]): readonly ReportRow[] {
    const { object: asked } = this.filter;
    const persons = this.actors.rows(() => ({}));
    const tables = this.sources.tables.filter(({ id }) => asked === undefined || id === asked);
    return [...tables]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, SECTION_ROWS_MAX)
      .map((table) => {
        const used = uses.filter(({ object }) => object === table.id);
        const categories = tagsOf(table);
        return {
          object: table.id,
          owner: table.owner ?? '',
          categories,
          personalData: categories.some(isPersonal) ? 'yes' : 'no',
          allowedPurposes: this.allowedPurposes(table),
          usedPurposes: sorted(used.map(({ purpose }) => String(purpose) || '(none)')),
          recipients: this.recipients(table),
          persons: persons.filter(({ object }) => object === table.id).length,
          statements: used.reduce((sum, { statements }) => sum + Number(statements), 0),
          lastUse:
            used
              .map(({ last }) => String(last))
              .sort()
              .at(-1) ?? '',
          measures: this.measures(table),
        };
      });
  }

  private allowedPurposes(table: TableMeta): readonly string[] {
    const { purposes } = this.sources.policies;
    return sorted(
      tableScopes(table)
        .all.flatMap((scope) => purposes.get(scope) ?? [])
        .flatMap((rule) => rule.require),
    );
  }

  /** Roles, groups and people that a grant lets read, as the policies write them. */
  private recipients(table: TableMeta): readonly string[] {
    const { grants, open } = this.sources.policies;
    const readers = tableScopes(table)
      .own.flatMap((scope) => grants.get(scope)?.all ?? [])
      .filter((grant) => grant.effect === 'allow' && grant.actions.includes('read'))
      .flatMap((grant) => grant.to)
      // A name would be personal data in a report that is kept.
      .map((subject) => (subject.startsWith('user:') ? 'single users' : subject));
    return sorted(open.has(foldName(table.catalog)) ? [...readers, 'all (open catalog)'] : readers);
  }

  private measures(table: TableMeta): readonly string[] {
    const { rows, columns } = this.sources.policies;
    const scopes = tableScopes(table);
    const rowRules = scopes.all.flatMap((scope) => rows.get(scope)?.all ?? []);
    const masks = new Set(scopes.columns.flat()).values();
    const columnRules = [...masks].flatMap((scope) => columns.get(scope)?.all ?? []);
    return sorted([
      ...rowRules.map(({ policy, rule }) => `rows: ${policy}/${rule}`),
      ...columnRules
        .filter(({ mask }) => mask !== undefined && mask.kind !== 'clear')
        .map(({ policy, rule }) => `mask: ${policy}/${rule}`),
    ]);
  }
}

const sorted = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();
const tagsOf = (table: TableMeta): readonly string[] =>
  sorted([...table.tags, ...table.columns.flatMap(({ tags }) => tags)]);
/** By the names that tags of personal data have here. */
const isPersonal = (tag: string): boolean => /^(pii|special|personal)([._-]|$)/i.test(tag);

const ACTIVITIES = [
  column('object', 'Object'),
  column('owner', 'Owner'),
  column('personalData', 'Personal data'),
  column('categories', 'Categories (tags)', 'list'),
  column('allowedPurposes', 'Purposes asked for', 'list'),
  column('usedPurposes', 'Purposes given', 'list'),
  column('recipients', 'Recipients (who may read)', 'list'),
  column('persons', 'People who used it', 'number'),
  column('statements', 'Statements', 'number'),
  column('lastUse', 'Last use', 'time'),
  column('measures', 'Measures', 'list'),
];
const PURPOSES = [
  column('object', 'Object'),
  column('purpose', 'Purpose'),
  column('statements', 'Statements', 'number'),
  column('first', 'First', 'time'),
  column('last', 'Last', 'time'),
];
const CHANGES = [
  column('object', 'Object'),
  column('field', 'What'),
  column('before', 'Before'),
  column('after', 'Now'),
];
const ARTICLE = [column('point', 'Art. 30(1)'), column('asks', 'Asks for'), column('where', 'Where it is')];
const ARTICLE_ROWS = [
  ['(a)', 'Controller, representative, data protection officer', 'Not known to the gateway: add it.'],
  ['(b)', 'Purposes', 'Asked for by policies, given with statements.'],
  [
    '(c)',
    'Categories of data subjects and of personal data',
    'Tags of the catalogue; subjects are not known: add them.',
  ],
  ['(d)', 'Categories of recipients', 'Roles, groups and users that may read; people who did are counted.'],
  ['(e)', 'Transfers to third countries', 'Not known to the gateway: add them.'],
  ['(f)', 'Time limits for erasure', 'There are no retention rules yet: add them.'],
  ['(g)', 'Technical and organisational measures', 'Row rules and masks; every use is in the audit log.'],
].map(([point = '', asks = '', where = '']) => ({ point, asks, where }));

const notesOf = (previous: Report | undefined) => [
  previous === undefined
    ? note('NO_EARLIER_RECORD', 'There is no earlier record to compare with.')
    : note(
        'COMPARED_WITH',
        `Compared with the record made at ${previous.madeAt} over the log of size ${previous.log.size}.`,
      ),
];
