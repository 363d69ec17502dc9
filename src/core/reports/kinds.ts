/** The reports there are: what each is called, and which filters it takes. */
import { GovernanceError } from '../errors.js';
import type { FilterName, ReportFilter, ReportKind } from './report.js';

export interface ReportDefinition {
  readonly title: string;
  readonly about: string;
  readonly takes: readonly FilterName[];
  /** One of these must be given. */
  readonly needsOneOf?: readonly FilterName[];
  /** Beside policies and catalogue: costly to have ready for every report. */
  readonly needs?: 'people' | 'previous';
}

const TIMES = ['from', 'to'] as const;
const STATEMENTS = ['actor', 'object', 'column', 'purpose', ...TIMES] as const;

export const REPORTS: Readonly<Record<ReportKind, ReportDefinition>> = {
  access: {
    title: 'Access',
    about: 'Who saw which column when, for what purpose, by which rule, masked or clear.',
    takes: STATEMENTS,
  },
  denied: {
    title: 'Denied access',
    about: 'Statements and changes that were refused, and sign-ins that failed.',
    takes: ['actor', 'object', 'purpose', ...TIMES],
  },
  breach: {
    title: 'Exposure',
    about: 'Who received which columns, how many rows, in which statements: for a breach.',
    takes: STATEMENTS,
    needsOneOf: ['object', 'column', 'actor'],
  },
  'policy-changes': {
    title: 'Policy changes',
    about: 'Every change of a policy document and who made it.',
    takes: TIMES,
  },
  entitlements: {
    title: 'Entitlements',
    about: 'Who may do what on which object by which rule, and when it was last used.',
    takes: ['actor', 'object', ...TIMES],
    needs: 'people',
  },
  ropa: {
    title: 'Record of processing activities',
    about: 'GDPR Art. 30: catalogue, owners, tags, purposes and real use, with what changed since the last.',
    takes: ['object', ...TIMES],
    needs: 'previous',
  },
  keys: {
    title: 'Key register',
    about: 'Keys that sign the log, and those behind pseudonyms and hash masks.',
    takes: TIMES,
  },
  retention: {
    title: 'Retention',
    about: 'How long evidence is kept and what of it was erased.',
    takes: TIMES,
  },
  dsr: {
    title: 'Data subject requests',
    about: 'The register of privacy requests.',
    takes: TIMES,
  },
  'ccpa-metrics': {
    title: 'CCPA metrics',
    about: 'Numbers of consumer requests as 11 CCR § 7102 asks for them.',
    takes: TIMES,
  },
};

/** How people write the names of filters. */
const SPELLED: Partial<Record<FilterName, string>> = { actor: 'principal' };
const spelled = (names: readonly FilterName[]): string =>
  names.map((name) => SPELLED[name] ?? name).join(', ');

/** A filter that a report would not look at is refused: its numbers would be taken for filtered ones. */
export function requireFilter(kind: ReportKind, filter: ReportFilter): void {
  const { takes, needsOneOf } = REPORTS[kind];
  const given = Object.keys(filter) as FilterName[];
  const alien = given.filter((name) => !takes.includes(name));
  if (alien.length > 0)
    throw new GovernanceError('BAD_REQUEST', `The report ${kind} has no filter ${spelled(alien)}.`, {
      remedy: `It takes: ${spelled(takes)}.`,
    });
  if (needsOneOf !== undefined && !needsOneOf.some((name) => filter[name] !== undefined))
    throw new GovernanceError('BAD_REQUEST', `The report ${kind} needs one of: ${spelled(needsOneOf)}.`, {
      remedy: 'Say what was exposed, or by whom.',
    });
  const { from, to } = filter;
  if (from !== undefined && to !== undefined && from >= to)
    throw new GovernanceError('BAD_REQUEST', 'from: must be before to.', {
      remedy: 'Give an earlier from, or a later to.',
    });
}
