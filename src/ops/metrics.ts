/** Prometheus metrics of one gateway. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Observation, StatementEnd } from './observation.js';

const STAGE_BUCKETS_SECONDS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 300];
const LAKE_CHANGES = ['added', 'changed', 'vanished'] as const;
const LAG_RESOLUTION_MS = 10;

/** What an engine tells of itself. */
export interface EngineGauges {
  readonly id: string;
  readonly running: number;
  readonly queued: number;
  /** Where it runs on a cluster that tells. */
  readonly cluster?: Readonly<Record<ClusterGauge, number>>;
}
type ClusterGauge = keyof typeof CLUSTER_GAUGES;
const CLUSTER_GAUGES = {
  workers: ['sluice_cluster_workers', 'Workers of the cluster.'],
  executors: ['sluice_cluster_executors', 'Executors that take tasks.'],
  cores: ['sluice_cluster_cores', 'Cores of the executors.'],
  memoryBytes: ['sluice_cluster_memory_bytes', 'Memory that executors have for data.'],
  runningStages: ['sluice_cluster_running_stages', 'Stages that run now.'],
  runningTasks: ['sluice_cluster_running_tasks', 'Tasks that run now.'],
  failedTasks: ['sluice_cluster_failed_tasks', 'Tasks that failed, of the executors that are known.'],
  spilledBytes: ['sluice_cluster_spilled_bytes', 'Bytes that stages put on disk for want of memory.'],
} as const;

/** Asked at each scrape. */
export interface Gauges {
  readonly evidenceWaiting: () => number;
  readonly engines: () => readonly EngineGauges[];
  readonly policyVersion: () => number;
  readonly catalogTables: () => number;
  readonly driftedTables: () => number;
}

export class Metrics {
  readonly registry = new Registry();
  private readonly stages: Histogram<'stage'>;
  private readonly stageErrors: Counter<'stage'>;
  private readonly decisions: Counter<'outcome'>;
  private readonly statements: Counter<'state' | 'code' | 'engine'>;
  private readonly rows: Counter<'engine'>;
  private readonly failures: Counter<'kind'>;
  private readonly lake: Counter<'change'>;

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({
      register: this.registry,
      prefix: 'sluice_',
      eventLoopMonitoringPrecision: LAG_RESOLUTION_MS,
    });
    this.stages = new Histogram({
      name: 'sluice_stage_duration_seconds',
      help: 'Time that statements spent in each of the nine stages.',
      labelNames: ['stage'],
      buckets: STAGE_BUCKETS_SECONDS,
      registers,
    });
    this.stageErrors = new Counter({
      name: 'sluice_stage_errors_total',
      help: 'Statements that ended badly, by the stage that they came to.',
      labelNames: ['stage'],
      registers,
    });
    this.decisions = new Counter({
      name: 'sluice_decisions_total',
      help: 'Statements that were decided on, by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    this.statements = new Counter({
      name: 'sluice_statements_total',
      help: 'Statements that ended, by how.',
      labelNames: ['state', 'code', 'engine'],
      registers,
    });
    this.rows = new Counter({
      name: 'sluice_result_rows_total',
      help: 'Rows given out.',
      labelNames: ['engine'],
      registers,
    });
    this.failures = new Counter({
      name: 'sluice_problems_total',
      help: 'Things an operator should look at, by kind; the log has the details.',
      labelNames: ['kind'],
      registers,
    });
    this.lake = new Counter({
      name: 'sluice_lake_changes_total',
      help: 'Tables of the lake that were found new, changed or gone.',
      labelNames: ['change'],
      registers,
    });
  }

  /** Gauges exist once their parts do. */
  watch(gauges: Gauges): void {
    this.gauge('sluice_evidence_waiting', 'Records that wait to be written.', gauges.evidenceWaiting);
    const { engines } = gauges;
    this.perEngine(
      engines,
      'sluice_engine_running',
      'Statements that the engine runs now.',
      (e) => e.running,
    );
    this.perEngine(engines, 'sluice_engine_queued', 'Statements that wait for the engine.', (e) => e.queued);
    for (const [key, [name, help]] of Object.entries(CLUSTER_GAUGES))
      this.perEngine(engines, name, help, ({ cluster }) => cluster?.[key as ClusterGauge]);
    this.gauge('sluice_policy_version', 'Policy version in force on this gateway.', gauges.policyVersion);
    this.gauge('sluice_catalog_tables', 'Tables in the catalogue.', gauges.catalogTables);
    this.gauge(
      'sluice_catalog_drifted_tables',
      'Tables whose columns are not those that policies were written for.',
      gauges.driftedTables,
    );
  }

  observe(observation: Observation): void {
    switch (observation.kind) {
      case 'statement': {
        const { state, code = '', engine = '', timings, rowCount } = observation.statement;
        this.statements.inc({ state, code, engine });
        if (rowCount !== undefined) this.rows.inc({ engine }, rowCount);
        for (const [stage, elapsedMs] of Object.entries(timings)) {
          if (elapsedMs !== undefined) this.stages.observe({ stage }, elapsedMs / 1_000);
        }
        const stage = failedStage(observation.statement);
        if (stage !== undefined) this.stageErrors.inc({ stage });
        const outcome = decisionOf(observation.statement);
        if (outcome !== undefined) this.decisions.inc({ outcome });
        return;
      }
      case 'lake-changed':
        for (const change of LAKE_CHANGES) this.lake.inc({ change }, observation[change]);
        return;
      case 'lake-problem':
      case 'policy-problem':
      case 'login-failed':
      case 'request-failed':
      case 'background-failed':
      case 'database-lost':
        this.failures.inc({ kind: observation.kind });
        return;
      default:
    }
  }

  private perEngine(
    engines: Gauges['engines'],
    name: string,
    help: string,
    read: (engine: EngineGauges) => number | undefined,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: ['engine'],
      registers: [this.registry],
      collect() {
        // One that is gone has no values any more.
        this.reset();
        for (const engine of engines()) {
          const value = read(engine);
          if (value !== undefined) this.set({ engine: engine.id }, value);
        }
      },
    });
  }

  private gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}

/** Where a statement came to that did not succeed; a refusal is put on record afterwards. */
function failedStage({ state, laps }: StatementEnd): string | undefined {
  if (state === 'succeeded') return undefined;
  const stages = laps.map(({ stage }) => stage);
  return (state === 'refused' ? stages.filter((stage) => stage !== 'record') : stages).at(-1);
}

/** Undefined: refused before anything was decided, or for another reason after it. */
function decisionOf(end: StatementEnd): 'allowed' | 'denied' | undefined {
  if (end.state !== 'refused') return 'allowed';
  return failedStage(end) === 'decide' ? 'denied' : undefined;
}
