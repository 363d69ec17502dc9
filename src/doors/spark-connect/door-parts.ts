/** What the handlers of the door work with. */
import type { Authenticator } from '../../gateway/authenticate.js';
import type { ClientSessions } from '../../gateway/connect/client-sessions.js';
import type { Models } from '../../gateway/connect/models.js';
import type { PlanWriteDeps } from '../../gateway/connect/run-plan-write.js';
import type { Streams } from '../../gateway/connect/streams/streams.js';
import type { Uploads } from '../../gateway/connect/uploads.js';
import type { Operations } from './operations.js';

export interface DoorParts {
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  readonly deps: PlanWriteDeps;
  readonly sessions: ClientSessions;
  readonly operations: Operations;
  readonly uploads: Uploads;
  readonly streams: Streams;
  readonly models: Models;
}
