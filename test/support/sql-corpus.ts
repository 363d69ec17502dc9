/** The SQL texts under test/corpus/sql. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './sources.js';

export interface RefusedStatement {
  readonly sql: string;
  readonly code: string;
  readonly line: number;
  readonly column: number;
  readonly says: string;
  readonly remedy: string;
}

export interface UnknownFunction {
  readonly sql: string;
  readonly name: string;
  readonly line: number;
  readonly column: number;
  /** A name that the remedy must offer. */
  readonly near?: string;
}

const read = (name: string): unknown =>
  parse(readFileSync(join(ROOT, 'test', 'corpus', 'sql', `${name}.yaml`), 'utf8'));

export const acceptedStatements = (): readonly string[] =>
  Object.values(read('accepted') as Readonly<Record<string, readonly unknown[]>>)
    .flat()
    .map((sql) => {
      if (typeof sql !== 'string') throw new Error(`not a text: ${JSON.stringify(sql)}`);
      return sql;
    });

export const refusedStatements = (): readonly RefusedStatement[] =>
  read('refused') as readonly RefusedStatement[];

export const unknownFunctions = (): readonly UnknownFunction[] =>
  read('unknown-functions') as readonly UnknownFunction[];
