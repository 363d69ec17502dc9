/** Audit logs made in memory, with every kind of event, several writers and keys: what a gateway would export. */
import { generateKeyPairSync } from 'node:crypto';
import {
  headAfter,
  newShard,
  type SealedBatch,
  type SealedEvent,
  type ShardHead,
  sealBatch,
} from '../../src/core/audit/batch.js';
import {
  type LogSigner,
  type SignedCheckpoint,
  signCheckpoint,
  signerVkey,
} from '../../src/core/audit/checkpoint.js';
import { type AuditEvent, eventId } from '../../src/core/audit/event.js';
import { ExportWriter, type PersonalShown } from '../../src/core/audit/export-format.js';
import { appendLeaf, EMPTY_FRONTIER, type Frontier, rootOf } from '../../src/core/audit/merkle.js';
import { keyId, publicJwk } from '../../src/core/crypto/jws.js';
import { type Random, randomFrom } from './random.js';

export const ORIGIN = 'sluice/test-log';

export function makeSigner(origin = ORIGIN): LogSigner {
  const jws = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const jwk = { ...jws } as Record<string, unknown>;
  return { origin, kid: keyId(publicJwk(jwk)!), note: generateKeyPairSync('ed25519').privateKey, jws: jwk };
}

type Entry =
  | { readonly kind: 'batch'; readonly batch: SealedBatch }
  | { readonly kind: 'checkpoint'; readonly checkpoint: SignedCheckpoint };

export class LogMaker {
  readonly checkpoints: SignedCheckpoint[] = [];
  private readonly entries: Entry[] = [];
  private readonly heads: ShardHead[] = [newShard('a-0'), newShard('b-0'), newShard('c-0')];
  private readonly erased = new Map<string, string>();
  private readonly signers: {
    readonly signer: LogSigner;
    readonly fromSize: number;
    untilSize: number | null;
  }[];
  private tree: Frontier = EMPTY_FRONTIER;
  private readonly random: Random;
  /** Milliseconds since 2026; every event takes one. */
  now = 0;

  constructor(
    signer: LogSigner,
    seed: number,
    readonly salt: () => Buffer = () => this.random.bytes(32),
  ) {
    this.random = randomFrom(seed);
    this.signers = [{ signer, fromSize: 0, untilSize: null }];
  }

  /** Who signs now. */
  get signer(): LogSigner {
    return this.signers.at(-1)!.signer;
  }

  get size(): number {
    return this.tree.size;
  }

  at(): string {
    this.now += 1;
    return new Date(Date.UTC(2026, 0, 1) + this.now).toISOString();
  }

  commit(writer: number, events: readonly AuditEvent[]): readonly string[] {
    const batch = sealBatch(this.heads[writer]!, events, this.at(), this.salt);
    this.heads[writer] = headAfter(batch);
    this.tree = appendLeaf(this.tree, batch.hash);
    this.entries.push({ kind: 'batch', batch });
    return batch.events.map((event) => eventId(event.place));
  }

  async checkpoint(): Promise<SignedCheckpoint> {
    const { signer } = this.signers.at(-1)!;
    const head = {
      size: this.tree.size,
      root: rootOf(this.tree),
      previousSize: this.checkpoints.at(-1)?.size ?? 0,
    };
    const made = await signCheckpoint(signer, head, this.at());
    this.checkpoints.push(made);
    this.entries.push({ kind: 'checkpoint', checkpoint: made });
    return made;
  }

  /** From here on another key signs. */
  rotate(signer: LogSigner): void {
    this.signers.at(-1)!.untilSize = this.tree.size;
    this.signers.push({ signer, fromSize: this.tree.size, untilSize: null });
  }

  /** As a writer would that goes on from somewhere else. */
  continueFrom(writer: number, change: (head: ShardHead) => ShardHead): void {
    this.heads[writer] = change(this.heads[writer]!);
  }

  /** The key that signs now was only meant for the log up to this size. */
  retireAt(size: number): void {
    this.signers.at(-1)!.untilSize = size;
  }

  erase(id: string): void {
    const [by] = this.commit(0, [
      { kind: 'audit.erased', at: this.at(), fields: { events: [id], reason: 'request 7' } },
    ]);
    this.erased.set(id, by!);
  }

  /** `batches` statements, refusals and changes, as a busy gateway would record them. */
  async live(batches: number, checkpointEvery: number): Promise<void> {
    for (let i = 0; i < batches; i += 1) {
      const writer = this.random.below(this.heads.length);
      const statement = `s-${this.size}`;
      this.commit(writer, [intentOf(statement, this.at()), deniedOf(`d-${this.size}`, this.at())]);
      this.commit(this.random.below(this.heads.length), [
        outcomeOf(statement, this.at()),
        ...(this.random.below(3) === 0 ? [heartbeatAt(this.at())] : []),
      ]);
      if (this.size % checkpointEvery < 2) await this.checkpoint();
    }
    if (this.checkpoints.at(-1)?.size !== this.size) await this.checkpoint();
  }

  /** Lines with their newlines. */
  async export(options: { readonly personal?: boolean; readonly version?: number } = {}): Promise<string[]> {
    const writer = new ExportWriter();
    const batches = this.entries.flatMap((entry) => (entry.kind === 'batch' ? [entry.batch] : []));
    const lines = [
      writer.write({
        line: 'manifest',
        format: 'sluice-audit-export',
        version: options.version ?? 1,
        origin: this.signers[0]!.signer.origin,
        size: batches.length,
        events: batches.reduce((sum, batch) => sum + batch.events.length, 0),
        exportedAt: this.at(),
      }),
      ...this.signers.map(({ signer, fromSize, untilSize }) =>
        writer.write({
          line: 'key',
          kid: signer.kid,
          vkey: signerVkey(signer),
          jwk: publicJwk(signer.jws)!,
          fromSize,
          untilSize,
        }),
      ),
    ];
    for (const entry of this.entries) {
      if (entry.kind === 'checkpoint') {
        const { size, note, jws } = entry.checkpoint;
        lines.push(writer.write({ line: 'checkpoint', size, note, jws }));
        continue;
      }
      lines.push(writer.write({ line: 'batch', text: entry.batch.text }));
      for (const event of entry.batch.events) {
        const personal = this.personalOf(event, options.personal ?? true);
        lines.push(
          writer.write({ line: 'event', text: event.text, ...(personal === undefined ? {} : { personal }) }),
        );
      }
    }
    for (const [event, erasedBy] of this.erased)
      lines.push(writer.write({ line: 'tombstone', event, erasedBy }));
    lines.push(await writer.end(this.signers.at(-1)!.signer));
    return lines;
  }

  private personalOf(event: SealedEvent, disclosed: boolean): PersonalShown | undefined {
    if (event.personal === undefined) return undefined;
    if (this.erased.has(eventId(event.place))) return 'erased';
    if (!disclosed) return 'withheld';
    return { salt: event.personal.salt.toString('base64'), text: event.personal.text };
  }
}

export const intentOf = (statementId: string, at: string, user = 'ana'): AuditEvent => ({
  kind: 'statement.intent',
  at,
  fields: {
    statementId,
    actor: 'a'.repeat(32),
    decisionId: 'd',
    policyVersion: 1,
    shape: 'SELECT * FROM shop.crm.customers WHERE country = ?',
    boundPlanHash: '0'.repeat(64),
    planHash: '1'.repeat(64),
    leaves: 1,
    objects: ['shop.crm.customers'],
    columns: ['shop.crm.customers.country'],
    filters: [{ object: 'shop.crm.customers', rules: ['eu-only'] }],
    masks: [{ object: 'shop.crm.customers', column: 'email', mask: 'email', rule: 'email' }],
    engine: 'duckdb',
  },
  personal: { user, via: 'token:1', literals: ['DE'] },
});
export const outcomeOf = (statementId: string, at: string): AuditEvent => ({
  kind: 'statement.outcome',
  at,
  fields: { statementId, state: 'succeeded', rowCount: 3, timings: { run: 1.5 } },
});
export const deniedOf = (statementId: string, at: string): AuditEvent => ({
  kind: 'statement.denied',
  at,
  fields: { statementId, actor: 'b'.repeat(32), policyVersion: 1, code: 'ACCESS_DENIED', objects: [] },
  personal: { user: 'bob', via: 'token:2', literals: ['SELECT * FROM shop.hr.employees'] },
});
export const heartbeatAt = (at: string): AuditEvent => ({
  kind: 'heartbeat',
  at,
  fields: { everySeconds: 60 },
});
