/** A secured change of rows as one statement of Spark SQL on a Delta table. Names are ours or the catalogue's, quoted. */
import type { Column, ColumnId, Expr } from '../../plan/plan.js';
import type { SecuredChange, SecuredClause } from '../../plan/secured-change.js';
import type { RowAction } from '../../plan/write.js';
import { columnName } from '../plan-sql/block.js';
import { printIdentifier, printString, printType } from '../print-literal.js';
import { SparkExpressionPrinter } from './expression.js';

export interface ChangePrintOptions {
  /** The table, as Spark finds it. */
  readonly target: string;
  /** The source as SQL whose columns are `c<id>`; it passed the second judge. */
  readonly source?: string;
  /** What the error says when a row would leave what its writer sees. */
  readonly checkFailed: string;
}

const TARGET = 'target';
const SOURCE = 'source';
const WHEN: Readonly<Record<SecuredClause['when'], string>> = {
  matched: 'WHEN MATCHED',
  'not-matched': 'WHEN NOT MATCHED',
  'not-matched-by-source': 'WHEN NOT MATCHED BY SOURCE',
};

export function printRowChange(change: SecuredChange, options: ChangePrintOptions): string {
  const printer = new ChangePrinter(change, options);
  if (change.replaces !== undefined) return printer.replacement();
  return change.source === undefined ? printer.alone() : printer.merge();
}

/** Which rows go and what new ones must hold, of INSERT REPLACE WHERE: over the columns of the table alone. */
export const printReplaced = (change: SecuredChange): string =>
  new ChangePrinter(change, { target: '', checkFailed: '' }, '').replaced();

class ChangePrinter {
  readonly #expressions: SparkExpressionPrinter;

  constructor(
    private readonly change: SecuredChange,
    private readonly options: ChangePrintOptions,
    qualifier = `${TARGET}.`,
  ) {
    const ofSource = new Set((change.source?.output ?? []).map(({ id }: Column) => id));
    const name = (id: ColumnId): string => {
      const column = change.targetColumns.get(id);
      if (column !== undefined) return `${qualifier}${printIdentifier({ name: column })}`;
      if (ofSource.has(id)) return `${SOURCE}.${columnName(id)}`;
      throw new Error('a change uses a column of nothing');
    };
    const noQuery = (): never => {
      throw new Error('a change holds a subquery');
    };
    this.#expressions = new SparkExpressionPrinter(noQuery, name);
  }

  /** UPDATE or DELETE. */
  alone(): string {
    const [clause, ...more] = this.change.clauses;
    if (clause === undefined || more.length > 0) throw new Error('a change without a source has one clause');
    const where = clause.condition === undefined ? '' : ` WHERE ${this.#print(clause.condition)}`;
    const { target } = this.options;
    if (clause.action.kind === 'delete') return `DELETE FROM ${target} AS ${TARGET}${where}`;
    return `UPDATE ${target} AS ${TARGET} SET ${this.#assignments(clause)}${where}`;
  }

  replaced(): string {
    const condition = this.change.clauses[0]?.condition;
    if (condition === undefined) throw new Error('rows are replaced by a condition');
    return this.#print(condition);
  }

  /** For people. */
  replacement(): string {
    const { target, source } = this.options;
    return `INSERT INTO ${target} REPLACE WHERE ${printReplaced(this.change)} ${source}`;
  }

  merge(): string {
    const { target, source } = this.options;
    const { on, clauses } = this.change;
    if (source === undefined || on === undefined) throw new Error('a merge has a source and a condition');
    return [
      `MERGE INTO ${target} AS ${TARGET} USING (${source}) AS ${SOURCE} ON ${this.#print(on)}`,
      ...clauses.map((clause) => this.#clause(clause)),
    ].join(' ');
  }

  #clause(clause: SecuredClause): string {
    const condition = clause.condition === undefined ? '' : ` AND ${this.#print(clause.condition)}`;
    return `${WHEN[clause.when]}${condition} THEN ${this.#action(clause)}`;
  }

  #action(clause: SecuredClause): string {
    const { action } = clause;
    switch (action.kind) {
      case 'delete':
        return 'DELETE';
      case 'update':
        return `UPDATE SET ${this.#assignments(clause)}`;
      case 'insert': {
        const columns = action.values.map(({ column }) => printIdentifier({ name: column }));
        return `INSERT (${columns.join(', ')}) VALUES (${this.#values(clause, action).join(', ')})`;
      }
    }
  }

  #assignments(clause: SecuredClause): string {
    const { action } = clause;
    if (action.kind === 'delete') throw new Error('DELETE assigns nothing');
    const values = this.#values(clause, action);
    return action.values
      .map(({ column }, i) => `${TARGET}.${printIdentifier({ name: column })} = ${values[i]}`)
      .join(', ');
  }

  /** The first value is where the row is checked: whoever writes the row computes all of them. */
  #values({ check }: SecuredClause, { values }: Exclude<RowAction, { kind: 'delete' }>): readonly string[] {
    return values.map(({ value }, i) => {
      const printed = this.#print(value);
      if (i > 0 || check === undefined) return printed;
      const failed = `CAST(raise_error(${printString(this.options.checkFailed)}) AS ${printType(value.type)})`;
      return `(CASE WHEN ${this.#print(check)} THEN ${printed} ELSE ${failed} END)`;
    });
  }

  #print(expr: Expr): string {
    return this.#expressions.print(expr);
  }
}
