/**
 * What a Spark Connect server is to the gateway: it judges SQL that was printed for it, and sessions on it take requests
 * whose plans are secured. Messages go in and come out as the wire schema has them; nobody's ids but ours.
 */
import type { PlanMessage } from '../../core/plan/connect/message.js';
import type { DataType } from '../../core/plan/types.js';
import type { EngineStage, SecuredStatement } from '../../engines/engine.js';

/** A relation of the same plan that SQL may name like a table. */
export interface NamedRelation {
  /** Made by us. */
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: DataType }[];
}

export interface SessionKey {
  readonly clientSession: string;
  readonly policyVersion: number;
}

export interface ConnectEngine {
  /** `4.2.0`. */
  serverVersion(): Promise<string>;
  /**
   * The plan as SQL whose columns are `c<id>`, judged a second time; throws SECOND_CHECK. `named`: what stands for
   * object ids that are no tables.
   */
  print(statement: SecuredStatement, named: ReadonlyMap<string, NamedRelation>): Promise<string>;
  /** The session of this key, made with these settings when there is none. */
  session(key: SessionKey, settings: Readonly<Record<string, string>>): Promise<ConnectSession>;
  /** Stages of an operation that runs or has run; none where nothing tells. */
  stages(operationId: string): Promise<readonly EngineStage[]>;
  /** Ends the sessions of a client but for that of one policy version. */
  end(clientSession: string, keep?: number): void;
}

type Fields = Readonly<Record<string, unknown>>;

/** One session on the server. */
export interface ConnectSession {
  /** One request, one answer; ids are filled in. Throws GovernanceError. */
  call(method: string, fields: Fields): Promise<PlanMessage>;
  /** `signal`, or leaving the loop, ends the call, not what runs on the server. */
  answers(method: string, fields: Fields, signal: AbortSignal): AsyncGenerator<PlanMessage>;
  /** A stream of requests, one answer. */
  upload(requests: readonly Fields[]): Promise<PlanMessage>;
}
