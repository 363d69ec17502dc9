/**
 * The function table with what a session has registered: code of the caller's, known by its name and type. It is never
 * one of the table's own functions: those come first, and row rules and masks are bound without the session's.
 */
import type { DataType } from '../../plan/types.js';
import type { FunctionSpec } from './spec.js';
import { type FunctionTable, functionTable } from './table.js';

export interface NamedCode {
  readonly name: string;
  readonly type: DataType;
  readonly kind: 'scalar' | 'aggregate';
}

export type KnownFunctions = Pick<FunctionTable, 'lookup' | 'nearest'>;

export function withSessionFunctions(functions: readonly NamedCode[]): KnownFunctions {
  const own = new Map(functions.map((each) => [each.name.toLowerCase(), specOf(each)]));
  return {
    lookup: (name) => functionTable.lookup(name) ?? own.get(name),
    nearest: (name) => functionTable.nearest(name),
  };
}

const specOf = ({ name, type, kind }: NamedCode): FunctionSpec => ({
  name: name.toLowerCase(),
  kind,
  deterministic: false,
  mayRaise: () => true,
  resolve: (args) => ({ params: args.map((arg) => arg.type), type, nullable: true }),
  duckdb: () => {
    throw new Error('code does not run on DuckDB');
  },
  summary: 'A function of the session.',
});
