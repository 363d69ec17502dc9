/** Logs with random events of every kind that reports count, with names and purposes that mean harm. */
import type { AuditEvent, MaskedColumn } from '../../src/core/audit/event.js';
import type { LogBatch } from '../../src/core/reports/log-reading.js';
import { LogMaker, makeSigner } from '../audit/made-log.js';
import { type Random, randomFrom } from '../audit/random.js';

/** Formula, markup, new line, direction, quotes, nothing at all. */
export const HOSTILE = [
  '=HYPERLINK("http://x.example","y")',
  '<script>alert(1)</script>',
  'a\r\nb,"c"',
  '\u202egnp.exe\u2066',
  "+1'--",
  '@SUM(A1)',
  '&lt;&#x3c;\u0000\ud800',
  '',
];
export const ACTORS = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(32));
const OBJECTS = ['shop.crm.customers', 'shop.sales.orders', 'lake.main.odd', 'lake.main.odd-er'];
const COLUMNS = ['email', 'country', 'name.first', 'id'];
const MASKS = ['email', 'null', 'redact'];

export class RandomLog {
  readonly random: Random;
  readonly maker: LogMaker;
  private running: string[] = [];
  private version = 0;

  constructor(seed: number) {
    this.random = randomFrom(seed);
    this.maker = new LogMaker(makeSigner(), seed);
  }

  private one<T>(list: readonly T[]): T {
    return list[this.random.below(list.length)]!;
  }

  private some<T>(list: readonly T[]): T[] {
    return list.filter(() => this.random.below(2) === 0);
  }

  private at(): string {
    // Hours, so that there are days; and now and then a clock that is set back.
    this.maker.now += this.random.below(4_000_000);
    if (this.random.below(40) === 0) this.maker.now -= 9_000_000;
    return this.maker.at();
  }

  private intent(): AuditEvent {
    const statementId = `s-${this.random.below(1_000_000_000)}`;
    if (this.random.below(10) > 0) this.running.push(statementId);
    const objects = this.some(OBJECTS);
    const columns = objects.flatMap((object) => this.some(COLUMNS).map((column) => `${object}.${column}`));
    const masks: MaskedColumn[] = objects.flatMap((object) =>
      this.some(COLUMNS).map((column) => {
        const spelled = this.random.below(2) === 0 ? column : column.toUpperCase();
        return { object, column: spelled, mask: this.one(MASKS), rule: `p/${this.one(MASKS)}` };
      }),
    );
    const purpose = this.one([undefined, 'care', ...HOSTILE]);
    return {
      kind: 'statement.intent',
      at: this.at(),
      fields: {
        statementId,
        actor: this.one(ACTORS),
        decisionId: 'd',
        policyVersion: 1,
        shape: 'SELECT ?',
        boundPlanHash: '0',
        planHash: '1',
        leaves: objects.length,
        objects,
        columns: [...new Set(columns)],
        filters: this.some(objects).map((object) => ({ object, rules: this.some(['eu', '=x']) })),
        masks,
        engine: 'duckdb',
        ...(purpose === undefined ? {} : { purpose }),
      },
      personal: { user: this.one(HOSTILE), via: 'token', literals: [], justification: this.one(HOSTILE) },
    };
  }

  private outcome(): AuditEvent {
    const place = this.random.below(Math.max(1, this.running.length));
    const statementId = this.running[place] ?? 'never-begun';
    // Now and then an outcome is told twice.
    if (this.random.below(10) > 0) this.running.splice(place, 1);
    const state = this.one(['succeeded', 'failed', 'canceled', 'timed_out'] as const);
    const rowCount = this.one([undefined, 0, this.random.below(1_000)]);
    return {
      kind: 'statement.outcome',
      at: this.at(),
      fields: { statementId, state, timings: {}, ...(rowCount === undefined ? {} : { rowCount }) },
    };
  }

  private change(at: string): readonly AuditEvent[] {
    const requestId = `r-${this.random.below(1_000_000_000)}`;
    const [actor, noun] = [this.one(ACTORS), this.one(['policies', 'tokens'])];
    const decision = this.one(['allow', 'deny'] as const);
    return [
      { kind: 'admin.intent', at, fields: { requestId, actor, action: 'post', noun } },
      { kind: 'admin.outcome', at, fields: { requestId, decision, status: 403, code: 'ACCESS_DENIED' } },
    ];
  }

  private other(): readonly AuditEvent[] {
    const at = this.at();
    switch (this.random.below(6)) {
      case 0:
        return [
          {
            kind: 'statement.denied',
            at,
            fields: {
              statementId: 'x',
              actor: this.one(ACTORS),
              policyVersion: 1,
              code: this.one(['ACCESS_DENIED', 'SYNTAX_ERROR']),
              objects: this.some(OBJECTS),
              purpose: this.one(HOSTILE),
            },
          },
        ];
      case 1:
        return this.change(at);
      case 2:
        return [
          {
            kind: 'login.failed',
            at,
            fields: { method: this.one(['jwt', 'token']), count: 1 + this.random.below(5) },
          },
        ];
      case 3:
        this.version += 1;
        return [
          {
            kind: 'policy.changed',
            at,
            fields: {
              policyVersion: this.version,
              name: this.one(['a', 'b']),
              version: this.version,
              change: this.one(['created', 'replaced', 'removed']),
              source: this.one(['file', 'api']),
            },
            personal: { user: this.one(HOSTILE) },
          },
        ];
      case 4:
        return [
          {
            kind: 'audit.erased',
            at,
            fields: { events: this.some(['q-0.1', 'q-0.2']), reason: this.one(HOSTILE) },
          },
        ];
      default:
        return [{ kind: 'heartbeat', at, fields: { everySeconds: 60 } }];
    }
  }

  /** So many batches, then a checkpoint. */
  async grow(batches: number): Promise<void> {
    for (let i = 0; i < batches; i += 1) {
      const events = Array.from({ length: 1 + this.random.below(5) }, () =>
        this.random.below(3) === 0
          ? this.other()
          : [this.random.below(2) === 0 ? this.intent() : this.outcome()],
      ).flat();
      this.maker.commit(this.random.below(3), events);
    }
    await this.maker.checkpoint();
  }
}

/** Batches of an export, as the database would give them. */
export function batchesOf(lines: readonly string[]): readonly LogBatch[] {
  const batches: { text: string; events: string[] }[] = [];
  for (const line of lines) {
    const { line: kind, text } = JSON.parse(line);
    if (kind === 'batch') batches.push({ text, events: [] });
    if (kind === 'event') batches.at(-1)!.events.push(text);
  }
  return batches;
}
