/** AddArtifacts and ArtifactStatus: rows that are too large for a plan; with the code right, files for code. */
import { randomUUID } from 'node:crypto';
import { GovernanceError } from '../../core/errors.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import { type CodeFiles, isCodeFile } from '../../gateway/connect/code-files.js';
import type { ClientSession } from '../../gateway/connect/connect-session.js';
import { allowCodeFile } from '../../gateway/connect/session-commands.js';
import { crc32, uploadBytesMax, uploadHash } from '../../gateway/connect/uploads.js';
import { Stopwatch } from '../../gateway/timings.js';
import { type ConnectMessage, make } from '../../proto/message.js';
import { type CallContext, sessionOf } from './call.js';
import type { DoorParts } from './door-parts.js';

interface Chunk {
  readonly data: Uint8Array;
  readonly crc: bigint;
}

/** Takes the messages of one upload in turn. */
export class ArtifactUpload {
  private session: ClientSession | undefined;
  private readonly summaries: { readonly name: string; readonly isCrcSuccessful: boolean }[] = [];
  private open: { readonly name: string; readonly left: number; readonly chunks: Uint8Array[] } | undefined;
  private bytes = 0;
  /** Absent: no file was allowed. */
  private files: CodeFiles | undefined;

  constructor(
    private readonly parts: DoorParts,
    private readonly context: CallContext,
  ) {}

  async take(request: ConnectMessage): Promise<void> {
    const session = sessionOf(this.parts.sessions, this.context, request);
    if (this.session !== undefined && this.session !== session) throw notAllowed('An upload to two sessions');
    this.session = session;
    const { case: kind, value } = request.payload as {
      readonly case?: string;
      readonly value?: ConnectMessage;
    };
    if (value === undefined || (this.open !== undefined) !== (kind === 'chunk')) throw outOfOrder();
    if (kind === 'batch') {
      for (const { name, data } of value.artifacts as readonly ConnectMessage[]) {
        await this.finish(String(name), data as unknown as Chunk | undefined);
      }
      return;
    }
    if (kind === 'beginChunk') {
      await this.requireTaken(String(value.name), session);
      this.open = { name: String(value.name), left: Number(value.numChunks), chunks: [] };
    }
    await this.chunk((kind === 'beginChunk' ? value.initialChunk : value) as unknown as Chunk);
  }

  async end(): Promise<ConnectMessage> {
    if (this.open !== undefined || this.session === undefined) throw outOfOrder();
    return make('AddArtifactsResponse', {
      sessionId: this.session.id,
      serverSideSessionId: this.session.serverSideId,
      artifacts: this.summaries,
    });
  }

  private async chunk(chunk: Chunk): Promise<void> {
    const { open } = this;
    if (open === undefined || chunk === undefined) throw outOfOrder();
    open.chunks.push(this.checked(chunk));
    if (open.chunks.length > open.left) throw outOfOrder();
    if (open.chunks.length < open.left) return;
    this.open = undefined;
    await this.store(open.name, Buffer.concat(open.chunks));
  }

  private async finish(name: string, chunk: Chunk | undefined): Promise<void> {
    if (this.session === undefined || chunk === undefined) throw outOfOrder();
    await this.requireTaken(name, this.session);
    await this.store(name, this.checked(chunk));
  }

  private checked({ data, crc }: Chunk): Uint8Array {
    this.bytes += data.length;
    if (this.bytes > uploadBytesMax) {
      throw new GovernanceError('RESOURCES_EXHAUSTED', 'So much cannot be uploaded at once.', {
        sqlState: '53000',
      });
    }
    if (BigInt(crc32(data)) !== crc) {
      throw new GovernanceError('BAD_REQUEST', 'What was uploaded was damaged on the way.', {
        retryable: true,
        sqlState: '22000',
      });
    }
    return data;
  }

  /** Before any of its bytes is kept. */
  private async requireTaken(name: string, session: ClientSession): Promise<void> {
    if (uploadHash(name) !== undefined) return;
    if (!isCodeFile(name)) throw neverTaken();
    const { caller } = this.context;
    const plan = make('AddArtifactsRequest.SingleChunkArtifact', { name });
    const run = { statementId: randomUUID(), caller, session, plan, watch: new Stopwatch() };
    this.files = await allowCodeFile(this.parts.deps, run);
  }

  private async store(name: string, data: Uint8Array): Promise<void> {
    if (this.session === undefined) throw outOfOrder();
    const hash = uploadHash(name);
    if (hash === undefined) await this.files?.add(this.session, name, data);
    else await this.parts.uploads.add(this.session, hash, data);
    this.summaries.push({ name, isCrcSuccessful: true });
  }
}

const neverTaken = (): GovernanceError =>
  new GovernanceError(
    'CODE_NOT_ALLOWED',
    'This is nothing that can be uploaded: no class of Java, no path.',
    {
      remedy: 'Python modules, archives and files have plain names (docs/how-to/code.md).',
      sqlState: '42501',
    },
  );

const outOfOrder = (): GovernanceError =>
  new GovernanceError('BAD_REQUEST', 'The parts of the upload are out of order.', { sqlState: '08P01' });

export function artifactStatus(
  parts: DoorParts,
  context: CallContext,
  request: ConnectMessage,
): ConnectMessage {
  const session = sessionOf(parts.sessions, context, request);
  const hasFile = (name: string): boolean => parts.deps.code?.files.has(session, name) === true;
  const statuses = Object.fromEntries(
    (request.names as readonly string[]).map((name) => {
      const hash = uploadHash(name);
      return [name, { exists: hash === undefined ? hasFile(name) : parts.uploads.has(session, hash) }];
    }),
  );
  return make('ArtifactStatusesResponse', {
    sessionId: session.id,
    serverSideSessionId: session.serverSideId,
    statuses,
  });
}
