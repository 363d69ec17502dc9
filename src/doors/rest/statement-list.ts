/** A statement in a list: what runs where, since when, and what it waits for. No text of a statement is in it. */
import type { RegisteredStatement, Watched } from '../../gateway/statements.js';
import { registeredAnswer, summary } from './statement-answer.js';

/** As its owner sees it. */
export function listItem(registered: RegisteredStatement, watched: Watched): Record<string, unknown> {
  const { statement } = watched;
  const shown = statement === undefined ? registeredAnswer(registered) : summary(statement);
  return { ...shown, ...activity(registered, watched) };
}

/** As others see it: an error may quote the statement, so only its code is told. */
export function listItemForOthers(
  registered: RegisteredStatement,
  watched: Watched,
): Record<string, unknown> {
  const { error: _, ...shown } = listItem(registered, watched);
  const known = registeredAnswer(registered).error;
  return { principal: registered.principal, ...shown, ...(known === undefined ? {} : { error: known }) };
}

/** Door, engine, group; and of what has not ended, since when and why. */
export function activity(
  { header, submittedAt }: RegisteredStatement,
  { statement, operation, place }: Watched,
): Record<string, unknown> {
  const resources = statement?.governed?.governance.resources ?? operation?.resources;
  const engine = statement?.governed?.engine ?? (operation === undefined ? header.engine : 'spark');
  const startedAt = statement?.startedAt ?? operation?.startedAt;
  const state = statement?.state ?? operation?.state;
  const known = {
    door: header.door ?? 'rest',
    ...(engine === undefined ? {} : { engine }),
    resourceGroup: resources?.group ?? header.group ?? null,
  };
  if (state !== 'queued' && state !== 'running') return known;
  const since = (state === 'running' ? startedAt : undefined) ?? submittedAt;
  return {
    ...known,
    ...(operation === undefined ? {} : { state }),
    since: since.toISOString(),
    progress: { elapsedMs: Math.max(0, Date.now() - since.getTime()) },
    ...(place === undefined ? {} : { position: place.position, waitingFor: place.waitingFor }),
  };
}
