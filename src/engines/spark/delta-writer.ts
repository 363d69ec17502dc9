/** Delta tables of statements on Spark: judged sources and changes, in the session that everything of ours runs in. */
import type {
  DeltaOptions,
  DeltaTarget,
  DeltaWriter,
  DeltaWritten,
  PreparedChange,
  PreparedWrite,
  SecuredRowChange,
} from '../engine.js';
import { latestVersion, readVersion } from './delta-log.js';
import { takeBackBatches } from './delta-stream.js';
import { changeDelta, judgedChange, restoreDelta, shownChange, writeDelta } from './delta-tables.js';
import { judgedSql } from './prepare.js';
import type { SparkRun, Turn } from './run.js';
import type { Connected, SparkServer } from './server.js';
import { sqlRelation } from './session.js';

export class SparkDeltaWriter implements DeltaWriter {
  constructor(
    private readonly server: SparkServer,
    private readonly turn: Turn,
  ) {}

  logVersion(folder: string): Promise<number> {
    return latestVersion(folder);
  }

  async rowsOfVersion(folder: string, logVersion: number): Promise<number> {
    return (await readVersion(folder, logVersion)).metrics.numOutputRows ?? 0;
  }

  async restore(folder: string, logVersion: number): Promise<void> {
    await takeBackBatches(folder, logVersion);
    await this.server.with(({ session }) => restoreDelta(session, folder, logVersion));
  }

  write(
    { write: { statement, columns } }: PreparedWrite,
    { folder, mode, ...options }: DeltaOptions & { readonly mode: 'append' | 'overwrite' },
  ): Promise<DeltaWritten> {
    const { bytesMax } = options.limits;
    return this.turn(options, (run) =>
      this.once(
        run,
        (connected) => judgedSql(statement, connected),
        ({ session }, sql, signal) =>
          writeDelta(session, { input: sqlRelation(sql), columns, folder, mode, bytesMax, signal }),
      ),
    );
  }

  async prepareChange(change: SecuredRowChange, { object, folder }: DeltaTarget): Promise<PreparedChange> {
    await this.server.with((connected) => judgedChange(change, folder, connected));
    return { change, text: shownChange(change, object) };
  }

  change({ change }: PreparedChange, { folder, ...options }: DeltaOptions): Promise<DeltaWritten> {
    const { bytesMax } = options.limits;
    return this.turn(options, (run) =>
      this.once(
        run,
        (connected) => judgedChange(change, folder, connected),
        ({ session }, told, signal) =>
          changeDelta(session, { ...told, references: [], folder, bytesMax, signal }),
      ),
    );
  }

  /** A lost server may have committed all the same, so what was begun is not begun anew. */
  private once<T>(
    run: SparkRun,
    judged: (connected: Connected) => Promise<T>,
    work: (connected: Connected, told: T, signal: AbortSignal) => Promise<DeltaWritten>,
  ): Promise<DeltaWritten> {
    let begun = false;
    return this.server.with(
      async (connected) => {
        const told = await judged(connected);
        begun = true;
        return run.during((signal) => work(connected, told, signal));
      },
      () => !begun && !run.stopped,
    );
  }
}
