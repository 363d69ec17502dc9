/** What the controllers of this door call. One object, wired in app.module.ts. */
import type { Principal } from '../../core/policy/decision.js';
import type { EngineStatus } from '../../engines/engine.js';
import type { CancelAny } from '../../gateway/cancel-any.js';
import type { StatementPipeline } from '../../gateway/pipeline.js';
import type { Statements } from '../../gateway/statements.js';

export interface RestServices {
  readonly pipeline: StatementPipeline;
  readonly statements: Statements;
  /** Whoever's statement it is. */
  readonly cancelAny: CancelAny;
  readonly engines: () => readonly EngineStatus[];
  /** Undefined: there is no such principal. */
  readonly findPrincipal: (user: string) => Promise<Principal | undefined>;
}

export const SERVICES = Symbol('services');
