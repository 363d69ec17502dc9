/**
 * The policies in force on this gateway. A change is told by Postgres when it commits and is in force here
 * moments later; a poll is the safety net. A set that does not compile leaves the old one in force.
 */
import { GovernanceError } from '../core/errors.js';
import { compilePolicies, type VersionedDocument } from '../core/policy/compile.js';
import { parsePolicy } from '../core/policy/document.js';
import { DecidingPolicies } from '../core/policy/memo.js';
import { Listener } from '../store/listener.js';
import {
  POLICY_CHANNEL,
  type PolicyDocuments,
  type PolicySet,
  type StoredPolicy,
} from '../store/policy-documents.js';

const POLL_MS = 5_000;
const NEWER_WAIT_MS = 1_000;

export interface PolicyHolderOptions {
  readonly documents: PolicyDocuments;
  readonly url: string;
  readonly onChange: (version: number) => void;
  readonly onProblem: (document: string, problem: string) => void;
}

interface Parsed extends VersionedDocument {
  readonly text: string;
}

export class PolicyHolder {
  private policies = new DecidingPolicies(compilePolicies([], 0));
  private set: PolicySet = { policyVersion: 0, documents: [] };
  private readonly listener: Listener;
  private readonly waiting = new Set<() => void>();
  private timer: NodeJS.Timeout | undefined;
  private before = new Map<string, Parsed>();
  private loading: Promise<void> | undefined;
  private again = false;

  constructor(private readonly options: PolicyHolderOptions) {
    const reload = (): void => void this.reload().catch((error) => this.failed(error));
    this.listener = new Listener({
      url: options.url,
      channels: [POLICY_CHANNEL],
      onNotify: reload,
      onReconnect: reload,
      onLost: () => undefined,
    });
  }

  async start(): Promise<void> {
    await this.reload();
    await this.listener.start();
    this.timer = setInterval(() => void this.reload().catch((error) => this.failed(error)), POLL_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.listener.stop();
  }

  current(): DecidingPolicies {
    return this.policies;
  }

  /** The documents behind `current`. */
  documents(): PolicySet {
    return this.set;
  }

  /** Resolves when a version above `version` is in force, or a second is over. */
  async waitForNewer(version: number): Promise<void> {
    if (this.policies.version > version) return;
    await this.reload();
    if (this.policies.version > version) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, NEWER_WAIT_MS);
      const { waiting } = this;
      function done(): void {
        clearTimeout(timer);
        waiting.delete(done);
        resolve();
      }
      waiting.add(done);
    });
  }

  /** Reads the documents now. Calls that come meanwhile share one more reading, so none misses a change. */
  reload(): Promise<void> {
    this.again = true;
    this.loading ??= this.load();
    return this.loading;
  }

  private async load(): Promise<void> {
    try {
      while (this.again) {
        this.again = false;
        const set = await this.options.documents.all();
        if (set.policyVersion !== this.policies.version) this.take(set);
      }
    } finally {
      // In the same step as the last look at `again`: whoever asks from here on starts anew.
      this.loading = undefined;
    }
  }

  private take(set: PolicySet): void {
    const documents = set.documents.map((stored) => this.parsed(stored));
    this.policies = new DecidingPolicies(compilePolicies(documents, set.policyVersion));
    this.before = new Map(documents.map((parsed) => [parsed.document.name, parsed]));
    this.set = set;
    this.options.onChange(set.policyVersion);
    for (const done of [...this.waiting]) done();
  }

  /** One change must not cost the reading of all documents: what was read once is known by its text. */
  private parsed(stored: StoredPolicy): Parsed {
    const text = JSON.stringify(stored.body);
    const before = this.before.get(stored.name);
    if (before?.text === text) return { text, document: before.document, version: stored.version };
    try {
      return { text, document: parsePolicy(stored.body), version: stored.version };
    } catch (error) {
      const problem = error instanceof GovernanceError ? error.message : 'it cannot be read';
      this.options.onProblem(stored.name, problem);
      throw error;
    }
  }

  private failed(error: unknown): void {
    this.options.onProblem('(all)', error instanceof Error ? error.message : 'unknown');
  }
}
