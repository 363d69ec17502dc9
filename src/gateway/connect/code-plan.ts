/**
 * A plan with code in it: its parts that read run where all plans run, under the same decision; their rows, filtered and
 * masked, go to the caller's own session on the server for code, and what stands above them runs there.
 */
import { createHash } from 'node:crypto';
import type { ObjectId } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import { proveNothingRead } from '../../core/plan/connect/closed.js';
import { type CodeFunction, codeIn, codeRefused } from '../../core/plan/connect/code.js';
import type { MessageSchema, PlanMessage } from '../../core/plan/connect/message.js';
import { type CodeSplit, splitCode } from '../../core/plan/connect/split-code.js';
import type { BindScope } from '../bind-context.js';
import { decideFor } from '../decide-statement.js';
import type { ClientSession, CodeSession, EngineSession } from './connect-session.js';
import type { CodeEngine, PlanSession } from './engine.js';
import { uploadRequests } from './uploads.js';

export const CODE_ENGINE = 'spark-code';
/** One session leaves so much on the server, which keeps it until the session ends. */
const SESSION_BYTES_MAX = 1024 * 2 ** 20;

export interface CodeDeps {
  readonly engine: CodeEngine;
  /** Of rows that one plan hands over. */
  readonly bytesMax: number;
}

export interface CodePlan {
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

export interface CodePlanInput {
  readonly deps: CodeDeps | undefined;
  readonly schema: MessageSchema;
  readonly session: ClientSession;
  readonly engine: EngineSession;
  /** Secured, with code in it. */
  readonly plan: PlanMessage;
}

export function codePlan({ deps, schema, session, engine, plan }: CodePlanInput): CodePlan {
  if (deps === undefined) throw codeRefused('The plan', 'no-engine');
  const split = splitCode(plan, schema);
  const open = (): Promise<CodeSession> => session.codeSession(deps.engine, engine.policyVersion);
  return {
    functions: codeIn(plan, schema),
    parts: split.parts,
    session: async () => (await open()).session,
    handOver: async (signal, rows) => {
      const handing = new HandOver(schema, await open(), deps.bytesMax, signal);
      return handing.run(engine, split, rows);
    },
  };
}

class HandOver {
  private bytes = 0;
  private readonly handed = new Set<string>();

  constructor(
    private readonly schema: MessageSchema,
    private readonly to: CodeSession,
    private readonly bytesMax: number,
    private readonly signal: AbortSignal,
  ) {}

  async run(from: EngineSession, split: CodeSplit, rows: 'all' | 'none'): Promise<PlanMessage> {
    const relations: PlanMessage[] = [];
    for (const part of split.parts) {
      const input = rows === 'all' ? part : this.relation('limit', { input: part, limit: 0 });
      const dataHashes: string[] = [];
      for await (const { data } of from.session.rows(input, this.signal)) {
        dataHashes.push(await this.batch(data));
      }
      relations.push(this.relation('chunkedCachedLocalRelation', { dataHashes }));
    }
    const upper = split.put(relations);
    proveNothingRead(upper, this.schema, this.handed);
    return upper;
  }

  /** Rows as they came; the hash that they are known by there. */
  private async batch(data: Uint8Array): Promise<string> {
    this.bytes += data.length;
    if (this.bytes > this.bytesMax) throw tooLarge(this.bytesMax);
    const hash = createHash('sha256').update(data).digest('hex');
    this.handed.add(hash);
    if (this.to.uploaded.has(hash)) return hash;
    if (this.to.bytes + data.length > SESSION_BYTES_MAX) throw sessionFull();
    this.to.bytes += data.length;
    await this.to.session.upload([...uploadRequests(hash, Buffer.from(data))]);
    this.to.uploaded.add(hash);
    return hash;
  }

  private relation(kind: string, value: object): PlanMessage {
    return this.schema.make('Relation', { relType: { case: kind, value } });
  }
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
