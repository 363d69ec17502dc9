/**
 * Events on the local disk while Postgres is away: one line each, fsynced before it counts, each naming the
 * hash of the line before. What a crash left is there at the next start; half a line at the end was never
 * acknowledged, and is dropped.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEvent } from '../core/audit/event.js';
import { canonicalJson, parseRecord } from '../core/crypto/canonical-json.js';
import { GroupCommit } from './group-commit.js';

const START = '0'.repeat(64);
const BATCH_MAX = 500;
const FILE = 'evidence.ndjson';

export interface SpoolOptions {
  readonly directory: string;
  readonly queueMax: number;
  readonly timeoutMs: number;
}

export interface OpenSpool {
  readonly spool: EvidenceSpool;
  /** Name of the file that was not as it had been written. */
  readonly keptAside?: string;
}

export class EvidenceSpool {
  private readonly commits: GroupCommit<AuditEvent, true>;
  private readonly file: string;
  private handle: FileHandle | undefined;
  private head = START;
  private waiting: AuditEvent[] = [];
  private turn: Promise<void> = Promise.resolve();

  private constructor(options: SpoolOptions) {
    this.file = join(options.directory, FILE);
    this.commits = new GroupCommit({
      write: (events) => this.inTurn(() => this.append(events)),
      writersMax: 1,
      batchMax: BATCH_MAX,
      queueMax: options.queueMax,
      timeoutMs: options.timeoutMs,
      isItemFault: () => false,
    });
  }

  /** Takes up what an earlier process left. What is not as it was written is not used, and kept aside. */
  static async open(options: SpoolOptions): Promise<OpenSpool> {
    mkdirSync(options.directory, { recursive: true, mode: 0o700 });
    const spool = new EvidenceSpool(options);
    if (await spool.recover()) return { spool };
    const keptAside = `${FILE}.broken-${Date.now()}`;
    await rename(spool.file, join(options.directory, keptAside));
    return { spool: new EvidenceSpool(options), keptAside };
  }

  get size(): number {
    return this.waiting.length;
  }

  /** Durable when it resolves; EVIDENCE_UNAVAILABLE when the disk does not take it either. */
  async add(event: AuditEvent): Promise<void> {
    await this.commits.add(event);
  }

  /** Hands the events on in their order; those that `take` has had are gone. Stops at the first that fails. */
  async drain(take: (event: AuditEvent) => Promise<void>): Promise<void> {
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      await take(next);
      this.waiting.shift();
    }
    await this.inTurn(async () => {
      if (this.waiting.length > 0 || this.handle === undefined) return;
      await this.handle.truncate(0);
      await this.handle.datasync();
      this.head = START;
    });
  }

  async close(): Promise<void> {
    await this.commits.drain();
    await this.handle?.close();
  }

  /** The file is written and emptied by one at a time. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  private async append(events: readonly AuditEvent[]): Promise<readonly true[]> {
    this.handle ??= await open(this.file, 'a', 0o600);
    let head = this.head;
    let text = '';
    for (const event of events) {
      const line = canonicalJson({ previous: head, event });
      head = createHash('sha256').update(line).digest('hex');
      text += `${line}\n`;
    }
    const { size } = await this.handle.stat();
    try {
      await this.handle.appendFile(text);
      await this.handle.datasync();
    } catch (error) {
      // A full disk may have taken half of it.
      await this.handle.truncate(size).catch(() => undefined);
      throw error;
    }
    this.head = head;
    this.waiting.push(...events);
    return events.map(() => true as const);
  }

  private async recover(): Promise<boolean> {
    if (!existsSync(this.file)) return true;
    const bytes = await readFile(this.file);
    const wholeBytes = bytes.lastIndexOf('\n') + 1;
    const lines = bytes.subarray(0, wholeBytes).toString('utf8').split('\n').slice(0, -1);
    for (const line of lines) {
      const record = parseRecord(line);
      if (record?.previous !== this.head || typeof record.event !== 'object') return false;
      this.head = createHash('sha256').update(line).digest('hex');
      this.waiting.push(record.event as AuditEvent);
    }
    this.handle = await open(this.file, 'a', 0o600);
    await this.handle.truncate(wholeBytes);
    return true;
  }
}
