/**
 * The way into the register of statements: what changed is written in batches, the newest state of each statement once. The
 * register is not evidence, so nobody waits for it but who was told that a statement can be asked for; a statement of a few
 * milliseconds costs a part of one write.
 */
import type { RegisteredStatement, StatementRegister } from '../store/statement-register.js';

/** What a crash may cost the register; the record has it all the same. */
const FLUSH_MS = 100;
const BATCH_MAX = 500;

/** A row as it is when it is written. */
type RowNow = () => RegisteredStatement;

export interface RegisterWriterOptions {
  readonly register: Pick<StatementRegister, 'put' | 'expire'>;
  readonly onProblem: (error: unknown) => void;
}

export class RegisterWriter {
  private changed = new Map<string, RowNow>();
  private expired = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly options: RegisterWriterOptions) {}

  note(id: string, row: RowNow): void {
    this.changed.set(id, row);
    this.soon();
  }

  /** Its result is kept no longer. */
  expire(id: string): void {
    this.expired.add(id);
    this.soon();
  }

  /** Resolves when what was known until now is in the register. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const [rows, expired] = [[...this.changed.values()], [...this.expired]];
    this.changed = new Map();
    this.expired = new Set();
    if (rows.length + expired.length > 0) this.writing = this.writing.then(() => this.write(rows, expired));
    await this.writing;
  }

  private soon(): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => void this.flush(), FLUSH_MS);
    this.timer.unref();
  }

  private async write(rows: readonly RowNow[], expired: readonly string[]): Promise<void> {
    const { register, onProblem } = this.options;
    for (let at = 0; at < rows.length; at += BATCH_MAX) {
      await register.put(rows.slice(at, at + BATCH_MAX).map((row) => row())).catch(onProblem);
    }
    for (let at = 0; at < expired.length; at += BATCH_MAX) {
      await register.expire(expired.slice(at, at + BATCH_MAX)).catch(onProblem);
    }
  }
}
