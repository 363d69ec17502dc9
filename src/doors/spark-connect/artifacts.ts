/** AddArtifacts and ArtifactStatus: rows that are too large for a plan, and nothing that could be code or a file. */
import { GovernanceError } from '../../core/errors.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import type { ClientSession } from '../../gateway/connect/connect-session.js';
import { crc32, uploadBytesMax, uploadHash } from '../../gateway/connect/uploads.js';
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
        await this.finish(String(name), [data as unknown as Chunk]);
      }
      return;
    }
    if (kind === 'beginChunk') {
      requireRows(String(value.name));
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

  private async finish(name: string, [chunk]: readonly Chunk[]): Promise<void> {
    requireRows(name);
    if (chunk === undefined) throw outOfOrder();
    await this.store(name, this.checked(chunk));
  }

  private checked({ data, crc }: Chunk): Uint8Array {
    this.bytes += data.length;
    if (this.bytes > uploadBytesMax) {
      throw new GovernanceError('RESOURCES_EXHAUSTED', 'So many rows cannot be uploaded at once.', {
        sqlState: '53000',
      });
    }
    if (BigInt(crc32(data)) !== crc) {
      throw new GovernanceError('BAD_REQUEST', 'The uploaded rows were damaged on the way.', {
        retryable: true,
        sqlState: '22000',
      });
    }
    return data;
  }

  private async store(name: string, data: Uint8Array): Promise<void> {
    if (this.session === undefined) throw outOfOrder();
    await this.parts.uploads.add(this.session, requireRows(name), data);
    this.summaries.push({ name, isCrcSuccessful: true });
  }
}

/** The hash of rows. Any other artifact is code or a file. */
function requireRows(name: string): string {
  const hash = uploadHash(name);
  if (hash !== undefined) return hash;
  throw new GovernanceError(
    'CODE_NOT_ALLOWED',
    'Only rows can be uploaded: no code, no archives, no files.',
    {
      remedy: 'Use functions of Spark instead of code of your own.',
      sqlState: '42501',
    },
  );
}

const outOfOrder = (): GovernanceError =>
  new GovernanceError('BAD_REQUEST', 'The parts of the upload are out of order.', { sqlState: '08P01' });

export function artifactStatus(
  parts: DoorParts,
  context: CallContext,
  request: ConnectMessage,
): ConnectMessage {
  const session = sessionOf(parts.sessions, context, request);
  const statuses = Object.fromEntries(
    (request.names as readonly string[]).map((name) => {
      const hash = uploadHash(name);
      return [name, { exists: hash !== undefined && parts.uploads.has(session, hash) }];
    }),
  );
  return make('ArtifactStatusesResponse', {
    sessionId: session.id,
    serverSideSessionId: session.serverSideId,
    statuses,
  });
}
