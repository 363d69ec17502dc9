/**
 * Which Spark there is: the one of the settings, or the cluster on this machine that `npm run spark` started, whenever it
 * did. That one writes a file with its addresses into the data folder, and takes it away when it stops.
 */
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import type { EngineStatus, EngineTurns } from '../engine.js';
import type { ClusterUrls } from './cluster-status.js';
import { SparkEngine, type SparkEngineOptions } from './spark-engine.js';

/** In the data folder; only its owner may read it, as it holds the token of the server. */
export const LOCAL_CLUSTER_FILE = 'spark.json';

const LocalCluster = z.object({
  connect: z.string(),
  ui: z.string().optional(),
  master: z.string().optional(),
  pid: z.number().int(),
});

export interface SparkSlotOptions extends Omit<SparkEngineOptions, 'url' | 'cluster' | 'turns'> {
  /** For each engine that is made. */
  readonly turns: () => EngineTurns;
  /** Of the settings; absent: a cluster on this machine is looked for. */
  readonly url?: string;
  readonly cluster?: ClusterUrls;
  readonly localClusterFile: string;
}

export class SparkSlot {
  readonly #options: SparkSlotOptions;
  #engine: SparkEngine | undefined;
  /** When the file was written that the engine was made from. */
  #writtenMs: number | undefined;

  constructor(options: SparkSlotOptions) {
    this.#options = options;
    const { url, cluster } = options;
    if (url !== undefined) this.#engine = this.#make(url, cluster ?? {});
  }

  /** Undefined: there is none now. */
  current(): SparkEngine | undefined {
    if (this.#options.url === undefined) this.#look();
    return this.#engine;
  }

  status(): readonly EngineStatus[] {
    const engine = this.current();
    return engine === undefined ? [] : [engine.status()];
  }

  async close(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    await engine?.close();
  }

  #look(): void {
    const file = this.#options.localClusterFile;
    const writtenMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (writtenMs === this.#writtenMs) return;
    this.#writtenMs = writtenMs;
    void this.#engine?.close();
    this.#engine = undefined;
    if (writtenMs === undefined) return;
    const cluster = LocalCluster.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (!cluster.success || !isAlive(cluster.data.pid)) return;
    const { connect, ui, master } = cluster.data;
    this.#engine = this.#make(connect, {
      ...(ui === undefined ? {} : { ui }),
      ...(master === undefined ? {} : { master }),
    });
  }

  #make(url: string, cluster: ClusterUrls): SparkEngine {
    return new SparkEngine({ ...this.#options, turns: this.#options.turns(), url, cluster });
  }
}

/** What a killed cluster left behind is no cluster. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
