/**
 * Secured leaves that a session uses again are kept on the server as views of that session alone, under names drawn at
 * random: Spark has parsed and analysed them then, which is a quarter of a small query. A view is named by its text, so it
 * is never another leaf; and a session on the server belongs to one policy version.
 */
import { randomBytes } from 'node:crypto';
import type { MessageSchema, PlanMessage } from '../../core/plan/connect/message.js';
import type { ConnectSession } from './engine.js';

const VIEWS_MAX = 200;
const TEXTS_MAX = 2_000;
const NAME_BYTES = 16;
const CREATE_MS_MAX = 60_000;

/** Who uses a text once may never use it again. */
const USES_BEFORE_VIEW = 2;

export class SecuredViews {
  private readonly uses = new Map<string, number>();
  private readonly names = new Map<string, string>();

  constructor(private readonly session: ConnectSession) {}

  /** The name of the view with this text; undefined where there is none. Makes it when it is used again. */
  async nameOf(sql: string, schema: MessageSchema): Promise<string | undefined> {
    const known = this.names.get(sql);
    if (known !== undefined) return known;
    const uses = (this.uses.get(sql) ?? 0) + 1;
    if (this.uses.size >= TEXTS_MAX) this.uses.clear();
    this.uses.set(sql, uses);
    if (uses !== USES_BEFORE_VIEW || this.names.size >= VIEWS_MAX) return undefined;
    const name = `leaf_${randomBytes(NAME_BYTES).toString('hex')}`;
    await this.create(name, schema.make('Relation', { relType: { case: 'sql', value: { query: sql } } }));
    this.names.set(sql, name);
    return name;
  }

  /** Analysed under settings that no longer hold. */
  forget(): void {
    this.names.clear();
    this.uses.clear();
  }

  private async create(name: string, input: PlanMessage): Promise<void> {
    const command = { case: 'createDataframeView', value: { input, name, isGlobal: false, replace: false } };
    const plan = { opType: { case: 'command', value: { commandType: command } } };
    const signal = AbortSignal.timeout(CREATE_MS_MAX);
    for await (const _ of this.session.answers('ExecutePlan', { plan }, signal)) {
      // It has no rows.
    }
  }
}
