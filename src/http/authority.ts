/** May this caller manage things here? Managing is a right on no table in particular. */
import type { FastifyRequest } from 'fastify';
import { GovernanceError } from '../core/errors.js';
import type { SignedIn } from '../gateway/authenticate.js';
import type { PolicyHolder } from '../gateway/policy-holder.js';
import { callerOf } from './caller.js';

export class Authority {
  constructor(
    private readonly holder: PolicyHolder,
    private readonly clock: () => Date,
  ) {}

  administers(caller: SignedIn): boolean {
    return this.holds(caller, 'administer');
  }

  /** The caller of this request, who has the administer action somewhere; anybody else is refused. */
  administrator(request: FastifyRequest): SignedIn {
    const caller = callerOf(request);
    if (!this.administers(caller)) throw notAdministrator();
    return caller;
  }

  /** Policy documents are read by those who administer or may see plans somewhere. */
  policyReader(request: FastifyRequest): SignedIn {
    const caller = callerOf(request);
    if (this.holds(caller, 'explain') || this.administers(caller)) return caller;
    throw notAdministrator();
  }

  private holds(caller: SignedIn, action: 'administer' | 'explain'): boolean {
    return this.holder.current().holdsAnywhere(caller.principal, action, this.clock().getTime());
  }
}

const notAdministrator = (): GovernanceError =>
  new GovernanceError('ACCESS_DENIED', 'This needs the administer action.', {
    remedy: 'Ask an administrator.',
    denied: [{ object: '*', action: 'administer' }],
  });
