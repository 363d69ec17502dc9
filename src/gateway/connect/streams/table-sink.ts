/**
 * A stream into a Delta table is an INSERT that goes on. Spark commits each batch to the log; it is seen when the watch over
 * the stream has found that all still holds and Postgres has the version, with the tags of its rows. A batch that was never
 * seen is taken back before the next write of the table, and the stream makes it anew.
 */
import { createHash, randomUUID } from 'node:crypto';
import { GovernanceError } from '../../../core/errors.js';
import { notAllowed } from '../../../core/plan/connect/require-allowed.js';
import type { StreamStart } from '../../../core/plan/connect/stream-start.js';
import { printSparkStatement } from '../../../core/sql/print-spark.js';
import type { LogState } from '../../table-commits.js';
import { Stopwatch } from '../../timings.js';
import type { DecidedRows } from '../../write/govern-write.js';
import { deltaOf, inLog } from '../../write/run-delta-write.js';
import { targetNames } from '../../write/write-target.js';
import { planScope } from '../govern-plan.js';
import { START } from '../plan-leaf.js';
import { governOrRefuse, type PlanRun, type RecordedPlan, recordingRefusals } from '../run-plan.js';
import { type PlanWriteDeps, runPlanWrite } from '../run-plan-write.js';
import { qualifiedName, rowsQuery, withRows } from '../write-command.js';
import { streamStopped } from './stream-errors.js';

type IntoTable = Extract<StreamStart['sink'], { readonly kind: 'table' }>;

/** The stream as the INSERT that it is. A table that is not there is made, empty and with its tags, once all is allowed. */
export async function insertingRun(
  deps: PlanWriteDeps,
  run: PlanRun,
  { name }: IntoTable,
  outputMode: StreamStart['outputMode'],
): Promise<PlanRun> {
  const { schema } = deps;
  const names = targetNames(planScope(deps, run.caller, run.session));
  const there = name.length <= 3 ? names.resolve(name) : undefined;
  const target = qualifiedName(name);
  const insert = withRows(schema, run.plan, {
    kind: 'insert',
    target,
    overwrite: outputMode === 'complete',
    byName: true,
    query: rowsQuery(),
    at: START,
  });
  const inserting = { ...run, writes: true, plan: insert };
  if (there !== undefined) {
    await requireStreamable(deps, inserting);
    return inserting;
  }
  const creation = {
    name: target,
    orReplace: false,
    ifNotExists: false,
    format: 'delta',
    at: START,
  } as const;
  const made = withRows(schema, run.plan, { ...creation, kind: 'create-table-as', query: rowsQuery() });
  const { write, tags } = await requireStreamable(deps, { ...run, writes: true, plan: made });
  const columns = write.columns.map(({ name: column, type }) => ({
    name: { name: column, quoted: true, at: START },
    type,
    at: START,
  }));
  const query = printSparkStatement({ ...creation, kind: 'create-table', columns });
  const plan = schema.make('Relation', { relType: { case: 'sql', value: { query } } });
  const { caller, session } = run;
  const creating = { statementId: randomUUID(), caller, session, plan, watch: new Stopwatch() };
  await runPlanWrite(deps, creating, new AbortController().signal, tags);
  return inserting;
}

/** What would be refused is refused before anything is made or on record as begun. */
const requireStreamable = (deps: PlanWriteDeps, run: PlanRun): Promise<DecidedRows> =>
  governOrRefuse(deps, run).then(({ write }) =>
    recordingRefusals(deps, run, async () => streamable(write?.into)),
  );

export function streamable(into: DecidedRows | undefined): DecidedRows {
  if (into === undefined) throw new Error('a stream into nothing');
  const { object, at } = into.write.target;
  if (into.write.format !== 'delta') {
    throw new GovernanceError('TABLE_NOT_WRITABLE', `${object} is not a Delta table: no stream writes it.`, {
      position: at,
      remedy: 'Stream to a table of another name, or make one: CREATE TABLE ... USING delta AS SELECT ...',
      sqlState: '42809',
    });
  }
  if (into.afterDecision.rows.kind !== 'all') {
    throw notAllowed(
      'A stream into a table whose row rules hold for you',
      'Each row would have to be held against them: write in batches, or to a table of your own schema in work.',
    );
  }
  return into;
}

export class TableSink {
  private last: Promise<number> = Promise.resolve(0);
  private over = false;
  private seen: number;

  private constructor(
    private readonly deps: PlanWriteDeps,
    private readonly recorded: RecordedPlan,
    private readonly into: DecidedRows,
    private readonly owner: string,
    private readonly log: LogState,
    private readonly letGo: () => Promise<void>,
  ) {
    this.seen = log.logVersion;
  }

  /** Alone at the log of the table, until it is released. */
  static async open(deps: PlanWriteDeps, recorded: RecordedPlan, owner: string): Promise<TableSink> {
    const into = streamable(recorded.write?.into);
    const { object } = into.write.target;
    let release: () => void = () => undefined;
    let holding: Promise<void> = Promise.resolve();
    const log = await new Promise<LogState>((resolve, reject) => {
      holding = inLog(deps, deltaOf(deps.engineFor('spark')), recorded.write?.existing, object, (state) => {
        resolve(state);
        return new Promise<void>((done) => {
          release = done;
        });
      });
      holding.catch(reject);
    });
    return new TableSink(deps, recorded, into, owner, log, () => {
      release();
      return holding;
    });
  }

  get object(): string {
    return this.into.write.target.object;
  }

  /** What the server is told of where the rows go. */
  fields(name: string): Promise<Readonly<Record<string, unknown>>> {
    const { secured, bound, write } = this.recorded;
    const streamed = [...bound.leaves.values()]
      .filter(({ stream }) => stream !== undefined)
      .flatMap((leaf) => leaf.bound.leaves.map(({ table }) => table));
    const facts = JSON.stringify([this.owner, name, [...new Set(streamed)].sort()]);
    const checkpoint = createHash('sha256').update(facts).digest('hex');
    const { columns } = this.into.write;
    const sources = new Map(
      streamed.flatMap((object) => {
        const source = write?.scope.catalog.tables.get(object)?.source;
        return source?.format === 'delta' ? [[object, source] as const] : [];
      }),
    );
    return this.deps.engine.streamInto(secured, { columns, folder: this.log.folder, checkpoint, sources });
  }

  /** Lets all see the batches that have come since; how many rows they brought. */
  acknowledge(): Promise<number> {
    this.last = this.last.catch(() => 0).then(() => this.showNew());
    return this.last;
  }

  async release(): Promise<void> {
    this.over = true;
    await this.last.catch(() => 0);
    await this.letGo();
  }

  private async showNew(): Promise<number> {
    if (this.over) return 0;
    const delta = deltaOf(this.deps.engineFor('spark'));
    const { folder, held } = this.log;
    await held();
    let rows = 0;
    const newest = await delta.logVersion(folder);
    while (this.seen < newest) {
      await this.show(this.seen + 1);
      this.seen += 1;
      rows += await delta.rowsOfVersion(folder, this.seen);
    }
    return rows;
  }

  private async show(logVersion: number): Promise<void> {
    const { write, tags } = this.into;
    const { governance, write: governed } = this.recorded;
    const outcome = await this.deps.tables.commit({
      // Each batch has one of its own: by it a commit is found again whose answer was lost.
      statementId: randomUUID(),
      target: write.target.object,
      mode: 'append',
      format: 'delta',
      columns: write.columns,
      seenVersion: governed?.existing?.managed?.version ?? 0,
      lake: false,
      owner: this.owner,
      tags,
      files: [],
      logVersion,
      logFolder: this.log.folder,
      policyVersion: governance.policyVersion,
    });
    if (outcome.kind === 'policy-changed')
      throw streamStopped('Policies have changed since the stream was started.');
  }
}
