/** From a decided write to one that may run: secured, printed and judged. */
import { GovernanceError } from '../../core/errors.js';
import type { Column } from '../../core/plan/plan.js';
import { BIGINT, typeName } from '../../core/plan/types.js';
import type { BoundRowChange } from '../../core/plan/write.js';
import { planHash } from '../../core/rewrite/plan-hash.js';
import type { SecuredPlan } from '../../core/rewrite/secure.js';
import type { WriteStatement } from '../../core/sql/ast-write.js';
import { statementShape } from '../../core/sql/shape.js';
import type {
  DeltaTarget,
  Engine,
  PreparedWrite,
  SecuredStatement,
  TableWriter,
} from '../../engines/engine.js';
import { type BindScope, bindContext } from '../bind-context.js';
import type { GovernDeps } from '../decide-statement.js';
import { type Governed, secure, securedStatement } from '../govern.js';
import { governanceOf } from '../governance.js';
import type { Governance, ManifestColumn } from '../statement.js';
import type { Stopwatch } from '../timings.js';
import { chooseEngine, readsDelta } from './engine-choice.js';
import { changeGovernance, type DecidedChange, decideChange, secureChange } from './govern-change.js';
import { bindWrite, type DecidedWrite, decideWrite, sourceOf } from './govern-write.js';
import { deltaOf } from './run-delta-write.js';

/** The part of a governed statement that only a write has. */
export interface GovernedWrite extends DecidedWrite {
  readonly scope: BindScope;
  readonly prepared?: PreparedWrite;
}

/** The answer of every write: one row with one number. */
export const WRITE_OUTPUT: readonly Column[] = [
  { id: 0, name: 'num_affected_rows', type: BIGINT, nullable: false },
];
export const WRITE_SCHEMA: readonly ManifestColumn[] = WRITE_OUTPUT.map(({ name, type, nullable }) => ({
  name,
  type: typeName(type),
  nullable,
  masked: false,
  mask: null,
}));

export async function governWrite(
  deps: GovernDeps,
  statement: WriteStatement,
  scope: BindScope,
  watch: Stopwatch,
): Promise<Governed> {
  const bound = watch.timeSync('bind', () => bindWrite(statement, scope, bindContext(scope)));
  const governed =
    bound.kind === 'row-change'
      ? await governChange(deps, bound, scope, watch)
      : await governRows(deps, bound, scope, watch);
  return { shape: statementShape(statement), schema: WRITE_SCHEMA, repeatable: false, ...governed };
}

type GovernedParts = Omit<Governed, 'shape' | 'schema' | 'repeatable'>;

async function governRows(
  deps: GovernDeps,
  bound: DecidedWrite['bound'],
  scope: BindScope,
  watch: Stopwatch,
): Promise<GovernedParts> {
  const decided = watch.timeSync('decide', () => decideWrite(bound, scope));
  const source = sourceOf(bound);
  const secured = watch.timeSync('rewrite', () => secure(source, decided.decision, scope));
  const engine = engineOfWrite(deps, decided, secured, scope);
  const plain: SecuredStatement = securedStatement(source, secured, scope);
  const { into } = decided;
  const prepared =
    into === undefined
      ? undefined
      : await watch.time('check', () =>
          writerOf(engine).prepare({ statement: plain, columns: into.write.columns }),
        );
  return {
    bound: source,
    decision: decided.decision,
    secured,
    prepared: { statement: plain, text: prepared?.text ?? '' },
    engine,
    planHash: planHash(secured.plan),
    objects: [...decided.decision.tables.keys()].sort(),
    governance: writeGovernance(decided, scope),
    write: { ...decided, scope, ...(prepared === undefined ? {} : { prepared }) },
  };
}

async function governChange(
  deps: GovernDeps,
  bound: BoundRowChange,
  scope: BindScope,
  watch: Stopwatch,
): Promise<GovernedParts> {
  const decided = watch.timeSync('decide', () => decideChange(bound, scope));
  const { query, decision, existing, rows } = decided;
  const secured = watch.timeSync('rewrite', () => secure(query, decision, scope));
  const change = watch.timeSync('rewrite', () => secureChange(decided, secured.plan, scope));
  const engine = chooseEngine(deps, scope, true, bound.target.at);
  const prepared = await watch.time('check', () => deltaOf(engine).prepareChange(change, targetOf(decided)));
  return {
    bound: query,
    decision,
    secured,
    prepared: { statement: change.query, text: prepared.text },
    engine,
    planHash: planHash(secured.plan),
    objects: [...decision.tables.keys()].sort(),
    governance: changeGovernance(decided, scope),
    change: { bound, existing, scope, tags: rows.tags, prepared },
  };
}

export function targetOf({ existing: { id, source } }: DecidedChange): DeltaTarget {
  if (source.format !== 'delta') throw new Error('only rows of Delta tables are changed');
  return { object: id, folder: source.folder };
}

/** A table that is dropped is not looked at. */
export function engineOfWrite(
  deps: GovernDeps,
  { bound, existing }: DecidedWrite,
  { leaves }: SecuredPlan,
  scope: BindScope,
): Engine {
  const written = bound.kind === 'table-write' && (bound.format === 'delta' || isDelta(existing));
  return chooseEngine(deps, scope, written || readsDelta(leaves, scope), bound.target.at);
}

const isDelta = (existing: DecidedWrite['existing']): boolean => existing?.source.format === 'delta';

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
