/**
 * The policies folder: documents owned by files. A change is validated and stored; a file that does not
 * validate leaves what was in force and says so. A file that goes takes its document with it.
 */
import { type FSWatcher, watch } from 'node:fs';
import { GovernanceError } from '../../core/errors.js';
import type { PolicyHolder } from '../../gateway/policy-holder.js';
import type { PolicyDocuments, PolicyWrite } from '../../store/policy-documents.js';
import { type PolicyFile, readPolicyFolder } from './policy-folder.js';
import type { PolicyService } from './policy-service.js';

/** A file that changed within it is still being written. */
const SETTLE_MS = 50;
/** Some file systems tell nothing: look all the same, often enough to be in force within a second. */
const RESCAN_MS = 750;
const ACTOR = 'file';

export interface PolicyFilesOptions {
  readonly directory: string;
  readonly documents: PolicyDocuments;
  readonly holder: PolicyHolder;
  readonly service: PolicyService;
  readonly onProblem: (document: string, problem: string) => void;
}

interface Seen {
  readonly text: string | undefined;
  /** Of the document in it, as it could last be read. */
  readonly name: string | undefined;
}

export class PolicyFiles {
  private watcher: FSWatcher | undefined;
  private rescan: NodeJS.Timeout | undefined;
  private settle: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private seen: ReadonlyMap<string, Seen> | undefined;
  /** A document could not be stored under this version; under another it may. */
  private refusedAt: number | undefined;
  /** What was told of a file is not told again. */
  private readonly told = new Map<string, string>();

  constructor(private readonly options: PolicyFilesOptions) {}

  async start(): Promise<void> {
    await this.load();
    try {
      this.watcher = watch(this.options.directory, { persistent: false }, () => this.soon());
      this.watcher.on('error', () => undefined);
    } catch {
      // No watching here: the rescan does it.
    }
    this.rescan = setInterval(() => void this.load(), RESCAN_MS);
    this.rescan.unref();
  }

  async stop(): Promise<void> {
    this.watcher?.close();
    clearInterval(this.rescan);
    clearTimeout(this.settle);
    await this.running;
  }

  /** One look after another. */
  load(): Promise<void> {
    this.running = this.running.then(() =>
      this.look().then(
        () => this.tell('(folder)', undefined),
        (error: unknown) => this.tell('(folder)', reason(error)),
      ),
    );
    return this.running;
  }

  private soon(): void {
    this.settle ??= setTimeout(() => {
      this.settle = undefined;
      void this.load();
    }, SETTLE_MS);
  }

  private async look(): Promise<void> {
    const files = await readPolicyFolder(this.options.directory);
    const before = this.seen ?? new Map<string, Seen>();
    const unchanged =
      files.length === this.seen?.size && files.every(({ file, text }) => before.get(file)?.text === text);
    const mayBeStoredNow = this.refusedAt !== undefined && this.refusedAt !== this.version;
    if (unchanged && !mayBeStoredNow) return;
    // Half of a document may well be a document, with fewer rules.
    if (
      this.seen !== undefined &&
      files.some(({ changedMs }) => Math.abs(Date.now() - changedMs) < SETTLE_MS)
    ) {
      this.soon();
      return;
    }
    const writes: PolicyWrite[] = [];
    const next = new Map<string, Seen>();
    const owned = new Map<string, string>();
    for (const found of files) {
      const name = await this.read(found, writes, owned);
      next.set(found.file, { text: found.text, name: name ?? before.get(found.file)?.name });
    }
    writes.push(...(await this.removals(next)));
    await this.store(writes, owned);
    this.seen = next;
  }

  private get version(): number {
    return this.options.holder.current().version;
  }

  /**
   * Documents whose file is gone. A file whose document could never be read may be the owner of any: nothing
   * is removed until it can.
   */
  private async removals(next: ReadonlyMap<string, Seen>): Promise<readonly PolicyWrite[]> {
    const kept = new Set([...next.values()].map((entry) => entry.name));
    if (kept.has(undefined)) return [];
    const { documents } = await this.options.documents.all();
    return documents
      .filter((stored) => stored.source === 'file' && !kept.has(stored.name))
      .map(({ name }) => ({ kind: 'remove', name }));
  }

  private async read(
    { file, text, problem }: PolicyFile,
    writes: PolicyWrite[],
    owned: Map<string, string>,
  ): Promise<string | undefined> {
    try {
      if (text === undefined) throw new GovernanceError('POLICY_INVALID', problem ?? 'It cannot be read.');
      const { document, warnings } = await this.options.service.validate(text);
      const other = owned.get(document.name);
      if (other !== undefined)
        throw new GovernanceError('POLICY_INVALID', `${document.name} is in ${other} already.`);
      owned.set(document.name, file);
      // A starter policy may well speak of tables that are not here.
      const worth = warnings.filter(({ code }) => code !== 'UNKNOWN_OBJECT');
      this.tell(file, worth.map((warning) => `${warning.path} ${warning.text}`).join('; ') || undefined);
      writes.push({ kind: 'put', name: document.name, body: document });
      return document.name;
    } catch (error) {
      if (!(error instanceof GovernanceError) || error.code !== 'POLICY_INVALID') throw error;
      this.tell(file, reason(error));
      return undefined;
    }
  }

  private async store(writes: readonly PolicyWrite[], owned: ReadonlyMap<string, string>): Promise<void> {
    this.refusedAt = undefined;
    if (writes.length === 0) return;
    const { documents, holder } = this.options;
    let refused = false;
    try {
      await documents.write(writes, 'file', ACTOR);
    } catch (error) {
      requireRefusal(error);
      // One document in the way must not keep the others out.
      for (const write of writes) {
        try {
          await documents.write([write], 'file', ACTOR);
        } catch (one) {
          requireRefusal(one);
          refused = true;
          this.tell(owned.get(write.name) ?? write.name, reason(one));
        }
      }
    }
    await holder.reload();
    if (refused) this.refusedAt = this.version;
  }

  private tell(file: string, problem: string | undefined): void {
    if (this.told.get(file) === problem) return;
    if (problem === undefined) this.told.delete(file);
    else {
      this.told.set(file, problem);
      this.options.onProblem(file, problem);
    }
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Of this document, that is; a database that is away concerns them all. */
function requireRefusal(error: unknown): void {
  if (!(error instanceof GovernanceError) || error.code === 'EVIDENCE_UNAVAILABLE') throw error;
}
