/**
 * What a session's streams do, told to the listeners of its client as it happens: reports of batches as anybody with these
 * rights may see them, and ends. A listener is the client's own code and runs there.
 */
import type { PlanMessage } from '../../core/plan/connect/message.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import type { ClientSession } from '../../gateway/connect/connect-session.js';
import { shownProgress } from '../../gateway/connect/streams/progress.js';
import type { StreamingQuery } from '../../gateway/connect/streams/streaming-query.js';
import type { Streams } from '../../gateway/connect/streams/streams.js';
import { idsOf } from './answer-stream.js';
import type { CallContext } from './call.js';
import type { DoorParts } from './door-parts.js';
import type { CommandResult } from './execute.js';
import { Feed } from './feed.js';
import type { Operation } from './operation.js';

/** `StreamingQueryEventType` */
const PROGRESS = 1;
const TERMINATED = 2;
const KIND = 'streamingQueryListenerEventsResult';
/** One a session, as on the server. */
const buses = new WeakMap<ClientSession, Feed>();

export async function streamingQueryListenerBusCommand(
  parts: DoorParts,
  _: CallContext,
  operation: Operation,
  command: PlanMessage,
): Promise<CommandResult> {
  const { session } = operation;
  const { case: kind } = command.command as { readonly case?: string };
  if (kind === 'removeListenerBusListener') {
    buses.get(session)?.close();
    return { answers: [] };
  }
  if (kind !== 'addListenerBusListener') throw notAllowed('This command of listeners');
  if (buses.get(session)?.isOpen === true) throw notAllowed('A second bus of listeners in one session');
  const feed = open(parts.streams, operation);
  buses.set(session, feed);
  return { feed };
}

function open(streams: Streams, operation: Operation): Feed {
  const { session } = operation;
  const event = (eventType: number, body: object): void =>
    feed.push(KIND, { events: [{ eventJson: JSON.stringify(body), eventType }] });
  const leave = streams.listen({
    session,
    progressed: ({ facts }, batch) =>
      event(PROGRESS, { progress: JSON.parse(shownProgress(batch, facts.shown)) as unknown }),
    terminated: (query) => event(TERMINATED, end(query)),
  });
  const feed = new Feed(idsOf(operation), leave);
  feed.push(KIND, { listenerBusListenerAdded: true });
  return feed;
}

const end = ({ facts: { id, runId }, error }: StreamingQuery) => ({
  id,
  runId,
  exception: error?.message ?? null,
  errorClassOnException: error?.code ?? null,
});
