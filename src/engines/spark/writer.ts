/** Writes of statements on Spark: a judged source, and the files that Spark makes of it. */
import type { PreparedWrite, SecuredWrite, TableWriter, WriteOptions, Written } from '../engine.js';
import { writeParquet } from './parquet-write.js';
import { judgedSql, shownSql } from './prepare.js';
import type { SparkRun, Turn } from './run.js';
import type { SparkServer } from './server.js';
import { sqlRelation } from './session.js';

export class SparkWriter implements TableWriter {
  constructor(
    private readonly server: SparkServer,
    private readonly turn: Turn,
  ) {}

  async prepare(write: SecuredWrite): Promise<PreparedWrite> {
    await this.server.with((connected) => judgedSql(write.statement, connected));
    return { write, text: shownSql(write.statement) };
  }

  write(prepared: PreparedWrite, options: WriteOptions): Promise<Written> {
    return this.turn(options, (run) => this.files(prepared, options, run));
  }

  /** What a lost server had begun may still go on making files, so it is not begun anew in the same folder. */
  private files({ write }: PreparedWrite, options: WriteOptions, run: SparkRun): Promise<Written> {
    let begun = false;
    return this.server.with(
      async (connected) => {
        const input = sqlRelation(await judgedSql(write.statement, connected));
        begun = true;
        const { folder, limits } = options;
        return run.during((signal) =>
          writeParquet(connected.session, {
            input,
            columns: write.columns,
            folder,
            bytesMax: limits.bytesMax,
            signal,
          }),
        );
      },
      () => !begun && !run.stopped,
    );
  }
}
