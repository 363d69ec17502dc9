/** Tells of each statement's lineage when it starts and when it has ended. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type StatementLineage, statementLineage } from '../core/lineage/lineage.js';
import type { LineageSink } from '../core/lineage/lineage-sink.js';
import type { LineageRun, RunEnd, RunState } from '../core/lineage/open-lineage.js';
import type { Governed } from './govern.js';

/** Plans remembered: the same question asked again has the same lineage. */
const PLANS_MAX = 1_000;

export class LineageTeller {
  private readonly known = new LRUCache<string, StatementLineage>({ max: PLANS_MAX });

  constructor(
    private readonly namespace: string,
    private readonly sinks: readonly LineageSink[],
  ) {}

  /** Tells of a statement that is about to run; the answer tells how it ended. */
  started(
    statementId: string,
    governed: Governed,
    at: string,
  ): (state: Exclude<RunState, 'START'>, at: string, end: RunEnd) => void {
    const run = this.runOf(statementId, governed);
    this.tell(run, 'START', at);
    return (state, endedAt, end) => this.tell(run, state, endedAt, end);
  }

  private tell(run: LineageRun, state: RunState, at: string, end?: RunEnd): void {
    for (const sink of this.sinks) sink.told(run, state, at, end);
  }

  private runOf(statementId: string, governed: Governed): LineageRun {
    const { governance, bound, secured, planHash, shape, schema, engine, objects } = governed;
    const key = `${planHash} ${bound.output.map((column) => column.name).join('\0')}`;
    const lineage = this.known.get(key) ?? statementLineage(secured.plan, bound.output);
    this.known.set(key, lineage);
    return {
      statementId,
      namespace: this.namespace,
      jobHash: createHash('sha256').update(shape.shape).digest('hex'),
      shape: shape.shape,
      planHash,
      engine: engine.id,
      policyVersion: governance.policyVersion,
      decisionId: governance.decisionId,
      purpose: governance.purpose,
      objects,
      filteredTables: governance.filteredTables,
      maskedColumns: governance.maskedColumns,
      schema: schema.map(({ name, type }) => ({ name, type })),
      lineage,
    };
  }
}
