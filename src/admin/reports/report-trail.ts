/** What reports need of the audit log as this gateway keeps it. */
import type { LogSigner } from '../../core/audit/checkpoint.js';
import { canonicalJson } from '../../core/crypto/canonical-json.js';
import type { Principal } from '../../core/policy/decision.js';
import type { ReportFilter } from '../../core/reports/report.js';

export interface ReportRead {
  readonly kind: 'audit.read';
  readonly fields: { readonly actor: string; readonly what: string };
  readonly personal: { readonly user: string; readonly via: string; readonly address?: string | undefined };
}

/** Given to whoever asks for this class: the audit trail. */
export abstract class ReportTrail {
  abstract readonly signer: LogSigner;
  /** What is committed is signed and can be searched when it resolves. */
  abstract catchUp(): Promise<void>;
  abstract record(event: ReportRead): Promise<void>;
  abstract pseudonymOf(user: string): string;
}

/** That somebody asks for a report is on record before they have it. People in the filter are pseudonyms. */
export const reportRead = (
  trail: ReportTrail,
  { principal, address }: { readonly principal: Pick<Principal, 'user' | 'via'>; readonly address?: string },
  what: string,
  filter: ReportFilter = {},
): ReportRead => ({
  kind: 'audit.read',
  fields: {
    actor: trail.pseudonymOf(principal.user),
    what: Object.keys(filter).length === 0 ? what : `${what} ${canonicalJson(filter)}`,
  },
  personal: { user: principal.user, via: principal.via, address },
});
