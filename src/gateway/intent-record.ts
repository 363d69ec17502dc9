/** What is put on record of a statement before it runs. */
import type { BoundQuery } from '../core/plan/plan.js';
import { planHash } from '../core/rewrite/plan-hash.js';
import { usedColumns } from '../core/rewrite/usage.js';
import type { Governed } from './govern.js';
import type { IntentRecord, PersonalPart } from './recorder.js';
import type { Caller, StatementRequest } from './statement.js';

export const intentRecord = (
  statementId: string,
  at: string,
  caller: Caller,
  request: StatementRequest,
  governed: Governed,
): IntentRecord => ({
  statementId,
  at,
  decisionId: governed.governance.decisionId,
  policyVersion: governed.governance.policyVersion,
  shape: governed.shape.shape,
  boundPlanHash: planHash(governed.bound.plan),
  planHash: governed.planHash,
  leaves: governed.secured.leaves.length,
  objects: governed.objects,
  columns: columnsRead(governed.bound),
  governance: governed.governance,
  engine: governed.engine.id,
  ...(governed.governance.written === undefined ? {} : { target: governed.governance.written }),
  personal: personalPart(caller, request, governed.shape.literals),
  ...(request.purpose === undefined ? {} : { purpose: request.purpose }),
});

export const personalPart = (
  caller: Caller,
  request: StatementRequest,
  literals: readonly string[],
): PersonalPart => ({
  user: caller.principal.user,
  via: caller.principal.via,
  literals,
  ...(caller.address === undefined ? {} : { address: caller.address }),
  ...(caller.userAgent === undefined ? {} : { userAgent: caller.userAgent }),
  ...(request.justification === undefined ? {} : { justification: request.justification }),
});

/** `object.column` of everything that the statement uses, in order and once. */
function columnsRead(bound: BoundQuery): readonly string[] {
  const used = usedColumns(bound);
  const read = bound.leaves.flatMap(({ table, columns }) =>
    columns.filter(({ id }) => used.has(id)).map(({ source }) => `${table}.${source.toLowerCase()}`),
  );
  return [...new Set(read)].sort();
}
