/**
 * Told by the file system where it can tell, so that a change is seen before the next look. A hint, never relied upon:
 * some file systems say nothing, and of a change in a file of somewhere else none does.
 */
import { type FSWatcher, watch } from 'node:fs';

/** Each costs a handle of the machine. Of more folders the rest is found at the next look. */
const FOLDERS_MAX = 1_000;
/** Who writes a file makes many changes: one look for all of them. */
const QUIET_MS = 150;

export class FolderWatch {
  private readonly watchers = new Map<string, FSWatcher>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly onChange: () => void) {}

  /** Watches these folders and no others. */
  follow(folders: readonly string[]): void {
    const wanted = new Set(folders.slice(0, FOLDERS_MAX));
    for (const [folder, watcher] of this.watchers) if (!wanted.has(folder)) this.drop(folder, watcher);
    for (const folder of wanted) if (!this.watchers.has(folder)) this.add(folder);
  }

  close(): void {
    clearTimeout(this.timer);
    this.follow([]);
  }

  private add(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false });
      watcher.on('change', () => this.changed());
      // A folder that is gone, or a machine without handles: the next look does without.
      watcher.on('error', () => this.drop(folder, watcher));
      this.watchers.set(folder, watcher);
    } catch {
      this.changed();
    }
  }

  private drop(folder: string, watcher: FSWatcher): void {
    watcher.close();
    this.watchers.delete(folder);
  }

  /** Not later for every change: a folder that is never quiet is looked at as well. */
  private changed(): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.onChange();
    }, QUIET_MS);
    this.timer.unref();
  }
}
