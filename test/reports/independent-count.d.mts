// biome-ignore lint/suspicious/noExplicitAny: lines of the log, as they are
type Events = readonly any[];
export interface Filter {
  readonly actor?: string;
  readonly object?: string;
  readonly column?: string;
  readonly purpose?: string;
  readonly from?: string;
  readonly to?: string;
}
type Usage = Readonly<Record<'statements' | 'succeeded' | 'otherwise' | 'unanswered' | 'rows', number>> & {
  readonly first: string;
  readonly last: string;
};
type Usages = Readonly<Record<string, Usage>>;
type Counts = Readonly<Record<string, number>>;

export function eventsOf(exported: string, size: number): Events;
export function countAccess(
  events: Events,
  filter?: Filter,
): { readonly totals: Usage } & Readonly<Record<'persons' | 'objects' | 'columns' | 'days' | 'seen', Usages>>;
export function countBreach(
  events: Events,
  filter: Filter,
): {
  readonly totals: Usage;
  readonly persons: Usages;
  readonly recipients: Usages;
  readonly statements: readonly string[];
  readonly exposed: number;
};
export function countDenied(
  events: Events,
  filter?: Filter,
): Readonly<Record<'totals' | 'statements' | 'codes' | 'days' | 'changes' | 'sign-ins', Counts>>;
export function countPolicyChanges(
  events: Events,
  filter?: Filter,
): { readonly totals: Counts; readonly changes: readonly string[] };
export function countRetention(events: Events, filter?: Filter): Counts;
export function countUse(
  events: Events,
  filter?: Filter,
): Readonly<Record<'objects' | 'purposes' | 'personObjects', Usages>> & { readonly people: Counts };
