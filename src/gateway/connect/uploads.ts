/**
 * Rows that clients upload because they are too large for a plan, by the SHA-256 of their bytes. They wait here, on disk,
 * and go to the server's session when a plan names them, so that a new session finds them too.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GovernanceError } from '../../core/errors.js';
import type { ClientSession, EngineSession } from './connect-session.js';

const SESSION_BYTES_MAX = 1024 * 2 ** 20;
export const uploadBytesMax = 512 * 2 ** 20;
const CHUNK_BYTES = 1024 * 1024;
const NAME = /^cache\/([0-9a-f]{64})$/;

/** The hash in the name of an upload; undefined: it is code, or a file. */
export const uploadHash = (name: string): string | undefined => NAME.exec(name)?.[1];

export const uploadName = (hash: string): string => `cache/${hash}`;

export class Uploads {
  private readonly known = new WeakMap<ClientSession, Map<string, number>>();

  /** `directory` is ours alone, emptied at start. */
  constructor(private readonly directory: string) {}

  has(session: ClientSession, hash: string): boolean {
    return this.known.get(session)?.has(hash) === true;
  }

  /** Throws when the bytes are not what their name says. */
  async add(session: ClientSession, hash: string, data: Uint8Array): Promise<void> {
    if (createHash('sha256').update(data).digest('hex') !== hash) {
      throw new GovernanceError('BAD_REQUEST', 'The uploaded rows are not those of their name.', {
        sqlState: '22000',
      });
    }
    const sizes = this.known.get(session) ?? new Map<string, number>();
    const total = [...sizes.values()].reduce((sum, size) => sum + size, data.length);
    if (total > SESSION_BYTES_MAX) {
      throw new GovernanceError('RESOURCES_EXHAUSTED', 'This session has uploaded too many rows.', {
        remedy: 'Write the rows to a table, or begin a new session.',
        sqlState: '53000',
      });
    }
    await mkdir(join(this.directory, session.serverSideId), { recursive: true, mode: 0o700 });
    await writeFile(this.fileOf(session, hash), data, { mode: 0o600 });
    sizes.set(hash, data.length);
    this.known.set(session, sizes);
  }

  /** Gives the server's session what it has not seen yet. */
  readonly bring = async (
    session: ClientSession,
    engine: EngineSession,
    hashes: readonly string[],
  ): Promise<void> => {
    for (const hash of hashes) {
      if (engine.uploaded.has(hash)) continue;
      if (!this.has(session, hash)) throw noSuchRows();
      await engine.session.upload([
        ...uploadRequests(uploadName(hash), await readFile(this.fileOf(session, hash))),
      ]);
      engine.uploaded.add(hash);
    }
  };

  async forget(session: ClientSession): Promise<void> {
    if (this.known.delete(session)) {
      await rm(join(this.directory, session.serverSideId), { recursive: true, force: true });
    }
  }

  private fileOf(session: ClientSession, hash: string): string {
    return join(this.directory, session.serverSideId, hash);
  }
}

/** In one message, or cut where it is larger. */
export function* uploadRequests(name: string, data: Buffer): Generator<Readonly<Record<string, unknown>>> {
  const chunk = (at: number) => {
    const part = data.subarray(at, at + CHUNK_BYTES);
    return { data: part, crc: BigInt(crc32(part)) };
  };
  if (data.length <= CHUNK_BYTES) {
    const artifacts = [{ name, data: chunk(0) }];
    yield { payload: { case: 'batch', value: { artifacts } } };
    return;
  }
  const value = {
    name,
    totalBytes: BigInt(data.length),
    numChunks: BigInt(Math.ceil(data.length / CHUNK_BYTES)),
    initialChunk: chunk(0),
  };
  yield { payload: { case: 'beginChunk', value } };
  for (let at = CHUNK_BYTES; at < data.length; at += CHUNK_BYTES) {
    yield { payload: { case: 'chunk', value: chunk(at) } };
  }
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** As zip files have it. */
export function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

const noSuchRows = (): GovernanceError =>
  new GovernanceError('NOT_FOUND', 'The uploaded rows that the plan names are not there.', {
    remedy: 'Create the DataFrame again.',
    sqlState: '42K04',
  });
