/** The catalogue as it is now, for whoever shows or checks tables. */
import type { CatalogSnapshot } from '../core/catalog/catalog.js';

export class LiveCatalog {
  constructor(
    readonly snapshot: () => CatalogSnapshot,
    /** Looks at the lake and its metadata again; resolves when `snapshot` shows what was found. */
    readonly refresh: () => Promise<void>,
    /** Of names that say less than all three parts. */
    readonly defaultCatalog: string,
  ) {}
}
