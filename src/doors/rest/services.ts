/** What the controllers of this door call. One object, wired in app.module.ts. */
import type { Principal } from '../../core/policy/decision.js';
import type { EngineStatus, RowConverter } from '../../engines/engine.js';
import type { CancelAny } from '../../gateway/cancel-any.js';
import type { StatementPipeline } from '../../gateway/pipeline.js';
import type { Caller } from '../../gateway/statement.js';
import type { Statement, Statements } from '../../gateway/statements.js';
import type { KeptSource } from './kept-parts.js';

export interface RestServices {
  readonly pipeline: StatementPipeline;
  readonly statements: Statements;
  /** Whoever's statement it is. */
  readonly cancelAny: CancelAny;
  /** Of kept rows into formats that are not text. */
  readonly converter: RowConverter;
  readonly engines: () => readonly EngineStatus[];
  /** Undefined: there is no such principal. */
  readonly findPrincipal: (user: string) => Promise<Principal | undefined>;
}

/** A kept result as this caller may have it. */
export const keptSource = (
  { statements, converter }: RestServices,
  caller: Caller,
  statement: Statement,
  signal: AbortSignal,
): KeptSource => ({
  statement,
  converter,
  signal,
  chunk: (n) => statements.chunk(caller, statement, n),
  check: () => statements.requireSameRights(caller, statement),
});

export const SERVICES = Symbol('services');
