/**
 * What Spark's own pages tell of the cluster: the master's JSON and the driver's REST. Looked at again when somebody
 * asks and the last look is some seconds old; nobody ever waits for it.
 */
import type { EngineCluster } from '../engine.js';

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
interface Stage {
  readonly status: string;
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
    const [application] = await this.#json<readonly { readonly id: string }[]>(`${ui}/api/v1/applications`);
    const base = `${ui}/api/v1/applications/${encodeURIComponent(application?.id ?? '')}`;
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

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
