/**
 * A file that only this process can read: blocks under a key that is nowhere but in memory. What a killed gateway leaves
 * on disk is noise. Between writing and reading no file is held open.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;

interface Block {
  readonly offset: number;
  /** Without its tag. */
  readonly bytes: number;
}

export class SealedFile {
  private readonly key = randomBytes(KEY_BYTES);
  private readonly blocks: Block[] = [];
  private handle: FileHandle | undefined;
  private fileBytes = 0;

  /** `path` must not exist. */
  constructor(private readonly path: string) {}

  /** Bytes of each block. */
  get sizes(): readonly number[] {
    return this.blocks.map(({ bytes }) => bytes);
  }

  async append(plain: Buffer): Promise<void> {
    this.handle ??= await open(this.path, 'wx', 0o600);
    const cipher = createCipheriv(CIPHER, this.key, nonceOf(this.blocks.length));
    const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    await this.handle.appendFile(sealed);
    this.blocks.push({ offset: this.fileBytes, bytes: plain.length });
    this.fileBytes += sealed.length;
  }

  /** Nothing more is added. */
  async end(): Promise<void> {
    await this.handle?.close();
    this.handle = undefined;
  }

  /** Throws when a byte of it is not the one that was written. */
  async read(n: number): Promise<Buffer> {
    const block = this.blocks[n];
    if (block === undefined) throw new RangeError(`there is no block ${n}`);
    const handle = await open(this.path, 'r');
    try {
      const sealed = Buffer.allocUnsafe(block.bytes + TAG_BYTES);
      const { bytesRead } = await handle.read(sealed, 0, sealed.length, block.offset);
      if (bytesRead !== sealed.length) throw new Error('the file of a result was cut');
      const decipher = createDecipheriv(CIPHER, this.key, nonceOf(n));
      decipher.setAuthTag(sealed.subarray(block.bytes));
      return Buffer.concat([decipher.update(sealed.subarray(0, block.bytes)), decipher.final()]);
    } finally {
      await handle.close();
    }
  }

  async drop(): Promise<void> {
    await this.end();
    await rm(this.path, { force: true });
    this.key.fill(0);
  }
}

/** Each block has a number of its own, and each file a key of its own: no pair comes twice. */
function nonceOf(block: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUIntBE(block, NONCE_BYTES - 6, 6);
  return nonce;
}
