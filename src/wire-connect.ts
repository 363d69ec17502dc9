/** The Spark Connect door wired: sessions, operations, uploads, and the server that listens. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ServerCredentials } from '@grpc/grpc-js';
import { type Config, ConfigError } from './config.js';
import { ConnectServer } from './doors/spark-connect/connect-server.js';
import { messageSchema } from './doors/spark-connect/message-schema.js';
import { Operations } from './doors/spark-connect/operations.js';
import { SparkConnectEngine } from './engines/spark/connect-engine.js';
import type { Authenticator } from './gateway/authenticate.js';
import { ClientSessions } from './gateway/connect/client-sessions.js';
import { CodeFiles } from './gateway/connect/code-files.js';
import { Models } from './gateway/connect/models.js';
import type { OperationLog } from './gateway/connect/operation-log.js';
import { Streams } from './gateway/connect/streams/streams.js';
import { Uploads } from './gateway/connect/uploads.js';
import type { StatementPipeline } from './gateway/pipeline.js';
import type { RunDeps } from './gateway/run-statement.js';
import type { Engines } from './open-engines.js';
import type { GatewayContext } from './start-gateway.js';
import { listening, StartError } from './start-gateway.js';

export interface ConnectParts {
  readonly authenticator: Authenticator;
  readonly engines: Engines;
  readonly pipeline: StatementPipeline;
  readonly runDeps: RunDeps;
  readonly operations: OperationLog;
}

export interface ConnectDoor {
  readonly port: number;
  /** Takes nothing new, lets what runs end for `graceMs`, then ends it and records how. */
  stop(graceMs: number): Promise<void>;
}

/**
 * The door is open also while there is no Spark: one that is started later is found. Where nobody asked for it by a
 * setting, a port that is taken is no reason not to start.
 */
export async function openConnect(
  { config, dataDir, observe }: GatewayContext,
  { authenticator, engines, pipeline, runDeps, operations }: ConnectParts,
): Promise<ConnectDoor | undefined> {
  const directory = join(dataDir, 'uploads');
  await rm(directory, { recursive: true, force: true });
  const uploads = new Uploads(directory);
  const files = new CodeFiles(join(directory, 'code'));
  const engine = new SparkConnectEngine(engines.spark);
  const sessions = new ClientSessions({
    engine,
    namespace: () => ({ catalog: runDeps.defaultCatalog(), schema: 'main' }),
    onReleased: (session) => {
      void uploads.forget(session).catch(() => undefined);
      void files.forget(session).catch(() => undefined);
      void streams.stopAll(session).catch(() => undefined);
    },
  });
  const streams = new Streams({
    ...runDeps,
    sameRights: (principal, governance, purpose) => pipeline.sameRights(principal, governance, purpose),
    stillValid: (caller) => authenticator.stillValid(caller),
    keepOpen: (session, shared) => {
      sessions.touch(session);
      // The server's session is forgotten when nobody asks for it.
      if (shared !== undefined)
        void session.engineSession(engine, shared.policyVersion).catch(() => undefined);
    },
    enginePlaces: config.sparkRunningMax,
    onProblem: (error) => observe({ kind: 'background-failed', what: 'ending a stream', error }),
  });
  const server = new ConnectServer(
    {
      authenticator,
      sessions,
      operations: new Operations(),
      uploads,
      streams,
      models: new Models(join(resolve(config.warehouse ?? join(dataDir, 'warehouse')), 'models')),
      deps: {
        ...runDeps,
        turns: engines.admission.turns('spark'),
        operations,
        engine,
        schema: messageSchema,
        ...(engines.code === undefined
          ? {}
          : { code: { engine: engines.code, bytesMax: config.codeBytesMax, files } }),
        sameRights: (principal, governance, purpose) => pipeline.sameRights(principal, governance, purpose),
        bringUploads: uploads.bring,
      },
    },
    {
      credentials: credentialsOf(config),
      onUnexpected: (method, error) =>
        observe({ kind: 'request-failed', requestId: `Spark Connect ${method}`, error }),
    },
  );
  try {
    const port = await listening('SLUICE_CONNECT_PORT', config.host, config.connectPort, () =>
      server.listen(config.host, config.connectPort),
    );
    return { port, stop: (graceMs) => server.stop(graceMs) };
  } catch (error) {
    if (config.sparkUrl !== undefined || !(error instanceof StartError)) throw error;
    observe({ kind: 'background-failed', what: 'opening the Spark Connect port', error });
    return undefined;
  }
}

/** Without a certificate the door speaks plain text, which PySpark accepts for `localhost` only. */
function credentialsOf({ connectTlsCert, connectTlsKey }: Config): ServerCredentials {
  if (connectTlsCert === undefined || connectTlsKey === undefined) return ServerCredentials.createInsecure();
  const [cert, key] = [
    readPem('SLUICE_CONNECT_TLS_CERT', connectTlsCert),
    readPem('SLUICE_CONNECT_TLS_KEY', connectTlsKey),
  ];
  try {
    return ServerCredentials.createSsl(null, [{ cert_chain: cert, private_key: key }], false);
  } catch {
    throw new ConfigError([
      'SLUICE_CONNECT_TLS_CERT and SLUICE_CONNECT_TLS_KEY are not a certificate and its key.',
    ]);
  }
}

function readPem(setting: string, file: string): Buffer {
  try {
    return readFileSync(resolve(file));
  } catch {
    throw new ConfigError([`${setting} names a file that cannot be read.`]);
  }
}
