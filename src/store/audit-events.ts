/** What the gateway records, as events of the audit log: people become pseudonyms, names go to the personal part. */
import type { AuditEvent, PersonalFields } from '../core/audit/event.js';
import type { DeniedRecord, IntentRecord, OutcomeRecord, PersonalPart } from '../gateway/recorder.js';

export type PseudonymOf = (user: string) => string;

export function intentEvent(record: IntentRecord, pseudonymOf: PseudonymOf): AuditEvent {
  const { at, personal, governance, ...fields } = record;
  return {
    kind: 'statement.intent',
    at,
    fields: {
      ...fields,
      actor: pseudonymOf(personal.user),
      filters: governance.filteredTables,
      masks: governance.maskedColumns,
    },
    personal: personalFields(personal),
  };
}

export function deniedEvent(record: DeniedRecord, pseudonymOf: PseudonymOf): AuditEvent {
  const { at, personal, ...fields } = record;
  return {
    kind: 'statement.denied',
    at,
    fields: { ...fields, actor: pseudonymOf(personal.user) },
    personal: personalFields(personal),
  };
}

export function outcomeEvent({ at, ...fields }: OutcomeRecord): AuditEvent {
  return { kind: 'statement.outcome', at, fields };
}

const personalFields = ({ user, via, address, userAgent, literals, justification }: PersonalPart) =>
  ({ user, via, address, userAgent, literals, justification }) satisfies PersonalFields;
