/**
 * A plan with code in it: its parts that read run where all plans run, under the same decision; their rows, filtered and
 * masked, go to the caller's own session on the server for code, and what stands above them runs there.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { ObjectId } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import { proveNothingRead } from '../../core/plan/connect/closed.js';
import { type CodeFunction, codeIn, codeRefused } from '../../core/plan/connect/code.js';
import type { MessageSchema, PlanMessage } from '../../core/plan/connect/message.js';
import { callsOf, type SessionFunction } from '../../core/plan/connect/session-functions.js';
import { type CodeSplit, splitCode } from '../../core/plan/connect/split-code.js';
import type { BindScope } from '../bind-context.js';
import { decideFor } from '../decide-statement.js';
import type { CodeFiles } from './code-files.js';
import type { ClientSession, CodeSession, EngineSession } from './connect-session.js';
import type { CodeEngine, PlanSession } from './engine.js';
import { uploadName, uploadRequests } from './uploads.js';

export const CODE_ENGINE = 'spark-code';
/** One session leaves so much on the server, which keeps it until the session ends. */
const SESSION_BYTES_MAX = 1024 * 2 ** 20;
/** Of most plans these are all there are. */
const FIRST_ROWS = 100_000;
/** As many as the protocol can say. */
const ROWS_MAX = 2 ** 31 - 1;
/** Rows that come later may be a little narrower. */
const WIDER = 1.1;

export interface CodeDeps {
  readonly engine: CodeEngine;
  /** Of rows that one plan hands over. */
  readonly bytesMax: number;
  /** Beside the code. */
  readonly files: CodeFiles;
}

export interface CodePlan {
  /** And files that are there for them. */
  readonly functions: readonly CodeFunction[];
  /** Without code, each to be judged as any plan is. */
  readonly parts: readonly PlanMessage[];
  /** Opens the session on the server for code. */
  session(): Promise<PlanSession>;
  /** Runs the parts; the plan over their rows. `rows: 'none'`: over none of them, for questions about columns. */
  handOver(signal: AbortSignal, rows: 'all' | 'none'): Promise<PlanMessage>;
}

/** Whoever has code run must be allowed to over every table that is read. */
export function requireCodeRight(objects: readonly ObjectId[], scope: BindScope): void {
  if (objects.length === 0) {
    throw codeRefused(
      'Code that reads no table',
      'elsewhere',
      'Code runs over tables on which you have the code right; run this in your own program.',
    );
  }
  const decision = decideFor({ leaves: objects.map((table) => ({ table })) }, scope);
  const missing = objects.filter((object) => decision.tables.get(object)?.actions.code !== true);
  if (missing.length === 0) return;
  throw new GovernanceError('CODE_NOT_ALLOWED', `You may not run code over ${missing.join(', ')}.`, {
    remedy: 'Ask the owner of the data for the code right on it, or use functions of Spark.',
    sqlState: '42501',
    decisionId: scope.decisionId,
    denied: missing.map((object) => ({ object, action: 'code' })),
  });
}

/** Whoever brings code that no table is read by yet must be allowed to run it over one at least. */
export function requireCodeSomewhere(scope: BindScope): void {
  const tables = [...scope.catalog.tables.keys()];
  const allowed = tables.some(
    (table) => decideFor({ leaves: [{ table }] }, scope).tables.get(table)?.actions.code === true,
  );
  if (allowed) return;
  throw new GovernanceError('CODE_NOT_ALLOWED', 'You may not run code over any table.', {
    remedy: 'Ask the owner of the data for the code right on it, or use functions of Spark.',
    sqlState: '42501',
    decisionId: scope.decisionId,
  });
}

export interface CodePlanInput {
  readonly deps: CodeDeps | undefined;
  readonly schema: MessageSchema;
  readonly session: ClientSession;
  readonly engine: EngineSession;
  /** Secured, with code in it. */
  readonly plan: PlanMessage;
  /** SQL with code in it. */
  readonly texts: ReadonlySet<string>;
}

export function codePlan({ deps, schema, session, engine, plan, texts }: CodePlanInput): CodePlan {
  if (deps === undefined) throw codeRefused('The plan', 'no-engine');
  const split = splitCode(plan, schema);
  const called = calledIn(plan, schema);
  const open = (): Promise<CodeSession> => session.codeSession(deps.engine, engine.policyVersion);
  return {
    functions: [...codeIn(plan, schema), ...deps.files.of(session)],
    parts: split.parts,
    session: async () => (await open()).session,
    handOver: async (signal, rows) => {
      const to = await open();
      await deps.files.bring(session, to);
      for (const each of called) await tell(to, each, signal);
      return new HandOver(schema, to, { ...deps, texts }, signal).run(engine, split, rows);
    },
  };
}

/** Functions of the session that the plan calls by name. */
function calledIn(plan: PlanMessage, schema: MessageSchema): readonly SessionFunction[] {
  const found = new Set<SessionFunction>();
  const visit = (message: PlanMessage): void => {
    for (const each of callsOf(message)) found.add(each);
    for (const child of schema.children(message)) visit(child);
  };
  visit(plan);
  return [...found];
}

async function tell(
  { session, told }: CodeSession,
  each: SessionFunction,
  signal: AbortSignal,
): Promise<void> {
  const key = each.name.toLowerCase();
  if (told.get(key) === each) return;
  const command = { commandType: { case: 'registerFunction', value: each.definition } };
  const plan = { opType: { case: 'command', value: command } };
  for await (const _ of session.answers('ExecutePlan', { plan, operationId: randomUUID() }, signal)) {
    // It has none that matters.
  }
  told.set(key, each);
}

class HandOver {
  private bytes = 0;
  private readonly handed = new Set<string>();

  constructor(
    private readonly schema: MessageSchema,
    private readonly to: CodeSession,
    private readonly limits: Pick<CodeDeps, 'bytesMax'> & Pick<CodePlanInput, 'texts'>,
    private readonly signal: AbortSignal,
  ) {}

  async run(from: EngineSession, split: CodeSplit, rows: 'all' | 'none'): Promise<PlanMessage> {
    const relations: PlanMessage[] = [];
    for (const part of split.parts) {
      const dataHashes =
        rows === 'all' ? await this.all(from, part) : (await this.some(from, part, 0)).hashes;
      relations.push(this.relation('chunkedCachedLocalRelation', { dataHashes }));
    }
    const upper = split.put(relations);
    proveNothingRead(upper, this.schema, { rows: this.handed, sql: this.limits.texts });
    return upper;
  }

  /**
   * Spark holds what a task gives whole in memory, also what nobody will take. So it is asked for few rows first, and then
   * for no more than what fits if they are as wide.
   */
  private async all(from: EngineSession, part: PlanMessage): Promise<readonly string[]> {
    const before = this.bytes;
    for (let limit = FIRST_ROWS; ; ) {
      this.bytes = before;
      const { hashes, rows } = await this.some(from, part, limit);
      if (rows < limit || limit === ROWS_MAX) return hashes;
      limit = nextLimit(limit, this.bytes - before, this.limits.bytesMax - before);
    }
  }

  private async some(
    from: EngineSession,
    input: PlanMessage,
    limit: number,
  ): Promise<{ readonly hashes: readonly string[]; readonly rows: number }> {
    const hashes: string[] = [];
    let rows = 0;
    for await (const batch of from.session.rows(this.relation('limit', { input, limit }), this.signal)) {
      hashes.push(await this.batch(batch.data));
      rows += batch.rows;
    }
    return { hashes, rows };
  }

  /** Rows as they came; the hash that they are known by there. */
  private async batch(data: Uint8Array): Promise<string> {
    this.bytes += data.length;
    const { bytesMax } = this.limits;
    if (this.bytes > bytesMax) throw tooLarge(bytesMax);
    const hash = createHash('sha256').update(data).digest('hex');
    this.handed.add(hash);
    if (this.to.uploaded.has(hash)) return hash;
    if (this.to.bytes + data.length > SESSION_BYTES_MAX) throw sessionFull();
    this.to.bytes += data.length;
    await this.to.session.upload([...uploadRequests(uploadName(hash), Buffer.from(data))]);
    this.to.uploaded.add(hash);
    return hash;
  }

  private relation(kind: string, value: object): PlanMessage {
    return this.schema.make('Relation', { relType: { case: kind, value } });
  }
}

/** Enough to go past `bytesMax` if the rows are as wide as those before; always more of them. */
export function nextLimit(rows: number, bytes: number, bytesMax: number): number {
  const filling = Math.ceil((bytesMax / Math.max(bytes, 1)) * rows * WIDER);
  return Math.min(ROWS_MAX, Math.max(2 * rows, filling));
}

const tooLarge = (bytesMax: number): GovernanceError =>
  new GovernanceError('BYTE_LIMIT_EXCEEDED', `The code would be given more than ${bytesMax} bytes of rows.`, {
    remedy:
      'Filter, select fewer columns or aggregate before the code; an operator can raise SLUICE_CODE_BYTES_MAX.',
    sqlState: '54000',
  });

const sessionFull = (): GovernanceError =>
  new GovernanceError('RESOURCES_EXHAUSTED', 'This session has handed too many rows to code.', {
    remedy: 'Begin a new session.',
    sqlState: '53000',
  });
