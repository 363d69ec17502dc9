/** Where the SQL of a command comes from: the argument, a file, or standard input; and its parameters. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parseDataType } from '../core/sql/parse.js';
import { UsageError } from './exit-codes.js';

/** The gateway's own bound is lower; this only keeps a wrong file out of memory. */
const INPUT_BYTES_MAX = 16 * 2 ** 20;

export interface TextOptions {
  readonly file?: string;
}

/** The argument and option that `statementText` takes. */
export const withStatement = (command: Command): Command =>
  command
    .argument('[sql]', 'the statement; left out or -: read from standard input')
    .option('-f, --file <file>', 'read the statement from this file');

export async function statementText(sql: string | undefined, { file }: TextOptions): Promise<string> {
  if (file !== undefined) {
    if (sql !== undefined) throw new UsageError('give the statement or --file, not both');
    return readFile(resolve(file), 'utf8');
  }
  if (sql !== undefined && sql !== '-') return sql;
  if (sql === undefined && process.stdin.isTTY)
    throw new UsageError('give a statement, --file FILE, or one on standard input');
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of process.stdin as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > INPUT_BYTES_MAX)
      throw new UsageError(`standard input has more than ${INPUT_BYTES_MAX} bytes`);
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  if (text.trim() === '') throw new UsageError('standard input has no statement');
  return text;
}

export interface ParameterBody {
  readonly name?: string;
  readonly type?: string;
  readonly value: string;
}

/** `name=value[:type]`; without a name it is for the next `?`. What stands after the last colon is a type if it reads as one. */
export function parameterOf(text: string): ParameterBody {
  const named = /^([A-Za-z_]\w*)=(.*)$/s.exec(text);
  const rest = named?.[2] ?? text;
  const colon = rest.lastIndexOf(':');
  const type = colon < 0 ? '' : rest.slice(colon + 1);
  const typed = isType(type);
  return {
    ...(named === null ? {} : { name: named[1] ?? '' }),
    ...(typed ? { type } : {}),
    value: typed ? rest.slice(0, colon) : rest,
  };
}

function isType(text: string): boolean {
  if (!/^[a-z]/i.test(text)) return false;
  try {
    parseDataType(text);
    return true;
  } catch {
    return false;
  }
}
