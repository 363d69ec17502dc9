/**
 * What a Spark Connect server is to the gateway: it judges SQL that was printed for it, and sessions on it take requests
 * whose plans are secured. Messages go in and come out as the wire schema has them; nobody's ids but ours.
 */
import type { ObjectId } from '../../core/catalog/catalog.js';
import type { PlanMessage } from '../../core/plan/connect/message.js';
import type { DataType } from '../../core/plan/types.js';
import type { TargetColumn } from '../../core/plan/write.js';
import type {
  DeltaWritten,
  EngineStage,
  JudgedChange,
  SecuredRowChange,
  SecuredStatement,
  Written,
} from '../../engines/engine.js';

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
  /** A change of rows of the Delta table in this folder as SQL, judged a second time. */
  printChange(
    change: SecuredRowChange,
    folder: string,
    named: ReadonlyMap<string, NamedRelation>,
  ): Promise<JudgedChange>;
  /** The part of `writeStreamOperationStart` that says where the rows of a secured relation go. */
  streamInto(relation: PlanMessage, into: StreamInto): Promise<Readonly<Record<string, unknown>>>;
  /** The session of this key, made with these settings when there is none. */
  session(key: SessionKey, settings: Readonly<Record<string, string>>): Promise<ConnectSession>;
  /** Stages of an operation that runs or has run; none where nothing tells. */
  stages(operationId: string): Promise<readonly EngineStage[]>;
  /** Ends the sessions of a client but for that of one policy version. */
  end(clientSession: string, keep?: number): void;
}

export interface StreamInto {
  readonly columns: readonly TargetColumn[];
  /** Of a Delta table. */
  readonly folder: string;
  /** A file name. */
  readonly checkpoint: string;
  /** Delta tables that are streamed, by object id, at the version that was decided on. */
  readonly sources: ReadonlyMap<ObjectId, { readonly folder: string; readonly logVersion: number }>;
}

export interface FilesWrite {
  readonly columns: readonly TargetColumn[];
  readonly folder: string;
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

type Fields = Readonly<Record<string, unknown>>;

/** One session on the server. */
export interface ConnectSession {
  /** One request, one answer; ids are filled in. Throws GovernanceError. */
  call(method: string, fields: Fields): Promise<PlanMessage>;
  /** `signal`, or leaving the loop, ends the call, not what runs on the server. */
  answers(method: string, fields: Fields, signal: AbortSignal): AsyncGenerator<PlanMessage>;
  /** Rows of a secured relation, complete or thrown: each batch an Arrow stream of its own, at least one. */
  rows(
    relation: PlanMessage,
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly data: Uint8Array; readonly rows: number }>;
  /** Rows of a secured relation as files in a folder of one write, by position. */
  writeFiles(relation: PlanMessage, write: FilesWrite): Promise<Written>;
  /** Rows of a secured relation into the Delta table of a folder. One write of a table at a time. */
  writeDelta(
    relation: PlanMessage,
    write: FilesWrite & { readonly mode: 'append' | 'overwrite' },
  ): Promise<DeltaWritten>;
  /** A change that was printed and judged; `references`: relations that it names, secured. */
  changeDelta(
    change: JudgedChange & {
      readonly references: readonly PlanMessage[];
      readonly folder: string;
      readonly bytesMax: number;
      readonly signal: AbortSignal;
    },
  ): Promise<DeltaWritten>;
  /** A stream of requests, one answer. */
  upload(requests: readonly Fields[]): Promise<PlanMessage>;
}

/** As much of a session as it takes to run a plan, wherever. */
export type PlanSession = Pick<ConnectSession, 'call' | 'answers' | 'upload'>;

/** A server for code of callers: it has no tables, and sessions on it are given rows. */
export interface CodeEngine {
  session(key: SessionKey, settings: Readonly<Record<string, string>>): Promise<PlanSession>;
  /** Ends the sessions of a client but for that of one policy version. */
  end(clientSession: string, keep?: number): void;
}
