/** The lake of a gateway: the user's folder or in demo mode the sample, looked at while it is served. */
import { resolve } from 'node:path';
import type { Config } from './config.js';
import type { TableMeta } from './core/catalog/catalog.js';
import { schemaVersion } from './core/plan/table-shape.js';
import { FOLDER_CATALOG, type Lake, openLake, SAMPLE_CATALOG } from './lake/lake.js';
import { type LakeChange, LakeWatch } from './lake/lake-watch.js';
import { progressOn } from './lake/progress.js';
import { ensureSampleLake, SAMPLE_SEED } from './lake/sample/sample-lake.js';
import type { StopList } from './ops/shutdown.js';
import type { GatewayContext } from './start-gateway.js';
import { Listener } from './store/listener.js';
import { METADATA_CHANNEL } from './store/object-metadata.js';

const STOP_STEP_MS = 5_000;

const NAMES_MAX = 20;

const told = ({ added, changed, vanished }: LakeChange) => ({
  added: added.length,
  changed: changed.length,
  vanished: vanished.length,
  tables: [...added, ...changed, ...vanished].slice(0, NAMES_MAX),
});

/** Of names that say less than all three parts. */
export const defaultCatalog = (config: Config): string =>
  config.lake === undefined ? SAMPLE_CATALOG : FOLDER_CATALOG;

export async function openWatchedLake(context: GatewayContext, stops: StopList): Promise<Lake> {
  const { config, dataDir, store, observe } = context;
  const sampleDir =
    config.demo && config.lake === undefined
      ? await ensureSampleLake(
          dataDir,
          { seed: SAMPLE_SEED, scale: config.demoScale },
          progressOn(process.stderr),
        )
      : undefined;
  const lake = await openLake({
    ...(sampleDir === undefined ? {} : { sampleDir }),
    ...(config.lake === undefined ? {} : { lakeDir: resolve(config.lake) }),
    metadata: () => store.objectMetadata.all(),
    schemas: store.tableSchemas,
  });
  stops.add('lake', STOP_STEP_MS, async () => lake.close());
  const watch = new LakeWatch({
    lake,
    pollMs: config.lakePollMs,
    listen: config.lakeWatch,
    onLook: driftTeller(context, lake),
    onChange: (change) => observe({ kind: 'lake-changed', ...told(change) }),
    onProblem: ({ path, message }) => observe({ kind: 'lake-problem', path, problem: message }),
    onFailed: (error) => observe({ kind: 'background-failed', what: 'looking at the lake', error }),
  });
  watch.start();
  const listener = new Listener({
    url: store.url,
    channels: [METADATA_CHANNEL],
    onNotify: () => watch.lookQuietly(),
    onReconnect: () => watch.lookQuietly(),
    onLost: () => undefined,
  });
  await listener.start();
  stops.add('lake watch', STOP_STEP_MS, async () => {
    watch.stop();
    await listener.stop();
  });
  return { ...lake, refresh: () => watch.look() };
}

/** Tells each drift once: in the log here, on record whichever gateway is first. */
function driftTeller({ store, observe }: GatewayContext, lake: Lake): () => void {
  const told = new Map<string, string>();
  const tell = async ({ id, columns, drift = [] }: TableMeta): Promise<void> => {
    const shown = drift.map(({ tags: _, ...column }) => column);
    const key = drift.length === 0 ? '' : JSON.stringify(shown);
    if (key === (told.get(id) ?? '')) return;
    told.set(id, key);
    observe({ kind: 'schema-drifted', table: id, columns: drift.length });
    const at = new Date().toISOString();
    const fields = { object: id, schemaVersion: schemaVersion(columns), columns: shown };
    await store.tableSchemas.report(id, key, () =>
      store.recorder.record({ kind: 'schema.drifted', at, fields }),
    );
  };
  return () => {
    for (const table of lake.snapshot().tables.values()) {
      tell(table).catch((error: unknown) => {
        // Once more at the next look.
        told.delete(table.id);
        observe({ kind: 'background-failed', what: 'putting a drift on record', error });
      });
    }
  };
}
