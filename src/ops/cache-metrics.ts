/** Metrics of the result cache. */
import { Counter, Gauge, type Registry } from 'prom-client';

export interface CacheCounts {
  readonly hits: number;
  readonly misses: number;
  readonly bytes: number;
  readonly count: number;
}

export function watchCache(registry: Registry, cache: CacheCounts): void {
  new Counter({
    name: 'sluice_result_cache_lookups_total',
    help: 'Statements whose answer could have been kept, by whether it was.',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset();
      this.inc({ outcome: 'hit' }, cache.hits);
      this.inc({ outcome: 'miss' }, cache.misses);
    },
  });
  new Gauge({
    name: 'sluice_result_cache_bytes',
    help: 'Bytes of kept answers.',
    registers: [registry],
    collect() {
      this.set(cache.bytes);
    },
  });
  new Gauge({
    name: 'sluice_result_cache_entries',
    help: 'Kept answers.',
    registers: [registry],
    collect() {
      this.set(cache.count);
    },
  });
}
