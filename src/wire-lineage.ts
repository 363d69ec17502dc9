/** Lineage wired: told to Postgres, and to an OpenLineage endpoint where one is set. */
import type { Config } from './config.js';
import { LineageTeller } from './gateway/lineage-teller.js';
import { OpenLineageEmitter } from './ops/open-lineage-emitter.js';
import type { StopList } from './ops/shutdown.js';
import type { GatewayContext } from './start-gateway.js';
import { LineageWriter } from './store/lineage-writer.js';
import { VERSION } from './version.js';

const STOP_STEP_MS = 3_000;
const LAST_CHANCE_MS = 2_000;

export function openLineage({ config, store, observe }: GatewayContext, stops: StopList): LineageTeller {
  const onProblem = (error: unknown): void => observe({ kind: 'background-failed', what: 'lineage', error });
  const writer = new LineageWriter({ graph: store.lineage, onProblem });
  stops.add('lineage', STOP_STEP_MS, () => writer.stop());
  const emitter = emitterOf(config, onProblem);
  if (emitter !== undefined) stops.add('OpenLineage', STOP_STEP_MS, () => emitter.stop(LAST_CHANCE_MS));
  return new LineageTeller(
    config.lineageNamespace,
    emitter === undefined ? [writer] : [writer, emitter],
    onProblem,
  );
}

function emitterOf(config: Config, onProblem: (error: unknown) => void): OpenLineageEmitter | undefined {
  if (config.openLineageUrl === undefined) return undefined;
  return new OpenLineageEmitter({
    url: config.openLineageUrl,
    ...(config.openLineageToken === undefined ? {} : { token: config.openLineageToken }),
    producer: { uri: `urn:sluice:gateway:${VERSION}`, name: 'sluice', version: VERSION },
    onProblem,
  });
}
