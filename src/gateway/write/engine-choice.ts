/** Which engine a statement runs on: tables of some formats leave no choice. */
import type { ObjectId } from '../../core/catalog/catalog.js';
import { GovernanceError, type Position } from '../../core/errors.js';
import type { Engine } from '../../engines/engine.js';
import type { BindScope } from '../bind-context.js';
import type { GovernDeps } from '../decide-statement.js';

/** Is one of these, also those that only a row rule asks, a Delta table? */
export const readsDelta = (
  leaves: readonly { readonly table: ObjectId }[],
  { catalog }: Pick<BindScope, 'catalog'>,
): boolean => leaves.some(({ table }) => catalog.tables.get(table)?.source.format === 'delta');

/** Delta tables are read and written on Spark alone: there `auto` goes for a statement that touches one. */
export function chooseEngine(
  { engineFor }: Pick<GovernDeps, 'engineFor'>,
  { request }: Pick<BindScope, 'request'>,
  delta: boolean,
  position?: Position,
): Engine {
  if (!delta || request.engine === 'spark') return engineFor(request.engine);
  if (request.engine === 'duckdb')
    throw needsSpark('Leave the engine out, or ask for "engine": "spark".', position);
  try {
    return engineFor('spark');
  } catch (error) {
    if (error instanceof GovernanceError && error.code === 'ENGINE_NOT_CONFIGURED') throw noSpark(position);
    throw error;
  }
}

export const noSpark = (position?: Position): GovernanceError =>
  needsSpark(
    'No Spark runs for this gateway: make the table USING parquet, or ask an operator for a Spark.',
    position,
  );

const needsSpark = (remedy: string, position: Position | undefined): GovernanceError =>
  new GovernanceError('FORMAT_NEEDS_SPARK', 'Delta tables are read and written on Spark only.', {
    remedy,
    sqlState: '0A000',
    ...(position === undefined ? {} : { position }),
  });
