/** Turns on an engine as the gateway gives them out, for engines that are tried alone. */
import { randomUUID } from 'node:crypto';
import { ungrouped } from '../../src/core/policy/resources.js';
import type { EngineTurns, Turn } from '../../src/engines/engine.js';
import { Admission } from '../../src/gateway/admission/admission.js';

export function turnsOf(runningMax: number): EngineTurns {
  const limits = { runningMax, waitingMax: 20, waitingPerPrincipalMax: 10 };
  const admission = new Admission({
    engines: { duckdb: limits, spark: limits },
    waitMsMax: 600_000,
    observe: () => undefined,
  });
  return admission.turns('duckdb');
}

/** Of someone who is in no resource group. */
export const turnOf = (user: string): Turn => ({ statementId: randomUUID(), user, group: ungrouped(1) });
