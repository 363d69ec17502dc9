/** The engines of a gateway: DuckDB in this process, always, and Spark where there is one. */
import { join, resolve } from 'node:path';
import { type Config, ConfigError } from './config.js';
import { GovernanceError } from './core/errors.js';
import { ENGINE_IDS, type EngineId } from './core/policy/resources.js';
import { openDuckDbEngine } from './engines/duckdb/duckdb-engine.js';
import { type DuckDbRowConverter, openRowConverter } from './engines/duckdb/row-converter.js';
import type { Engine, EngineStatus } from './engines/engine.js';
import { openRunDirectory } from './engines/output/run-directory.js';
import { SparkCodeEngine } from './engines/spark/code-engine.js';
import { LOCAL_CLUSTER_FILE, SparkSlot, type SparkSlotOptions } from './engines/spark/spark-slot.js';
import { Admission, type AdmissionEvent } from './gateway/admission/admission.js';
import type { GroupCount } from './gateway/admission/turn-queue.js';
import type { StopList } from './ops/shutdown.js';

const STOP_STEP_MS = 5_000;

export type EngineChoice = 'auto' | 'duckdb' | 'spark';

export interface Engines {
  readonly spark: SparkSlot;
  /** For code of callers; absent: none runs. */
  readonly code: SparkCodeEngine | undefined;
  /** Of kept rows. */
  readonly converter: DuckDbRowConverter;
  /** Where statements of every door wait. */
  readonly admission: Admission;
  /** Throws ENGINE_NOT_CONFIGURED. */
  for(choice: EngineChoice): Engine;
  status(): readonly EngineStatus[];
  /** Who runs and waits, by engine and resource group. */
  counts(): readonly (GroupCount & { readonly engine: EngineId })[];
}

export async function openEngines(
  config: Config,
  dataDir: string,
  directories: { readonly lake: readonly string[]; readonly warehouse: string },
  stops: StopList,
  onAdmission: (event: AdmissionEvent) => void,
): Promise<Engines> {
  const admission = openAdmission(config, onAdmission);
  const duckdb = await openDuckDbEngine({
    runningMax: config.runningMax,
    turns: admission.turns('duckdb'),
    directories: directories.lake,
    warehouse: directories.warehouse,
    runDirectory: join(dataDir, 'run'),
    spillBytesMax: config.duckdbTempBytesMax,
    ...(config.duckdbTempDir === undefined ? {} : { spillDirectory: resolve(config.duckdbTempDir) }),
    ...(config.duckdbMemory === undefined ? {} : { memoryBytesMax: config.duckdbMemory }),
    ...(config.duckdbThreads === undefined ? {} : { threads: config.duckdbThreads }),
  });
  stops.add('engine', STOP_STEP_MS, () => duckdb.close());
  const converter = await openRowConverter({
    runDirectory: join(dataDir, 'run-formats'),
    spillBytesMax: config.duckdbTempBytesMax,
  });
  stops.add('formats', STOP_STEP_MS, () => converter.close());
  const runDirectory = await openRunDirectory(join(dataDir, 'run-spark'));
  const spark = openSpark(config, {
    turns: () => admission.turns('spark'),
    runDirectory,
    converter,
    localClusterFile: join(dataDir, LOCAL_CLUSTER_FILE),
  });
  stops.add('Spark', STOP_STEP_MS, async () => {
    await spark.close();
    await runDirectory.remove();
  });
  const code = openCode(config);
  stops.add('Spark for code', STOP_STEP_MS, async () => code?.close());
  return {
    spark,
    code,
    converter,
    admission,
    for: (choice) => {
      const wanted = choice === 'auto' ? config.engine : choice;
      return wanted === 'duckdb' ? duckdb : (spark.current() ?? noSpark());
    },
    status: () => [duckdb.status(), ...spark.status(), ...(code === undefined ? [] : [code.status()])],
    counts: () =>
      ENGINE_IDS.flatMap((engine) => admission.counts(engine).map((count) => ({ engine, ...count }))),
  };
}

function openAdmission(config: Config, observe: (event: AdmissionEvent) => void): Admission {
  const waiting = { waitingMax: config.queueMax, waitingPerPrincipalMax: config.queuePerPrincipalMax };
  return new Admission({
    engines: {
      duckdb: { runningMax: config.runningMax, ...waiting },
      spark: { runningMax: config.sparkRunningMax, ...waiting },
    },
    // Nothing waits for longer than it could run.
    waitMsMax: config.statementTimeoutMsMax,
    observe,
  });
}

function openSpark(
  config: Config,
  options: Omit<SparkSlotOptions, 'settings' | 'cluster' | 'url'>,
): SparkSlot {
  try {
    return new SparkSlot({
      ...options,
      settings: sparkSettings(config),
      cluster: {
        ...(config.sparkUiUrl === undefined ? {} : { ui: config.sparkUiUrl }),
        ...(config.sparkMasterUiUrl === undefined ? {} : { master: config.sparkMasterUiUrl }),
      },
      ...(config.sparkUrl === undefined ? {} : { url: config.sparkUrl }),
    });
  } catch (error) {
    throw new ConfigError([`SLUICE_SPARK_URL ${(error as Error).message}.`]);
  }
}

function openCode(config: Config): SparkCodeEngine | undefined {
  if (config.sparkCodeUrl === undefined) return undefined;
  try {
    return new SparkCodeEngine(config.sparkCodeUrl, sparkSettings(config));
  } catch (error) {
    throw new ConfigError([`SLUICE_SPARK_CODE_URL ${(error as Error).message}.`]);
  }
}

/** What may differ from session to session, as Spark calls it. */
const sparkSettings = (config: Config): Readonly<Record<string, string>> => ({
  'spark.sql.adaptive.enabled': String(config.sparkAdaptive),
  'spark.sql.shuffle.partitions': String(config.sparkShufflePartitions),
});

function noSpark(): never {
  throw new GovernanceError('ENGINE_NOT_CONFIGURED', 'No Spark runs for this gateway.', {
    remedy:
      'Use engine: auto or duckdb; an operator can start one with npm run spark or set SLUICE_SPARK_URL.',
  });
}
