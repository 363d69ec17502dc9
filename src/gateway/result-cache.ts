/**
 * Answers that are given again while nothing changed that they are made of. In memory only, bounded in bytes and age. An
 * answer is found by everything that could make it another one; who asks is decided on and put on record as ever before
 * it is looked for.
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { CatalogSnapshot, ObjectId } from '../core/catalog/catalog.js';
import type { ByteFormat, RowResult, RunLimits } from '../engines/engine.js';
import type { Governed } from './govern.js';

export interface ResultCacheOptions {
  /** In total; 0: nothing is kept. */
  readonly bytesMax: number;
  readonly entryBytesMax: number;
  readonly ageMsMax: number;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** Policies and data as they are. */
  readonly current: () => Current;
}

export interface Current {
  readonly policyVersion: number;
  readonly catalog: CatalogSnapshot;
}

/** A complete answer whose outcome is on record. */
export interface KeptAnswer {
  /** That it was made for. */
  readonly statementId: string;
  readonly rowCount: number;
  readonly truncated: boolean;
  readonly resultDigest: string;
  /** Rows as JSON texts, or the bytes of a stream. */
  readonly parts: readonly { readonly rows: number; readonly bytes: Buffer }[];
}

export interface FoundAnswer {
  readonly answer: KeptAnswer;
  readonly ageMs: number;
}

/** The place of one statement's answer. */
export interface CachePlace {
  readonly key: string;
  readonly tables: ReadonlyMap<ObjectId, string>;
  readonly policyVersion: number;
}

interface Entry extends CachePlace {
  readonly answer: KeptAnswer;
  readonly at: number;
}

/** An entry is more than its bytes. */
const ENTRY_BYTES = 1_024;

export class ResultCache {
  hits = 0;
  misses = 0;
  private readonly entries: LRUCache<string, Entry> | undefined;
  private followed: Current | undefined;

  constructor(private readonly options: ResultCacheOptions) {
    if (options.bytesMax === 0) return;
    this.entries = new LRUCache({ maxSize: options.bytesMax, sizeCalculation: (entry) => bytesOf(entry) });
  }

  get bytes(): number {
    return this.entries?.calculatedSize ?? 0;
  }

  get count(): number {
    return this.entries?.size ?? 0;
  }

  get entryBytesMax(): number {
    return this.options.entryBytesMax;
  }

  /** Undefined: its answer is not to be kept, nor looked for. */
  place(governed: Governed, form: 'rows' | ByteFormat, limits: RunLimits): CachePlace | undefined {
    const { secured, prepared, engine, planHash, bound, repeatable, governance } = governed;
    if (this.entries === undefined || !repeatable || secured.leaves.length === 0) return undefined;
    const tables = versionsOf(
      prepared.statement.catalog,
      secured.leaves.map(({ table }) => table),
    );
    const { policyVersion } = governance;
    const { rowLimit, byteLimit } = limits;
    // Parameters, attributes in row rules, masks and the user stand in the plan; every session is in UTC.
    const parts = [engine.id, form, planHash, bound.output, [...tables], policyVersion, rowLimit, byteLimit];
    const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
    return { key, tables, policyVersion };
  }

  find({ key }: CachePlace): FoundAnswer | undefined {
    const entry = this.entries?.get(key);
    const ageMs = entry === undefined ? Number.POSITIVE_INFINITY : this.options.now() - entry.at;
    if (entry === undefined || ageMs > this.options.ageMsMax) {
      this.misses += 1;
      return undefined;
    }
    this.hits += 1;
    return { answer: entry.answer, ageMs };
  }

  keep(place: CachePlace, answer: KeptAnswer): void {
    const entry: Entry = { ...place, answer, at: this.options.now() };
    if (bytesOf(entry) > this.options.entryBytesMax + ENTRY_BYTES) return;
    // Made of what went while it was made.
    if (!isOf(entry, this.options.current())) return;
    this.entries?.set(place.key, entry);
  }

  /** Drops what is too old, and what policies or data of before made: nobody will ask for it, and it may be of erased rows. */
  follow(): void {
    const { now, ageMsMax } = this.options;
    const before = this.followed;
    const current = this.options.current();
    const same = before?.policyVersion === current.policyVersion && before.catalog === current.catalog;
    this.followed = current;
    for (const [key, entry] of this.entries?.entries() ?? []) {
      const old = now() - entry.at > ageMsMax;
      if (old || (!same && !isOf(entry, current))) this.entries?.delete(key);
    }
  }

  /** The answer that was made for this statement. */
  forget(statementId: string): void {
    for (const [key, { answer }] of this.entries?.entries() ?? [])
      if (answer.statementId === statementId) this.entries?.delete(key);
  }
}

const bytesOf = ({ answer }: Pick<Entry, 'answer'>): number =>
  answer.parts.reduce((sum, { bytes }) => sum + bytes.length, ENTRY_BYTES);

const isOf = ({ tables, policyVersion }: Entry, { catalog, ...current }: Current): boolean =>
  policyVersion === current.policyVersion &&
  [...tables].every(([id, version]) => catalog.tables.get(id)?.version === version);

function versionsOf(
  { tables }: CatalogSnapshot,
  objects: readonly ObjectId[],
): ReadonlyMap<ObjectId, string> {
  return new Map([...new Set(objects)].sort().map((id) => [id, tables.get(id)?.version ?? '']));
}

/** The rows of a finished run, when they are few enough. */
export async function keptRows(rows: RowResult, bytesMax: number): Promise<KeptAnswer['parts'] | undefined> {
  const parts: { rows: number; bytes: Buffer }[] = [];
  let left = bytesMax;
  for await (const batch of rows.batches()) {
    const bytes = Buffer.from(batch.json, 'utf8');
    left -= bytes.length;
    if (left < 0) return undefined;
    parts.push({ rows: batch.rows, bytes });
  }
  return parts;
}

export const rowsOf = ({ rowCount, truncated, parts }: KeptAnswer): RowResult => ({
  rowCount,
  truncated,
  async *batches() {
    for (const { rows, bytes } of parts) yield { rows, json: bytes.toString('utf8') };
  },
});
