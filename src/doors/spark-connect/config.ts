/** Config: answered from the list of `config-keys.ts`; a key that is not on it is refused, never silently taken. */
import { GovernanceError } from '../../core/errors.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import type { ClientSession } from '../../gateway/connect/connect-session.js';
import { type ConnectMessage, make } from '../../proto/message.js';
import { type CallContext, sessionOf } from './call.js';
import { type ConfigKey, configKey, configKeys } from './config-keys.js';
import type { DoorParts } from './door-parts.js';
import { ProtocolError } from './errors.js';

/** Options of the pandas API are the only keys without a list. */
const SETTINGS_MAX = 500;

interface Pair {
  readonly key: string;
  readonly value?: string;
}
type Run = (session: ClientSession, operation: ConnectMessage) => readonly Pair[] | Promise<readonly Pair[]>;

const keysOf = (operation: ConnectMessage): readonly string[] => operation.keys as readonly string[];
const pairsOf = (operation: ConnectMessage): readonly Pair[] => operation.pairs as unknown as readonly Pair[];

const RUN: Readonly<Record<string, Run>> = {
  get: (session, operation) =>
    keysOf(operation).map((key) => pair(key, settingOf(session, key) ?? missing(key))),
  getWithDefault: (session, operation) =>
    pairsOf(operation).map(({ key, value }) => pair(key, settingOf(session, key) ?? value)),
  getOption: (session, operation) => keysOf(operation).map((key) => pair(key, settingOf(session, key))),
  getAll: (session, operation) => {
    const prefix = typeof operation.prefix === 'string' ? operation.prefix : '';
    return [...new Set([...configKeys(), ...session.settings.keys()])]
      .filter((key) => key.startsWith(prefix))
      .flatMap((key) => {
        const value = settingOf(session, key);
        return value === undefined ? [] : [pair(key.slice(prefix.length), value)];
      });
  },
  set: async (session, operation) => {
    for (const { key, value = '' } of pairsOf(operation)) requireSettable(key, value);
    for (const { key, value = '' } of pairsOf(operation)) await put(session, key, value);
    return [];
  },
  unset: async (session, operation) => {
    for (const key of keysOf(operation)) requireSettable(key, undefined);
    for (const key of keysOf(operation)) await put(session, key, undefined);
    return [];
  },
  isModifiable: (_, operation) =>
    keysOf(operation).map((key) => pair(key, String((configKey(key)?.set ?? 'fixed') !== 'fixed'))),
};

export async function config(
  parts: DoorParts,
  context: CallContext,
  request: ConnectMessage,
): Promise<ConnectMessage> {
  const session = sessionOf(parts.sessions, context, request);
  const operation = request.operation as ConnectMessage | undefined;
  const { case: kind = '', value } = (operation?.opType ?? {}) as {
    readonly case?: string;
    readonly value?: ConnectMessage;
  };
  const run = Object.hasOwn(RUN, kind) ? RUN[kind] : undefined;
  if (run === undefined || value === undefined) throw notAllowed('This operation on settings');
  const pairs = await run(session, value);
  return make('ConfigResponse', { sessionId: session.id, serverSideSessionId: session.serverSideId, pairs });
}

const pair = (key: string, value: string | undefined): Pair =>
  value === undefined ? { key } : { key, value };

function settingOf(session: ClientSession, key: string): string | undefined {
  const known = configKey(key) ?? refuse(key);
  return session.settings.get(key) ?? known.default;
}

function requireSettable(key: string, value: string | undefined): ConfigKey {
  const known = configKey(key) ?? refuse(key);
  if (known.set === 'fixed') {
    // What it is anyway may be said again.
    if (value === undefined || value === known.default) return known;
    throw notSettable(key, 'is not for a session to set');
  }
  if (value !== undefined && known.value?.test(value) === false)
    throw notSettable(key, 'does not take this value');
  return known;
}

/** The server's session hears of it at once; one that is made later gets it with the others. */
async function put(session: ClientSession, key: string, value: string | undefined): Promise<void> {
  const known = requireSettable(key, value);
  if (known.set === 'fixed') return;
  if (value === undefined) {
    session.settings.delete(key);
  } else {
    if (session.settings.size >= SETTINGS_MAX) throw notSettable(key, 'is one setting too many');
    session.settings.set(key, value);
  }
  const now = value ?? known.default;
  if (known.set !== 'server' || now === undefined) return;
  if (value === undefined) session.serverSettings.delete(key);
  else session.serverSettings.set(key, value);
  await session.put(key, now);
}

/** As Spark: a key that is known but has no value. */
function missing(key: string): never {
  throw new ProtocolError(
    'SQL_CONF_NOT_FOUND',
    `The setting ${JSON.stringify(key.slice(0, 100))} has no value.`,
  );
}

function refuse(key: string): never {
  throw notSettable(key, 'is not one that can be read or set');
}

const notSettable = (key: string, why: string): GovernanceError =>
  new GovernanceError('CONFIG_NOT_ALLOWED', `The setting ${JSON.stringify(key.slice(0, 100))} ${why}.`, {
    remedy: 'docs/how-to/pyspark.md lists what can be.',
    sqlState: '42K0I',
  });
