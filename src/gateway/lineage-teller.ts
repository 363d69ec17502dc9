/** Tells of each statement's lineage when it starts and when it has ended. */
import { createHash } from 'node:crypto';
import type { StatementLineage } from '../core/lineage/lineage.js';
import type { LineageSink } from '../core/lineage/lineage-sink.js';
import type { LineageRun, RunEnd, RunState, WrittenTable } from '../core/lineage/open-lineage.js';
import type { Governance } from './statement.js';

export interface NamedType {
  readonly name: string;
  readonly type: string;
}

/** A statement as lineage sees it, whichever way it came. */
export interface ToldStatement {
  /** Literals taken out. */
  readonly shape: string;
  readonly planHash: string;
  readonly engine: string;
  readonly governance: Governance;
  readonly objects: readonly string[];
  /** The table that it writes. */
  readonly target?: WrittenTable;
  /** Columns of the result; undefined: not known before it has run. */
  readonly schema?: readonly NamedType[];
  /** Worked out when it is told; `schema` as it was found in the end. */
  lineage(schema: readonly NamedType[] | undefined): StatementLineage;
}

/** `schema`: of the result, where it was not known before. */
export type ToldEnd = RunEnd & { readonly schema?: readonly NamedType[] };

export type EndTeller = (state: Exclude<RunState, 'START'>, at: string, end: ToldEnd) => void;

const NOT_KNOWN_YET: StatementLineage = { outputs: [], dataset: [], truncated: false, approximate: false };

export class LineageTeller {
  constructor(
    private readonly namespace: string,
    private readonly sinks: readonly LineageSink[],
    private readonly onProblem: (error: unknown) => void,
  ) {}

  /** Tells of a statement that is about to run; the answer tells how it ended. */
  started(statementId: string, statement: ToldStatement, at: string): EndTeller {
    const run = this.runOf(statementId, statement);
    this.tell(run, 'START', at);
    return (state, endedAt, { schema = statement.schema, ...end }) => {
      // Nobody waits for it: the answer is on its way before this begins.
      setImmediate(() => {
        try {
          const lineage = statement.lineage(schema);
          const named = schema !== undefined;
          this.tell({ ...run, schema: schema ?? [], named, lineage }, state, endedAt, end);
        } catch (error) {
          this.onProblem(error);
        }
      });
    };
  }

  private tell(run: LineageRun, state: RunState, at: string, end?: RunEnd): void {
    for (const sink of this.sinks) sink.told(run, state, at, end);
  }

  private runOf(statementId: string, statement: ToldStatement): LineageRun {
    const { shape, planHash, engine, governance, objects, target, schema } = statement;
    return {
      statementId,
      namespace: this.namespace,
      jobHash: createHash('sha256').update(jobOf(statement)).digest('hex'),
      shape,
      planHash,
      engine,
      policyVersion: governance.policyVersion,
      decisionId: governance.decisionId,
      purpose: governance.purpose,
      objects,
      filteredTables: governance.filteredTables,
      maskedColumns: governance.maskedColumns,
      schema: schema ?? [],
      named: schema !== undefined,
      ...(target === undefined ? {} : { target }),
      lineage: NOT_KNOWN_YET,
    };
  }
}

/**
 * The same words may write another table, from another schema; and who sees less has other edges, which must not take the
 * place of those of who sees more.
 */
function jobOf({ shape, target, governance }: ToldStatement): string {
  const masked = governance.maskedColumns.map(({ object, column }) => `mask ${object}.${column}`);
  const filtered = governance.filteredTables.map(({ object }) => `filter ${object}`);
  return [shape, ...(target === undefined ? [] : [target.object]), ...[...masked, ...filtered].sort()].join(
    '\0',
  );
}
