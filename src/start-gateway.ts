/**
 * The life of a gateway: what is started in which order, and undone in the reverse one. What the doors are
 * made of is handed in.
 */
import { hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from './config.js';
import { SEALING_KEY_BYTES, type SealingKey } from './core/crypto/sealed-text.js';
import { AdminServer } from './ops/admin-server.js';
import { watchCertificates } from './ops/certificates.js';
import { Metrics } from './ops/metrics.js';
import type { Observation, Observe } from './ops/observation.js';
import { StopList } from './ops/shutdown.js';
import { Traces } from './ops/traces.js';
import { lockDataDir } from './store/data-dir-lock.js';
import { openDatabase } from './store/open-database.js';
import { openStore, type Store } from './store/store.js';
import { VERSION } from './version.js';

const QUICK_STOP_MS = 2_000;
const DATABASE_STOP_MS = 7_000;
/** Beyond the grace that running statements get. */
const DOORS_STOP_EXTRA_MS = 2_000;
const MASK_KEY_BYTES = 32;
const ACTOR_KEY_BYTES = 32;

/** What the doors are built from. */
export interface GatewayContext {
  readonly config: Config;
  readonly dataDir: string;
  readonly store: Store;
  readonly metrics: Metrics;
  readonly admin: AdminServer;
  /** Master key of hash masks. */
  readonly maskKey: Buffer;
  readonly observe: Observe;
  /** Aborted when the gateway is to stop before it is up. */
  readonly signal: AbortSignal;
}

/** The open doors. `null`: not served. */
export interface Doors {
  readonly http: number | null;
  readonly connect: number | null;
  /** Takes nothing new, lets what runs end for `graceMs`, cancels the rest and records how it ended. */
  stop(graceMs: number): Promise<void>;
}

export interface Gateway {
  readonly config: Config;
  /** Absolute. */
  readonly dataDir: string;
  readonly ports: { readonly http: number | null; readonly connect: number | null; readonly admin: number };
  stop(reason: string): Promise<void>;
}

/**
 * Starts everything or nothing, also when `signal` says to stop half-way. `log` hears each observation;
 * metrics are made from them here.
 */
export async function startGateway<D extends Doors>(
  config: Config,
  log: Observe,
  openDoors: (context: GatewayContext) => Promise<D>,
  signal: AbortSignal = new AbortController().signal,
): Promise<Gateway & { readonly doors: D }> {
  const metrics = new Metrics();
  let traces: Traces | undefined;
  const observe = (observation: Observation): void => {
    metrics.observe(observation);
    if (observation.kind === 'statement') traces?.statement(observation.statement);
    log(observation);
  };
  const stops = new StopList((what, error) =>
    observe({ kind: 'background-failed', what: `stopping ${what}`, error }),
  );
  try {
    traces = await openTraces(config, observe);
    watchCertificates({
      registry: metrics.registry,
      files: { connect: config.connectTlsCert, 'audit-sinks': config.auditSinkCa },
      clock: () => new Date(),
    });
    stops.add('traces', QUICK_STOP_MS, async () => traces?.stop());
    return await start({ config, observe, metrics, stops, signal }, openDoors);
  } catch (error) {
    await stops.run();
    throw error;
  }
}

/** The SDK is not even loaded where nothing asks for it. */
async function openTraces(config: Config, observe: Observe): Promise<Traces | undefined> {
  if (config.otlpUrl === undefined) return undefined;
  return Traces.open({
    url: config.otlpUrl,
    ...(config.otlpToken === undefined ? {} : { token: config.otlpToken }),
    ratio: config.traceRatio,
    version: VERSION,
    onProblem: (error) => observe({ kind: 'background-failed', what: 'traces', error }),
  });
}

interface Start {
  readonly config: Config;
  readonly observe: Observe;
  readonly metrics: Metrics;
  readonly stops: StopList;
  readonly signal: AbortSignal;
}

async function start<D extends Doors>(
  { config, observe, metrics, stops, signal }: Start,
  openDoors: (context: GatewayContext) => Promise<D>,
): Promise<Gateway & { readonly doors: D }> {
  const dataDir = resolve(config.dataDir);
  const timed = async <T>(what: string, work: () => Promise<T> | T): Promise<T> => {
    const started = performance.now();
    signal.throwIfAborted();
    const result = await work();
    observe({ kind: 'stage-done', what, elapsedMs: Math.round(performance.now() - started) });
    return result;
  };
  const lock = await timed('lock', () => lockDataDir(dataDir));
  stops.add('lock', QUICK_STOP_MS, () => lock.release());

  const admin = new AdminServer({ host: config.host, port: config.adminPort, registry: metrics.registry });
  const adminPort = await listening('SLUICE_ADMIN_PORT', config.host, config.adminPort, () => admin.listen());
  stops.add('admin server', QUICK_STOP_MS, () => admin.close());

  const database = await timed('database', () =>
    openDatabase({ ...config, dataDir }, () => observe({ kind: 'database-lost' })),
  );
  stops.add('database', DATABASE_STOP_MS, () => database.stop());
  if (database.migrations.length > 0) observe({ kind: 'migrated', migrations: database.migrations });

  const maskKey = maskKeyOf(config, dataDir);
  const store = await timed('store', () =>
    openStore({
      url: database.url,
      connectionsMax: config.databaseConnectionsMax,
      evidenceTimeoutMs: config.evidenceTimeoutMs,
      evidenceQueueMax: config.evidenceQueueMax,
      actorKey: actorKeyOf(maskKey),
      privateKeys: privateKeysOf(config, maskKey),
      ...(config.evidenceSpool === 'off'
        ? {}
        : { spool: { directory: join(dataDir, 'spool'), mode: config.evidenceSpool } }),
    }),
  );
  stops.add('store', QUICK_STOP_MS, () => store.close());
  admin.addCheck('database', () => store.database.ping());
  if (store.abandoned > 0) observe({ kind: 'abandoned-statements', count: store.abandoned });

  const doors = await timed('doors', () =>
    openDoors({ config, dataDir, store, metrics, admin, maskKey, observe, signal }),
  );
  stops.add('doors', config.shutdownTimeoutMs + DOORS_STOP_EXTRA_MS, () =>
    doors.stop(config.shutdownTimeoutMs),
  );

  const ports = { http: doors.http, connect: doors.connect, admin: adminPort };
  const runtimeFile = join(dataDir, 'runtime.json');
  writeAtomically(runtimeFile, `${JSON.stringify({ ...ports, pid: process.pid })}\n`);
  stops.add('runtime.json', QUICK_STOP_MS, () => rmSync(runtimeFile, { force: true }));
  stops.add('readiness', QUICK_STOP_MS, () => admin.setServing(false));
  admin.setServing(true);
  observe({ kind: 'listening', ...ports });

  const stop = async (reason: string): Promise<void> => {
    const started = performance.now();
    observe({ kind: 'stopping', reason });
    await stops.run();
    observe({ kind: 'stopped', elapsedMs: Math.round(performance.now() - started) });
  };
  return { config, dataDir, ports, doors, stop };
}

/** A start that cannot go on for a reason that the person at the terminal can do something about. */
export class StartError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StartError';
  }
}

/** Names the setting when a port cannot be had. */
export async function listening<T>(
  setting: string,
  host: string,
  port: number,
  listen: () => Promise<T>,
): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'EADDRINUSE') {
      throw new StartError(
        `${setting} ${port} is in use on ${host}. Stop what listens there, or choose another port (0: any free one).`,
        error,
      );
    }
    if (code === 'EACCES')
      throw new StartError(`${setting} ${port} may not be opened by this account.`, error);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartError(`SLUICE_HOST ${host} is not an address of this machine.`, error);
    }
    throw error;
  }
}

/** Given, or made once and kept beside the data: hashes must come out the same after a restart. */
function maskKeyOf(config: Config, dataDir: string): Buffer {
  if (config.maskKey !== undefined) return Buffer.from(config.maskKey, 'hex');
  const file = join(dataDir, 'keys', 'mask.key');
  if (!existsSync(file)) {
    mkdirSync(join(dataDir, 'keys'), { recursive: true, mode: 0o700 });
    writeAtomically(file, `${randomBytes(MASK_KEY_BYTES).toString('hex')}\n`);
  }
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'hex');
  if (key.length < MASK_KEY_BYTES)
    throw new StartError(`${file} is not a key of at least ${MASK_KEY_BYTES} bytes.`);
  return key;
}

/** From a key that every gateway has: one person, one pseudonym, and not the key of the masks itself. */
const actorKeyOf = (maskKey: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', maskKey, '', 'sluice audit actor', ACTOR_KEY_BYTES));

/** What every gateway can make by itself (no name that is given begins with a digit), then those that were given. */
function privateKeysOf({ auditPrivateKeys }: Config, maskKey: Buffer): readonly SealingKey[] {
  const made = Buffer.from(hkdfSync('sha256', maskKey, '', 'sluice audit private', SEALING_KEY_BYTES));
  const given = [...(auditPrivateKeys ?? [])].map(([kid, hex]) => ({ kid, key: Buffer.from(hex, 'hex') }));
  return [{ kid: '0-made', key: made }, ...given];
}

function writeAtomically(file: string, content: string): void {
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
