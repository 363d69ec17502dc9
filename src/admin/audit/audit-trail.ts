/**
 * The audit log as this gateway keeps it: its keys, its own coming and going on record, a checkpoint every
 * second when something happened, and a heartbeat when nothing did.
 */
import { hostname } from 'node:os';
import type { LogSigner } from '../../core/audit/checkpoint.js';
import { signerVkey } from '../../core/audit/checkpoint.js';
import type { AuditEvent } from '../../core/audit/event.js';
import type { Recorder } from '../../gateway/recorder.js';
import { Checkpointer } from '../../store/audit-checkpointer.js';
import { AuditErasure } from '../../store/audit-erasure.js';
import { exportLog } from '../../store/audit-export.js';
import { openKeyring } from '../../store/audit-keyring.js';
import { AuditProofs } from '../../store/audit-proofs.js';
import { AuditReader } from '../../store/audit-reader.js';
import { AuditTreeBroken } from '../../store/audit-tree.js';
import type { Database } from '../../store/database.js';
import { PolicyTrail } from '../../store/policy-trail.js';
import type { PrivateParts } from '../../store/private-parts.js';

export interface AuditTrailOptions {
  readonly url: string;
  readonly database: Database;
  readonly recorder: Recorder;
  readonly dataDir: string;
  readonly parts: PrivateParts;
  readonly version: string;
  readonly spool: string;
  readonly checkpointMs: number;
  readonly heartbeatMs: number;
  readonly clock: () => Date;
  readonly onProblem: (error: unknown) => void;
}

export class AuditTrail {
  readonly reader: AuditReader;
  readonly proofs: AuditProofs;
  readonly erasure: AuditErasure;
  private readonly policies: PolicyTrail;
  private timer: NodeJS.Timeout | undefined;
  private ticking: Promise<void> = Promise.resolve();
  private failing = false;
  private treeIsBroken = false;
  private stopped = false;

  private constructor(
    private readonly options: AuditTrailOptions,
    private readonly checkpointer: Checkpointer,
    readonly signer: LogSigner,
    readonly keyMadeAt: Date,
  ) {
    const { database, recorder } = options;
    this.reader = new AuditReader(database, options.parts);
    this.proofs = new AuditProofs(database);
    this.erasure = new AuditErasure(database, recorder, checkpointer);
    this.policies = new PolicyTrail(database, recorder);
  }

  /** The start of the gateway is on record when it resolves. */
  static async open(options: AuditTrailOptions): Promise<AuditTrail> {
    const checkpointer = new Checkpointer({ url: options.url, clock: options.clock });
    try {
      const keys = openKeyring(options.dataDir, await checkpointer.origin(), options.clock());
      const { signer, madeAt } = keys;
      const trail = new AuditTrail(options, checkpointer, signer, madeAt);
      if (await checkpointer.signWith(keys))
        await trail.record({ kind: 'key.added', fields: { kid: signer.kid, vkey: signerVkey(signer) } });
      const { version, spool } = options;
      await trail.record({ kind: 'gateway.started', fields: { version, gateway: hostname(), spool } });
      trail.schedule();
      return trail;
    } catch (error) {
      await checkpointer.close();
      throw error;
    }
  }

  /** The log does not fit its own last checkpoint: nothing is signed any more. */
  get isBroken(): boolean {
    return this.treeIsBroken;
  }

  /** What is committed is in the tree and can be searched when it resolves. */
  catchUp(): Promise<void> {
    return this.checkpointer.catchUp();
  }

  async record(event: Unstamped): Promise<void> {
    await this.options.recorder.record({ ...event, at: this.now() } as AuditEvent);
  }

  /** Lines of an export, in pieces. */
  export(personal: boolean): AsyncGenerator<string> {
    const { url, clock, parts } = this.options;
    return exportLog({ url, signer: this.signer, personal, parts, at: clock() });
  }

  pseudonymOf(user: string): string {
    return this.options.recorder.pseudonymOf(user);
  }

  /** The last word of this gateway: what it recorded is signed, as far as Postgres is there. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.ticking;
    try {
      await this.record({ kind: 'gateway.stopped', fields: { gateway: hostname() } });
      await this.catchUp();
    } finally {
      await this.checkpointer.close();
    }
  }

  private now(): string {
    return this.options.clock().toISOString();
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.ticking = this.tick().finally(() => this.schedule());
    }, this.options.checkpointMs);
    this.timer.unref();
  }

  private async tick(): Promise<void> {
    try {
      await this.policies.follow();
      const quietMs = (await this.checkpointer.quietMs()) ?? 0;
      if (quietMs >= this.options.heartbeatMs) {
        const everySeconds = this.options.heartbeatMs / 1_000;
        await this.record({ kind: 'heartbeat', fields: { everySeconds } });
      }
      await this.catchUp();
      this.failing = false;
      this.treeIsBroken = false;
    } catch (error) {
      if (error instanceof AuditTreeBroken) this.treeIsBroken = true;
      // Once, not every second for as long as Postgres is away.
      if (!this.failing) this.options.onProblem(error);
      this.failing = true;
    }
  }
}

type Unstamped = AuditEvent extends infer E ? (E extends AuditEvent ? Omit<E, 'at'> : never) : never;
