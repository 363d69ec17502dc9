/** Random statements that write, for the law `parse(print(tree)) == tree`. */
import type {
  Assignment,
  MergeAction,
  MergeClause,
  MergeWhen,
  WriteStatement,
} from '../../src/core/sql/ast-write.js';
import { at } from './random-atoms.js';
import { RandomTree } from './random-tree.js';

export class RandomWrite extends RandomTree {
  write(): WriteStatement {
    return this.pick<() => WriteStatement>([
      () => ({
        kind: 'create-table',
        columns: this.some(1, 3, () => ({ name: this.identifier(), type: this.type(), at })),
        ...this.creation(),
      }),
      () => ({ kind: 'create-table-as', query: this.query(), ...this.creation() }),
      () => ({
        kind: 'insert',
        target: this.tableName(),
        query: this.query(),
        at,
        ...(this.flag()
          ? { overwrite: true }
          : { overwrite: false, ...this.maybe('replaceWhere', this.expression) }),
        ...(this.flag()
          ? { byName: true }
          : { byName: false, ...this.maybe('columns', () => this.some(1, 3, this.identifier)) }),
      }),
      () => ({ kind: 'drop-table', name: this.tableName(), ifExists: this.flag(), at }),
      () => ({ kind: 'truncate', target: this.tableName(), at }),
      () => ({ kind: 'delete', ...this.target(), ...this.maybe('where', this.expression) }),
      () => ({
        kind: 'update',
        assignments: this.assignments(),
        ...this.target(),
        ...this.maybe('where', this.expression),
      }),
      () => ({
        kind: 'merge',
        source: this.flag()
          ? { kind: 'table', name: this.tableName(), at }
          : { kind: 'subquery', query: this.query(), lateral: false, at },
        on: this.expression(),
        clauses: this.some(1, 3, this.clause),
        ...this.target(),
      }),
    ])();
  }

  private creation() {
    const orReplace = this.flag();
    return {
      name: this.tableName(),
      orReplace,
      ifNotExists: !orReplace && this.flag(),
      at,
      ...this.maybe('format', () => this.pick(['parquet', 'delta'] as const)),
      ...this.maybe('comment', () => this.text()),
    };
  }

  private target() {
    return { target: this.tableName(), at, ...this.maybe('alias', this.identifier) };
  }

  private assignments = (): readonly Assignment[] =>
    this.some(1, 3, () => ({ column: this.name(), value: this.expression(), at }));

  private clause = (): MergeClause => {
    const when = this.pick<MergeWhen>(['matched', 'not-matched', 'not-matched-by-source']);
    return { when, action: this.action(when), at, ...this.maybe('condition', this.expression) };
  };

  private action(when: MergeWhen): MergeAction {
    if (when === 'not-matched') {
      const columns = this.some(1, 3, this.name);
      const insert = { kind: 'insert' as const, columns, values: columns.map(() => this.expression()) };
      return this.pick<MergeAction>([{ kind: 'insert-all' }, insert]);
    }
    const all: readonly MergeAction[] = when === 'matched' ? [{ kind: 'update-all' }] : [];
    return this.pick<MergeAction>([
      { kind: 'delete' },
      { kind: 'update', assignments: this.assignments() },
      ...all,
    ]);
  }
}
