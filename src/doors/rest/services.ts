/** What controllers call. One object, wired in app.module.ts. */
import type { FastifyRequest } from 'fastify';
import type { PolicyService } from '../../admin/policies/policy-service.js';
import type { Config } from '../../config.js';
import type { CatalogSnapshot } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import type { EngineStatus } from '../../engines/engine.js';
import type { Authenticator, SignedIn } from '../../gateway/authenticate.js';
import type { StatementPipeline } from '../../gateway/pipeline.js';
import type { PolicyHolder } from '../../gateway/policy-holder.js';
import type { Statements } from '../../gateway/statements.js';
import type { Store } from '../../store/store.js';

export interface RestServices {
  readonly config: Config;
  readonly store: Store;
  readonly authenticator: Authenticator;
  readonly pipeline: StatementPipeline;
  readonly statements: Statements;
  readonly holder: PolicyHolder;
  readonly policies: PolicyService;
  readonly catalog: () => CatalogSnapshot;
  readonly refreshCatalog: () => Promise<void>;
  readonly engines: () => readonly EngineStatus[];
  readonly clock: () => Date;
}

export const SERVICES = Symbol('services');

/** Put on the request by the guard. */
const signedIn = new WeakMap<FastifyRequest, SignedIn>();
export const setCaller = (request: FastifyRequest, caller: SignedIn): void => {
  signedIn.set(request, caller);
};

/** Who is asking. The guard ran first, so there is always someone. */
export function callerOf(request: FastifyRequest): SignedIn {
  const caller = signedIn.get(request);
  if (caller === undefined) throw new GovernanceError('UNAUTHENTICATED', 'Valid credentials are needed.');
  const { 'user-agent': userAgent } = request.headers;
  return { ...caller, ...(userAgent === undefined ? {} : { userAgent: userAgent.slice(0, 300) }) };
}

/** Managing needs the administer action on something. */
export function requireAdminister(services: RestServices, caller: SignedIn): void {
  const now = services.clock().getTime();
  if (services.holder.current().holdsAnywhere(caller.principal, 'administer', now)) return;
  throw new GovernanceError('ACCESS_DENIED', 'This needs the administer action.', {
    remedy: 'Ask an administrator.',
    denied: [{ object: '*', action: 'administer' }],
  });
}
