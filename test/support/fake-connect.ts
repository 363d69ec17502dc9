/** The Spark Connect door in this process, in front of a server that is only played: every plan gives one row. */
import { Client, credentials, Metadata, ServerCredentials } from '@grpc/grpc-js';
import { GovernanceError } from '../../src/core/errors.js';
import type { PlanMessage } from '../../src/core/plan/connect/message.js';
import type { Decision } from '../../src/core/policy/decision.js';
import { type ResourceLimits, ungrouped } from '../../src/core/policy/resources.js';
import { ConnectServer } from '../../src/doors/spark-connect/connect-server.js';
import { messageSchema } from '../../src/doors/spark-connect/message-schema.js';
import { Operations } from '../../src/doors/spark-connect/operations.js';
import { ClientSessions } from '../../src/gateway/connect/client-sessions.js';
import type { ConnectEngine, ConnectSession } from '../../src/gateway/connect/engine.js';
import { Models } from '../../src/gateway/connect/models.js';
import { OperationLog } from '../../src/gateway/connect/operation-log.js';
import type { PlanWriteDeps } from '../../src/gateway/connect/run-plan-write.js';
import { Streams } from '../../src/gateway/connect/streams/streams.js';
import { Uploads } from '../../src/gateway/connect/uploads.js';
import type { OutcomeRecord, Recorder } from '../../src/gateway/recorder.js';
import { connectPath } from '../../src/proto/connect.js';
import { make } from '../../src/proto/message.js';
import { turnsOf } from './turns.js';

export interface FakeDoor {
  readonly client: Client;
  readonly sessions: ClientSessions;
  readonly unexpected: unknown[];
  readonly intents: string[];
  readonly outcomes: OutcomeRecord[];
  /** What the played server is asked, in order. */
  readonly asked: { readonly method: string; readonly fields: Readonly<Record<string, unknown>> }[];
  metadata(user: string): Metadata;
  /** Sends bytes; the bytes of all answers. Rejects with a ServiceError. */
  send(method: string, bytes: Uint8Array, user?: string): Promise<readonly Buffer[]>;
  close(): Promise<void>;
}

export interface FakeOptions {
  /** Answers of the played server to an execution. */
  readonly answers?: () => AsyncGenerator<PlanMessage>;
  /** Answers of the played server to a question about a plan. */
  readonly analysis?: () => PlanMessage;
  readonly uploads?: string;
  readonly idleMs?: number;
  readonly byteLimitMax?: number;
  /** In the place of evidence that always works. */
  readonly recorder?: Partial<Pick<Recorder, 'intent' | 'outcome'>>;
  /** Of everybody's resource group. */
  readonly limits?: Partial<ResourceLimits>;
  /** Version of the policies in force, as it is now. */
  readonly policyVersion?: () => number;
}

const NOTHING: Decision = {
  policyVersion: 1,
  allowed: true,
  tables: new Map(),
  denied: [],
  notices: [],
};

async function* oneRow(): AsyncGenerator<PlanMessage> {
  const answer = (responseType: object): PlanMessage =>
    make('ExecutePlanResponse', {
      sessionId: 'theirs',
      operationId: 'theirs',
      responseId: 'r',
      responseType,
    });
  yield answer({ case: 'arrowBatch', value: { rowCount: 1n, data: Uint8Array.of(1, 2, 3) } });
  yield answer({ case: 'resultComplete', value: {} });
}

/** Tokens are user names. */
const authenticator = {
  authenticate: async (authorization: string | undefined) => {
    const user = /^Bearer (\w+)$/.exec(authorization ?? '')?.[1];
    if (user === undefined) throw new GovernanceError('UNAUTHENTICATED', 'Valid credentials are needed.');
    return {
      principal: { user, roles: [], groups: [], attributes: {}, via: 'test' },
      scopes: user === 'limited' ? ['catalog'] : [],
    };
  },
};

function playedEngine(
  asked: FakeDoor['asked'],
  { answers = oneRow, analysis }: Pick<FakeOptions, 'answers' | 'analysis'>,
): ConnectEngine {
  const session: ConnectSession = {
    call: async (method, fields) => {
      asked.push({ method, fields });
      if (method === 'AnalyzePlan' && analysis !== undefined) return analysis();
      const { case: kind = 'schema' } = (fields.analyze ?? {}) as { readonly case?: string };
      return make('AnalyzePlanResponse', { result: { case: kind, value: {} } });
    },
    async *answers(method, fields) {
      asked.push({ method, fields });
      yield* answers();
    },
    async *rows(relation) {
      asked.push({ method: 'rows', fields: { relation } });
      yield { data: new Uint8Array(), rows: 0 };
    },
    upload: async () => make('AddArtifactsResponse', {}),
    writeFiles: nothingWritten,
    writeDelta: nothingWritten,
    changeDelta: nothingWritten,
  };
  return {
    serverVersion: async () => '4.2.0',
    stages: async () => [],
    print: async () => 'SELECT c1 FROM (played)',
    printChange: nothingWritten,
    streamInto: async () => ({}),
    session: async () => session,
    end: () => undefined,
  };
}

const nothingWritten = async (): Promise<never> => {
  throw new Error('nothing is written here');
};

/** An empty catalogue, policies that nothing asks, evidence in lists. */
function playedDeps(
  engine: ConnectEngine,
  uploads: Uploads,
  { intents, outcomes }: Pick<FakeDoor, 'intents' | 'outcomes'>,
  { byteLimitMax = 1_000_000, recorder, policyVersion = () => 1, limits }: FakeOptions,
): PlanWriteDeps {
  return {
    engine,
    schema: messageSchema,
    sameRights: () => true,
    bringUploads: uploads.bring,
    writeBytesMax: 1_000_000,
    tables: {
      begin: nothingWritten,
      commit: nothingWritten,
      drop: nothingWritten,
      whileWritingLog: nothingWritten,
      abandon: nothingWritten,
    },
    catalog: () => ({ version: '1', tables: new Map() }),
    files: { changed: async () => [], lookAgain: async () => undefined },
    policies: {
      current: () => ({
        version: policyVersion(),
        canBrowse: () => false,
        decide: () => ({ ...NOTHING, policyVersion: policyVersion() }),
        resources: () => ({ ...ungrouped(policyVersion()), ...limits }),
      }),
      waitForNewer: async () => undefined,
    },
    turns: turnsOf(4),
    operations: new OperationLog({
      register: { note: () => undefined },
      clock: () => new Date(),
    }),
    engineFor: () => {
      throw new Error('the door asks for no engine by name');
    },
    clock: () => new Date(),
    defaultCatalog: () => 'shop',
    recorder: {
      intent: async ({ statementId }) => {
        intents.push(statementId);
        return 'recorded';
      },
      outcome: async (outcome) => {
        outcomes.push(outcome);
      },
      denied: async () => undefined,
      record: async () => undefined,
      pseudonymOf: () => 'p',
      ...recorder,
    },
    limits: {
      timeoutMsDefault: 60_000,
      timeoutMsMax: 60_000,
      byteLimitDefault: 1_000,
      byteLimitMax,
      rowLimitMax: 1_000,
    },
    lineage: { started: () => () => undefined },
    observe: () => undefined,
  };
}

const playedStreams = (deps: PlanWriteDeps): Streams =>
  new Streams({
    ...deps,
    stillValid: async () => true,
    enginePlaces: 4,
    keepOpen: () => undefined,
    onProblem: () => undefined,
  });

export async function openFakeDoor(options: FakeOptions = {}): Promise<FakeDoor> {
  const kept = { unexpected: [] as unknown[], intents: [] as string[], outcomes: [] as OutcomeRecord[] };
  const asked: FakeDoor['asked'] = [];
  const engine = playedEngine(asked, options);
  const uploads = new Uploads(options.uploads ?? '/nowhere');
  const sessions = new ClientSessions({
    engine,
    namespace: () => ({ catalog: 'shop', schema: 'main' }),
    onReleased: () => undefined,
    ...(options.idleMs === undefined ? {} : { idleMs: options.idleMs }),
  });
  const deps = playedDeps(engine, uploads, kept, options);
  const server = new ConnectServer(
    {
      authenticator,
      sessions,
      operations: new Operations(),
      uploads,
      streams: playedStreams(deps),
      models: new Models('/nowhere'),
      deps,
    },
    {
      credentials: ServerCredentials.createInsecure(),
      onUnexpected: (_, error) => kept.unexpected.push(error),
    },
  );
  const port = await server.listen('127.0.0.1', 0);
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  return {
    ...kept,
    client,
    sessions,
    asked,
    metadata,
    send: (method, bytes, user = 'ana') => send(client, method, bytes, user),
    close: async () => {
      client.close();
      await server.stop(0);
    },
  };
}

function metadata(user: string): Metadata {
  const sent = new Metadata();
  if (user !== '') sent.set('authorization', `Bearer ${user}`);
  return sent;
}

const same = (bytes: Buffer): Buffer => bytes;

function send(client: Client, method: string, bytes: Uint8Array, user: string): Promise<readonly Buffer[]> {
  return new Promise((resolve, reject) => {
    const heard: Buffer[] = [];
    const call = client.makeBidiStreamRequest(connectPath(method), same, same, metadata(user));
    call.on('data', (answer: Buffer) => heard.push(answer));
    call.on('end', () => resolve(heard));
    call.on('error', reject);
    call.write(Buffer.from(bytes));
    call.end();
  });
}
