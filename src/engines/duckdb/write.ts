/**
 * Writes a secured source as Parquet files into the folder of one write. Nobody reads them before the gateway has
 * committed them, so nothing is told of a run that did not end well but its error.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { GovernanceError } from '../../core/errors.js';
import type { Plan } from '../../core/plan/plan.js';
import { walkPlan } from '../../core/plan/traverse.js';
import { quoteText } from '../../core/sql/duckdb/identifier.js';
import type {
  PreparedWrite,
  SecuredWrite,
  TableWriter,
  WriteOptions,
  Written,
  WrittenFile,
} from '../engine.js';
import type { EngineRun } from './engine-run.js';
import { raisedByData } from './errors.js';
import { type LeafCopy, type Preparer } from './prepare.js';
import { requireCopy } from './second-check/copy.js';

/** As DuckDB writes them by itself; Spark reads a group as one task at most. */
const ROW_GROUP_ROWS = 122_880;
const FILE_SIZE_MB = 512;
const SIZE_CHECK_MS = 500;

export interface WriterParts {
  readonly preparer: Preparer;
  /** Absolute, links resolved. */
  readonly warehouse: string;
  /** A connection of its own, when it is this one's turn. */
  turn(options: WriteOptions): Promise<{ readonly run: EngineRun; end(): void }>;
  makeCopy(run: EngineRun, copy: LeafCopy): Promise<void>;
}

export class DuckDbWriter implements TableWriter {
  constructor(private readonly parts: WriterParts) {}

  async prepare(write: SecuredWrite): Promise<PreparedWrite> {
    return { write, text: await this.parts.preparer.write(write) };
  }

  async write(prepared: PreparedWrite, options: WriteOptions): Promise<Written> {
    const { run, end } = await this.parts.turn(options);
    const guard = sizeGuard(run, options);
    try {
      const written = await this.attempts(run, prepared, options);
      const bytes = written.files.reduce((sum, file) => sum + file.bytes, 0);
      if (bytes > options.limits.bytesMax) throw tooLarge(options.limits.bytesMax);
      return written;
    } finally {
      clearInterval(guard);
      end();
    }
  }

  /** As for a result that is spooled: what raised is run again over copies of its secured leaves. */
  private async attempts(
    run: EngineRun,
    { write, text }: PreparedWrite,
    { folder }: WriteOptions,
  ): Promise<Written> {
    const sorted = isSorted(write.statement.plan);
    try {
      return await this.copy(run, text, folder, sorted);
    } catch (error) {
      const governed = run.explain(error);
      if (!write.statement.spool || run.stopped.aborted || !raisedByData(governed)) throw governed;
    }
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
    const { copies, sql } = await this.parts.preparer.writeOverCopies(write);
    for (const copy of copies) await this.parts.makeCopy(run, copy);
    return this.copy(run, sql, folder, sorted);
  }

  private async copy(run: EngineRun, select: string, folder: string, sorted: boolean): Promise<Written> {
    const sql = copyText(select, folder, sorted);
    requireCopy(sql, { select, folder, warehouse: this.parts.warehouse });
    const result = await run.query(sql);
    const files: WrittenFile[] = [];
    for (const [path, rows, bytes] of await result.getRowsJson()) {
      files.push({ name: basename(String(path)), rows: Number(rows), bytes: Number(bytes) });
    }
    await requireAllThere(folder, files);
    return { rowCount: files.reduce((sum, file) => sum + file.rows, 0), files };
  }
}

/** Rows in the order that was asked for are one file: DuckDB keeps no order across files. */
const copyText = (select: string, folder: string, sorted: boolean): string =>
  sorted
    ? `COPY (${select}) TO ${quoteText(`${folder}/part-0.parquet`)} (${OPTIONS}, USE_TMP_FILE false, PRESERVE_ORDER true)`
    : `COPY (${select}) TO ${quoteText(folder)} (${OPTIONS}, FILE_SIZE_BYTES '${FILE_SIZE_MB}MB', FILENAME_PATTERN 'part-{i}')`;

const OPTIONS = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_ROWS}, RETURN_STATS true`;

function isSorted(plan: Plan): boolean {
  let sorted = false;
  walkPlan(plan, {
    plan: (node) => {
      if (node.kind === 'sort') sorted = true;
    },
  });
  return sorted;
}

/** Two accounts, made apart: what DuckDB says it wrote, and what lies in the folder. */
async function requireAllThere(folder: string, files: readonly WrittenFile[]): Promise<void> {
  const there = (await readdir(folder)).sort();
  const said = files.map((file) => file.name).sort();
  if (files.length === 0 || there.join() !== said.join())
    throw new Error('the folder holds other files than were written');
}

/** Stops a write that has grown too large; what it made until then goes with its folder. */
function sizeGuard(run: EngineRun, { folder, limits }: WriteOptions): NodeJS.Timeout {
  const timer = setInterval(() => {
    folderBytes(folder).then(
      (bytes) => bytes > limits.bytesMax && run.stop(tooLarge(limits.bytesMax)),
      () => undefined,
    );
  }, SIZE_CHECK_MS);
  timer.unref();
  return timer;
}

async function folderBytes(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

const tooLarge = (bytesMax: number): GovernanceError =>
  new GovernanceError('WRITE_TOO_LARGE', `The write is larger than its limit of ${bytesMax} bytes.`, {
    remedy: 'Write fewer rows or columns at once, or ask the operator for more (SLUICE_WRITE_BYTES_MAX).',
    sqlState: '54000',
  });
