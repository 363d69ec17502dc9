/** Written tables: their folder, their commits, and the catalogue that shows them beside the lake's. */
import { join, resolve } from 'node:path';
import { ConfigError } from './config.js';
import type { CatalogSnapshot } from './core/catalog/catalog.js';
import type { TableCommits } from './gateway/table-commits.js';
import type { Lake } from './lake/lake.js';
import { ManagedCatalog } from './lake/managed-catalog.js';
import type { StopList } from './ops/shutdown.js';
import type { GatewayContext } from './start-gateway.js';
import { ManagedTables } from './store/managed-tables.js';
import { Warehouse } from './store/warehouse.js';
import { sweepWarehouse } from './store/warehouse-sweep.js';

const SWEEP_MS = 10 * 60_000;
/** Over the longest statement: checks and the commit come after it. */
const WRITE_MARGIN_MS = 3_600_000;
const STOP_STEP_MS = 5_000;

export interface Tables {
  /** Those of the lake and the written ones. */
  snapshot(): CatalogSnapshot;
  refresh(): Promise<void>;
  readonly commits: TableCommits;
  readonly warehouse: string;
}

export async function openTables(context: GatewayContext, lake: Lake, stops: StopList): Promise<Tables> {
  const { config, dataDir, store, observe } = context;
  const failed = (error: unknown): void =>
    observe({ kind: 'background-failed', what: 'the catalogue of written tables', error });
  const warehouse = await openWarehouse(resolve(config.warehouse ?? join(dataDir, 'warehouse')));
  const commits: ManagedTables = new ManagedTables({
    database: store.database,
    warehouse,
    // What was committed stays so; it is shown at the next look.
    onChange: () => catalog.refresh().catch(failed),
  });
  const catalog: ManagedCatalog = new ManagedCatalog({
    all: () => commits.all(),
    lake: () => lake.snapshot(),
    url: store.url,
    onProblem: failed,
  });
  await catalog.start();
  stops.add('written tables', STOP_STEP_MS, () => catalog.stop());
  sweepNowAndThen(context, warehouse, stops);
  return {
    snapshot: () => catalog.snapshot(),
    refresh: async () => {
      await lake.refresh();
      await catalog.refresh();
    },
    commits,
    warehouse: warehouse.directory,
  };
}

async function openWarehouse(directory: string): Promise<Warehouse> {
  try {
    return await Warehouse.open(directory);
  } catch (error) {
    throw new ConfigError([`SLUICE_WAREHOUSE cannot be used: ${(error as Error).message}`]);
  }
}

function sweepNowAndThen(
  { config, store, observe }: GatewayContext,
  warehouse: Warehouse,
  stops: StopList,
): void {
  let running: Promise<void> = Promise.resolve();
  const sweep = (): void => {
    running = sweepWarehouse({
      database: store.database,
      warehouse,
      removedKeptMs: config.removedFilesKeptMs,
      writeMsMax: config.statementTimeoutMsMax + WRITE_MARGIN_MS,
      clock: () => new Date(),
    }).catch((error: unknown) =>
      observe({ kind: 'background-failed', what: 'sweeping the warehouse', error }),
    );
  };
  const timer = setInterval(sweep, SWEEP_MS);
  timer.unref();
  stops.add('warehouse', STOP_STEP_MS, async () => {
    clearInterval(timer);
    await running;
  });
}
