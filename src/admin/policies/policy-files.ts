/**
 * The policies folder: documents owned by files. A change is validated and stored; a file that does not
 * validate leaves what was in force and says so. A file that goes takes its document with it.
 */
import { type FSWatcher, watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GovernanceError } from '../../core/errors.js';
import type { PolicyHolder } from '../../gateway/policy-holder.js';
import type { PolicyDocuments, PolicyWrite } from '../../store/policy-documents.js';
import type { PolicyService } from './policy-service.js';

const FILES_MAX = 2_000;
const SETTLE_MS = 50;
/** Some file systems tell nothing: look all the same. */
const RESCAN_MS = 2_000;
const ACTOR = 'file';

export interface PolicyFilesOptions {
  readonly directory: string;
  readonly documents: PolicyDocuments;
  readonly holder: PolicyHolder;
  readonly service: PolicyService;
  readonly onProblem: (document: string, problem: string) => void;
}

export class PolicyFiles {
  private watcher: FSWatcher | undefined;
  private rescan: NodeJS.Timeout | undefined;
  private settle: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  /**
   * Content of each file when it was last looked at, so that an unchanged one costs a read and nothing more.
   */
  private seen = new Map<string, { readonly text: string; readonly name: string | undefined }>();

  constructor(private readonly options: PolicyFilesOptions) {}

  async start(): Promise<void> {
    await this.load();
    const soon = (): void => {
      clearTimeout(this.settle);
      this.settle = setTimeout(() => void this.load(), SETTLE_MS);
    };
    try {
      this.watcher = watch(this.options.directory, soon);
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
      this.look().catch((error: unknown) => this.options.onProblem('(folder)', reason(error))),
    );
    return this.running;
  }

  private async look(): Promise<void> {
    const names = await policyFiles(this.options.directory);
    const texts = await Promise.all(
      names.map(async (file) => [file, await readFile(join(this.options.directory, file), 'utf8')] as const),
    );
    const unchanged =
      texts.length === this.seen.size && texts.every(([file, text]) => this.seen.get(file)?.text === text);
    if (unchanged) return;
    const writes: PolicyWrite[] = [];
    const next = new Map<string, { text: string; name: string | undefined }>();
    const owned = new Map<string, string>();
    for (const [file, text] of texts) {
      const name = await this.read(file, text, writes, owned);
      next.set(file, { text, name: name ?? this.seen.get(file)?.name });
    }
    const kept = new Set([...next.values()].map((entry) => entry.name));
    for (const stored of (await this.options.documents.all()).documents) {
      if (stored.source === 'file' && !kept.has(stored.name) && !this.broken(next)) {
        writes.push({ kind: 'remove', name: stored.name });
      }
    }
    await this.store(writes);
    this.seen = next;
  }

  /**
   * A file whose document could never be read may be the owner of any document: nothing is removed until it
   * can.
   */
  private broken(next: ReadonlyMap<string, { readonly name: string | undefined }>): boolean {
    return [...next.values()].some((entry) => entry.name === undefined);
  }

  private async read(
    file: string,
    text: string,
    writes: PolicyWrite[],
    owned: Map<string, string>,
  ): Promise<string | undefined> {
    try {
      const { document, warnings } = await this.options.service.validate(text);
      const other = owned.get(document.name);
      if (other !== undefined)
        throw new GovernanceError('POLICY_INVALID', `${document.name} is in ${other} already.`);
      owned.set(document.name, file);
      for (const warning of warnings) {
        if (!/is no (table|column) now/.test(warning.text))
          this.options.onProblem(file, `${warning.path} ${warning.text}`);
      }
      writes.push({ kind: 'put', name: document.name, body: document });
      return document.name;
    } catch (error) {
      if (this.seen.get(file)?.text !== text) this.options.onProblem(file, reason(error));
      return undefined;
    }
  }

  private async store(writes: readonly PolicyWrite[]): Promise<void> {
    if (writes.length === 0) return;
    try {
      await this.options.documents.write(writes, 'file', ACTOR);
    } catch (error) {
      if (!(error instanceof GovernanceError) || error.code === 'EVIDENCE_UNAVAILABLE') throw error;
      // One document in the way must not keep the others out.
      for (const write of writes) {
        await this.options.documents
          .write([write], 'file', ACTOR)
          .catch((problem: unknown) => this.options.onProblem(write.name, reason(problem)));
      }
    }
    await this.options.holder.reload();
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** `*.yaml` and `*.yml` but tests, in order. */
async function policyFiles(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name) && !/\.test\.ya?ml$/.test(entry.name))
    .map((entry) => entry.name)
    .sort();
  if (files.length > FILES_MAX) throw new Error(`the policies folder has more than ${FILES_MAX} documents`);
  return files;
}
