/**
 * What Spark's own pages tell of the cluster: the master's JSON and the driver's REST. Looked at again when somebody
 * asks and the last look is some seconds old; nobody ever waits for it.
 */
import type { EngineCluster, EngineStage } from '../engine.js';

const STALE_MS = 5_000;
const TIMEOUT_MS = 10_000;
/** What was seen before this is nothing to go by. */
const KEPT_MS = 60_000;

export interface ClusterUrls {
  /** The driver's page, `http://host:4040`. */
  readonly ui?: string;
  /** The master's page, `http://host:8080`, of a standalone cluster. */
  readonly master?: string;
}

interface Executor {
  readonly id: string;
  readonly isActive: boolean;
  readonly totalCores: number;
  readonly maxMemory: number;
  readonly activeTasks: number;
  readonly failedTasks: number;
}
interface Job {
  readonly jobTags?: readonly string[];
  readonly stageIds: readonly number[];
}
interface Stage {
  readonly stageId: number;
  readonly attemptId: number;
  readonly status: string;
  readonly numTasks: number;
  readonly numCompleteTasks: number;
  readonly numFailedTasks: number;
  readonly submissionTime?: string;
  readonly completionTime?: string;
  readonly executorRunTime: number;
  readonly inputBytes: number;
  readonly shuffleReadBytes: number;
  readonly shuffleWriteBytes: number;
  readonly memoryBytesSpilled: number;
  readonly diskBytesSpilled: number;
}

export class ClusterStatus {
  readonly #urls: ClusterUrls;
  readonly #closed = new AbortController();
  #seen: EngineCluster | undefined;
  #seenMs = Number.NEGATIVE_INFINITY;
  #looking = false;

  constructor(urls: ClusterUrls) {
    this.#urls = urls;
  }

  /** As last seen; undefined when nothing can be. */
  current(): EngineCluster | undefined {
    if (this.#urls.ui === undefined) return undefined;
    const now = performance.now();
    if (!this.#looking && now - this.#seenMs > STALE_MS) {
      this.#looking = true;
      this.look()
        .catch(() => undefined)
        .finally(() => {
          this.#looking = false;
        });
    }
    return now - this.#seenMs > KEPT_MS ? undefined : this.#seen;
  }

  /** Looks now. */
  async look(): Promise<EngineCluster | undefined> {
    const { ui, master } = this.#urls;
    if (ui === undefined) return undefined;
    const base = await this.#application(ui);
    const [executors, stages, workers] = await Promise.all([
      this.#json<readonly Executor[]>(`${base}/executors`),
      this.#json<readonly Stage[]>(`${base}/stages`),
      master === undefined ? 0 : this.#workers(master),
    ]);
    const active = executors.filter((executor) => executor.isActive);
    // A driver that runs the tasks itself is its own only executor.
    const others = active.filter((executor) => executor.id !== 'driver');
    const working = others.length > 0 || workers > 0 ? others : active;
    this.#seen = {
      workers,
      executors: working.length,
      cores: sum(working.map((executor) => executor.totalCores)),
      memoryBytes: sum(working.map((executor) => executor.maxMemory)),
      runningStages: stages.filter((stage) => stage.status === 'ACTIVE').length,
      runningTasks: sum(working.map((executor) => executor.activeTasks)),
      failedTasks: sum(executors.map((executor) => executor.failedTasks)),
      spilledBytes: sum(stages.map((stage) => stage.memoryBytesSpilled + stage.diskBytesSpilled)),
      seenAt: new Date().toISOString(),
    };
    this.#seenMs = performance.now();
    return this.#seen;
  }

  /** The stages of the jobs that Spark started for an operation, in their order; none without a page to ask. */
  async stages(operationId: string): Promise<readonly EngineStage[]> {
    const { ui } = this.#urls;
    if (ui === undefined) return [];
    const base = await this.#application(ui);
    const [jobs, stages] = await Promise.all([
      this.#json<readonly Job[]>(`${base}/jobs`),
      this.#json<readonly Stage[]>(`${base}/stages`),
    ]);
    const tag = `_Operation_${operationId}`;
    const ids = new Set(
      jobs
        .filter(({ jobTags = [] }) => jobTags.some((one) => one.endsWith(tag)))
        .flatMap((job) => job.stageIds),
    );
    return stages
      .filter(({ stageId }) => ids.has(stageId))
      .sort((one, other) => one.stageId - other.stageId || one.attemptId - other.attemptId)
      .map(shownStage);
  }

  async #application(ui: string): Promise<string> {
    const [application] = await this.#json<readonly { readonly id: string }[]>(`${ui}/api/v1/applications`);
    return `${ui}/api/v1/applications/${encodeURIComponent(application?.id ?? '')}`;
  }

  close(): void {
    this.#closed.abort();
  }

  async #workers(master: string): Promise<number> {
    const { aliveworkers } = await this.#json<{ readonly aliveworkers?: number }>(`${master}/json/`);
    return aliveworkers ?? 0;
  }

  async #json<T>(url: string): Promise<T> {
    const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const answer = await fetch(url, { signal, headers: { accept: 'application/json' } });
    if (!answer.ok) throw new Error(`the page of the cluster answered ${answer.status}`);
    return (await answer.json()) as T;
  }
}

const shownStage = (stage: Stage): EngineStage => ({
  stage: stage.stageId,
  attempt: stage.attemptId,
  state: stage.status.toLowerCase(),
  tasks: stage.numTasks,
  tasksCompleted: stage.numCompleteTasks,
  tasksFailed: stage.numFailedTasks,
  submittedAt: isoTime(stage.submissionTime),
  completedAt: isoTime(stage.completionTime),
  taskMs: stage.executorRunTime,
  inputBytes: stage.inputBytes,
  shuffleReadBytes: stage.shuffleReadBytes,
  shuffleWriteBytes: stage.shuffleWriteBytes,
  spilledBytes: stage.memoryBytesSpilled + stage.diskBytesSpilled,
});

/** `2026-01-31T12:00:00.000GMT`, as Spark writes it. */
const isoTime = (time: string | undefined): string | null => time?.replace(/GMT$/, 'Z') ?? null;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
