/** What people read in a table: names where they are known, and nothing that could act on whoever reads it. */
import {
  type Cell,
  digestOf,
  type Report,
  type ReportColumn,
  type ReportFilter,
  type ReportRow,
  type ReportSection,
} from './report.js';
import type { ReportPersonal, SignedReport } from './signed-report.js';

const PSEUDONYM_SHOWN = 8;

/**
 * Control characters, line ends, and what changes the direction of text or hides in it, as `\u{202e}`: a name
 * may not rearrange the line it stands in. The signed JSON keeps texts as they are.
 */
export const visible = (text: string): string =>
  text.replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Texts of a report with these personal parts; undefined: they are withheld. */
export class CellTexts {
  constructor(private readonly personal: ReportPersonal | undefined) {}

  text({ name, kind }: Pick<ReportColumn, 'name' | 'kind'>, row: ReportRow): string {
    const cell = row[name] ?? null;
    switch (kind) {
      case 'person':
        return this.person(said(cell));
      case 'user':
      case 'justification':
        return this.ofEvent(kind, said(cell));
      default:
        return visible(said(cell));
    }
  }

  /** Texts of a filter, as people write its names. */
  filter({ actor, ...rest }: ReportFilter): readonly (readonly [string, string])[] {
    const others = Object.entries(rest).map(([name, value]) => [name, visible(value)] as const);
    return actor === undefined ? others : [['principal', this.person(actor)], ...others];
  }

  private person(pseudonym: string): string {
    if (pseudonym === '' || this.personal === undefined) return visible(pseudonym);
    const name = this.personal.people[pseudonym];
    return name === null || name === undefined
      ? `erased (${visible(pseudonym.slice(0, PSEUDONYM_SHOWN))})`
      : visible(name);
  }

  private ofEvent(kind: 'user' | 'justification', id: string): string {
    if (id === '') return '';
    if (this.personal === undefined) return 'withheld';
    const event = this.personal.events[id];
    return event === null || event === undefined ? 'erased' : visible(event[kind] ?? '');
  }
}

const said = (cell: Cell): string =>
  cell === null ? '' : Array.isArray(cell) ? cell.join(', ') : String(cell as string | number);

/** Whose names and which events' personal parts a report speaks of. */
export function personalIn({ filter, sections }: Pick<Report, 'filter' | 'sections'>): {
  readonly people: readonly string[];
  readonly events: readonly string[];
} {
  const people = new Set<string>(filter.actor === undefined ? [] : [filter.actor]);
  const events = new Set<string>();
  for (const { columns, rows } of sections) {
    for (const { name, kind } of columns) {
      const into =
        kind === 'person' ? people : kind === 'user' || kind === 'justification' ? events : undefined;
      if (into !== undefined) for (const row of rows) if (row[name] !== '') into.add(String(row[name]));
    }
  }
  return { people: [...people].sort(), events: [...events].sort() };
}

/** Facts that every form of a report prints about itself, in order. */
export function aboutLines(report: Report, texts: CellTexts): readonly (readonly [string, string])[] {
  const { log, filter } = report;
  const point = (event: { readonly eventId: string; readonly at: string } | null): string =>
    event === null ? 'none' : `${event.eventId} at ${event.at}`;
  return [
    ['kind', report.kind],
    ['made at', report.madeAt],
    ...texts.filter(filter).map(([name, value]) => [`filter: ${name}`, value] as const),
    ...(Object.keys(filter).length === 0 ? [['filter', 'none'] as const] : []),
    ['log', log.origin],
    ['first event', point(log.first)],
    ['last event', point(log.last)],
    ['events in these times', String(log.events)],
    ['events in the log', String(log.eventsInLog)],
    ['checkpoint size', String(log.size)],
    ['checkpoint root', log.root],
    ['checkpoint signed at', log.checkpointAt],
  ];
}

/** What every form of a report prints of the signatures that stand for it. */
export function proofLines(signed: SignedReport): readonly (readonly [string, string])[] {
  const signatures = signed.checkpoint.note.split('\n\n')[1]?.trimEnd() ?? '';
  return [
    ['checkpoint signature', visible(signatures.replace(/^\u2014 /, ''))],
    ['SHA-256 of the report', digestOf(signed.report)],
    ['signature', signed.jws],
  ];
}

/** A table as texts. */
export const sectionTexts = (section: ReportSection, texts: CellTexts): readonly (readonly string[])[] =>
  section.rows.map((row) => section.columns.map((one) => texts.text(one, row)));
