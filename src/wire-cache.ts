/** The result cache of a gateway, which follows policies and data. */
import { type Current, ResultCache } from './gateway/result-cache.js';
import { watchCache } from './ops/cache-metrics.js';
import type { StopList } from './ops/shutdown.js';
import type { GatewayContext } from './start-gateway.js';

/** What was changed or erased is out of memory after so long, whether somebody asks or not. */
const FOLLOW_MS = 1_000;
const STOP_STEP_MS = 1_000;

export function openCache(
  { config, metrics }: GatewayContext,
  current: () => Current,
  stops: StopList,
): ResultCache {
  const cache = new ResultCache({
    bytesMax: config.resultCacheBytesMax,
    entryBytesMax: config.resultCacheEntryBytesMax,
    ageMsMax: config.resultCacheAgeMs,
    now: () => performance.now(),
    current,
  });
  watchCache(metrics.registry, cache);
  const timer = setInterval(() => cache.follow(), FOLLOW_MS);
  timer.unref();
  stops.add('result cache', STOP_STEP_MS, async () => clearInterval(timer));
  return cache;
}
