/**
 * Who may look at the log: those who may see plans somewhere, or administer. Who asked what is personal, and
 * for auditors and administrators alone.
 */
import type { FastifyRequest } from 'fastify';
import { GovernanceError } from '../core/errors.js';
import type { SignedIn } from '../gateway/authenticate.js';
import { Authority } from './authority.js';

const AUDITOR = 'auditor';

export interface AuditCaller {
  readonly caller: SignedIn;
  /** May see personal parts. */
  readonly personal: boolean;
}

export function auditCaller(authority: Authority, request: FastifyRequest): AuditCaller {
  const caller = authority.policyReader(request);
  const personal = authority.administers(caller) || caller.principal.roles.includes(AUDITOR);
  return { caller, personal };
}

export function requirePersonal({ personal }: AuditCaller): void {
  if (personal) return;
  throw new GovernanceError('ACCESS_DENIED', 'Who asked is shown to auditors and administrators only.', {
    remedy: 'Leave out principal and personal, or ask an auditor.',
  });
}
