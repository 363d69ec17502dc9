/**
 * An administrator ends a statement of somebody else: on record before it is done, and how that went before the answer
 * leaves, like every change that is made over the API.
 */
import { GovernanceError } from '../core/errors.js';
import type { SignedIn } from './authenticate.js';
import type { Recorder } from './recorder.js';
import type { Statements } from './statements.js';

interface CancelDeps {
  readonly statements: Pick<Statements, 'ownerOf' | 'cancel'>;
  readonly recorder: Pick<Recorder, 'record' | 'pseudonymOf'>;
  readonly clock: () => Date;
}

export interface CancelRequest {
  readonly administrator: SignedIn;
  readonly requestId: string;
  readonly statementId: string;
}

const ACCEPTED = 202;
const FAILED = 500;

/** Of one's own the outcome of the statement is record enough. */
export async function cancelAny(deps: CancelDeps, request: CancelRequest): Promise<void> {
  const { statements } = deps;
  const { administrator, statementId } = request;
  // What is nobody's is refused like what is another's.
  const owner = (await statements.ownerOf(statementId)) ?? administrator.principal.user;
  const cancel = (): Promise<void> => statements.cancel(owner, statementId);
  await (owner === administrator.principal.user ? cancel() : recorded(deps, request, cancel));
}

async function recorded(
  { recorder, clock }: CancelDeps,
  { administrator: { principal, address, userAgent }, requestId, statementId }: CancelRequest,
  cancel: () => Promise<void>,
): Promise<void> {
  const { user, via } = principal;
  await recorder.record({
    kind: 'admin.intent',
    at: clock().toISOString(),
    fields: {
      requestId,
      actor: recorder.pseudonymOf(user),
      action: 'cancel',
      noun: 'statements',
      object: statementId,
    },
    personal: { user, via, object: statementId, address, userAgent },
  });
  const ended = (status: number, code?: string): Promise<void> =>
    recorder.record({
      kind: 'admin.outcome',
      at: clock().toISOString(),
      fields: { requestId, decision: 'allow', status, ...(code === undefined ? {} : { code }) },
    });
  try {
    await cancel();
  } catch (error) {
    await ended(FAILED, error instanceof GovernanceError ? error.code : 'INTERNAL');
    throw error;
  }
  await ended(ACCEPTED);
}
