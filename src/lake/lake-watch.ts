/** Looks at the lake again and again while it is served, and tells what is new. */
import type { CatalogSnapshot, ObjectId } from '../core/catalog/catalog.js';
import type { LakeProblem } from './discover.js';
import { FolderWatch } from './folder-watch.js';
import type { Lake } from './lake.js';

export interface LakeChange {
  readonly added: readonly ObjectId[];
  readonly changed: readonly ObjectId[];
  readonly vanished: readonly ObjectId[];
}

export interface LakeWatchOptions {
  readonly lake: Lake;
  readonly pollMs: number;
  /** Also listen to the file system. */
  readonly listen: boolean;
  /** After every look. */
  readonly onLook: () => void;
  readonly onChange: (change: LakeChange) => void;
  /** Each once, for as long as it stands. */
  readonly onProblem: (problem: LakeProblem) => void;
  readonly onFailed: (error: unknown) => void;
}

export class LakeWatch {
  private readonly folders: FolderWatch | undefined;
  private seen: CatalogSnapshot;
  private problems = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: LakeWatchOptions) {
    this.seen = options.lake.snapshot();
    this.folders = options.listen ? new FolderWatch(() => this.lookQuietly()) : undefined;
  }

  start(): void {
    this.tell();
    this.timer = setInterval(() => this.lookQuietly(), this.options.pollMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.folders?.close();
  }

  /** Resolves when the lake shows what was there when this was asked. */
  async look(): Promise<void> {
    await this.options.lake.refresh();
    this.tell();
  }

  lookQuietly(): void {
    this.look().catch(this.options.onFailed);
  }

  private tell(): void {
    const { lake, onLook, onChange, onProblem } = this.options;
    onLook();
    this.folders?.follow(lake.folders());
    const problems = lake.problems();
    const keys = problems.map(({ path, message }) => JSON.stringify([path, message]));
    problems.forEach((problem, i) => {
      if (!this.problems.has(keys[i] ?? '')) onProblem(problem);
    });
    this.problems = new Set(keys);
    const now = lake.snapshot();
    if (now === this.seen) return;
    const change = changeBetween(this.seen, now);
    this.seen = now;
    onChange(change);
  }
}

export function changeBetween(before: CatalogSnapshot, now: CatalogSnapshot): LakeChange {
  const there = [...now.tables.values()];
  return {
    added: there.filter(({ id }) => !before.tables.has(id)).map(({ id }) => id),
    changed: there.flatMap(({ id, version }) => {
      const known = before.tables.get(id);
      return known === undefined || known.version === version ? [] : [id];
    }),
    vanished: [...before.tables.keys()].filter((id) => !now.tables.has(id)),
  };
}
