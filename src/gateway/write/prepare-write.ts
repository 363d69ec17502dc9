/** From a decided write to one that may run: secured, printed and judged. */

import { GovernanceError, type Position } from '../../core/errors.js';
import type { BoundDrop, BoundTableWrite, BoundWrite, NothingToWrite } from '../../core/plan/write.js';
import { planHash } from '../../core/rewrite/plan-hash.js';
import type { WriteStatement } from '../../core/sql/ast-write.js';
import { statementShape } from '../../core/sql/shape.js';
import type { Engine, PreparedWrite, SecuredStatement, TableWriter } from '../../engines/engine.js';
import { type BindScope, bindContext } from '../bind-context.js';
import type { GovernDeps } from '../decide-statement.js';
import { type Governed, secure, securedStatement } from '../govern.js';
import { governanceOf } from '../governance.js';
import type { Governance, ManifestColumn, StatementRequest } from '../statement.js';
import type { Stopwatch } from '../timings.js';
import { decideTarget } from './decide-write.js';
import { bindWrite, type DecidedWrite, decideWrite, sourceOf } from './govern-write.js';

/** The part of a governed statement that only a write has. */
export interface GovernedWrite extends DecidedWrite {
  readonly scope: BindScope;
  readonly prepared?: PreparedWrite;
}

/** The answer of every write: one row with one number. */
export const WRITE_SCHEMA: readonly ManifestColumn[] = [
  { name: 'num_affected_rows', type: 'bigint', nullable: false, masked: false, mask: null },
];

export async function governWrite(
  deps: GovernDeps,
  statement: WriteStatement,
  scope: BindScope,
  request: StatementRequest,
  watch: Stopwatch,
): Promise<Governed> {
  const bound = watch.timeSync('bind', () =>
    requireHere(bindWrite(statement, scope, bindContext(scope)), scope),
  );
  const decided = watch.timeSync('decide', () => decideWrite(bound, scope));
  const source = sourceOf(bound);
  const engine = deps.engineFor(engineChoice(request.engine, decided, scope));
  const secured = watch.timeSync('rewrite', () => secure(source, decided.decision, scope));
  const plain: SecuredStatement = securedStatement(source, secured, scope);
  const { into } = decided;
  const prepared =
    into === undefined
      ? undefined
      : await watch.time('check', () =>
          writerOf(engine).prepare({ statement: plain, columns: into.write.columns }),
        );
  return {
    shape: statementShape(statement),
    bound: source,
    decision: decided.decision,
    secured,
    prepared: { statement: plain, text: prepared?.text ?? '' },
    engine,
    planHash: planHash(secured.plan),
    objects: [...decided.decision.tables.keys()].sort(),
    schema: WRITE_SCHEMA,
    governance: writeGovernance(decided, scope),
    write: { ...decided, scope, ...(prepared === undefined ? {} : { prepared }) },
  };
}

/** What SQL over REST can write. The right first: who may not write is told that and no more. */
export function requireHere(
  bound: BoundWrite,
  scope: BindScope,
): BoundTableWrite | BoundDrop | NothingToWrite {
  if (bound.kind === 'row-change') {
    decideTarget(bound, scope);
    throw throughConnect(bound.target.at);
  }
  if (bound.kind === 'table-write' && bound.format === 'delta') throw throughConnect(bound.target.at);
  return bound;
}

const throughConnect = (position: Position): GovernanceError =>
  new GovernanceError('FORMAT_NEEDS_SPARK', 'Delta tables are written through Spark Connect.', {
    position,
    remedy: 'Send the statement with spark.sql(...), or make the table USING parquet.',
    sqlState: '0A000',
  });

/** Delta tables are read on Spark alone. */
export function engineChoice(
  choice: StatementRequest['engine'],
  { bound, decision, existing }: DecidedWrite,
  { catalog }: BindScope,
): StatementRequest['engine'] {
  const read = [...decision.tables.keys()].some((id) => catalog.tables.get(id)?.source.format === 'delta');
  const written =
    existing?.source.format === 'delta' || (bound.kind === 'table-write' && bound.format === 'delta');
  if (!read && !written) return choice;
  if (choice === 'auto') return 'spark';
  if (choice === 'spark' || bound.kind === 'drop') return choice;
  throw new GovernanceError('FORMAT_NEEDS_SPARK', 'Delta tables are read and written on Spark only.', {
    position: bound.target.at,
    remedy: 'Leave the engine out, or ask for "engine": "spark".',
    sqlState: '0A000',
  });
}

export function writerOf(engine: Engine): TableWriter {
  if (engine.writer !== undefined) return engine.writer;
  throw new GovernanceError('FEATURE_NOT_ALLOWED', `The engine ${engine.id} does not write here.`, {
    remedy: 'Leave the engine out, or ask for "engine": "duckdb".',
    sqlState: '0A000',
  });
}

export function writeGovernance({ bound, decision, into }: DecidedWrite, scope: BindScope): Governance {
  const read = governanceOf(decision, scope.decisionId);
  return {
    ...read,
    written: { object: bound.target.object, mode: bound.kind === 'table-write' ? bound.mode : bound.kind },
    notices: [...read.notices, ...(into?.notices ?? [])],
  };
}
