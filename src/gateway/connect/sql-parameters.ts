/** Arguments of `spark.sql(text, args)` as typed parameters: constants only, they never become text. */
import { GovernanceError } from '../../core/errors.js';
import { expressionCase, type PlanMessage } from '../../core/plan/connect/message.js';
import type { StatementParameter } from '../statement.js';

const DAY_MS = 86_400_000;

type Entry = readonly [name: string | undefined, literal: PlanMessage];

export function sqlParameters(sql: PlanMessage): readonly StatementParameter[] {
  const named = (field: string): readonly (readonly [string, PlanMessage])[] =>
    Object.entries((sql[field] as Readonly<Record<string, PlanMessage>> | undefined) ?? {});
  const listed = (field: string): readonly PlanMessage[] =>
    (sql[field] as readonly PlanMessage[] | undefined) ?? [];
  const entries: readonly Entry[] = [
    ...named('args'),
    ...listed('posArgs').map((literal): Entry => [undefined, literal]),
    ...named('namedArguments').map(([name, expression]): Entry => [name, literalIn(expression)]),
    ...listed('posArguments').map((expression): Entry => [undefined, literalIn(expression)]),
  ];
  return entries.map(([name, literal]) => ({
    ...(name === undefined ? {} : { name }),
    ...parameterOf(literal),
  }));
}

function literalIn(expression: PlanMessage): PlanMessage {
  const { case: kind, value } = expressionCase(expression);
  if (kind === 'literal') return value;
  throw invalid('An argument of SQL that is not a constant');
}

export function parameterOf(literal: PlanMessage): Omit<StatementParameter, 'name'> {
  const { case: kind, value } = literal.literalType as { readonly case?: string; readonly value: unknown };
  switch (kind) {
    case 'null':
      return { value: null };
    case 'boolean':
      return { type: 'boolean', value: value === true };
    case 'byte':
      return { type: 'tinyint', value: String(value) };
    case 'short':
      return { type: 'smallint', value: String(value) };
    case 'integer':
      return { type: 'int', value: String(value) };
    case 'long':
      return { type: 'bigint', value: String(value) };
    case 'float':
    case 'double':
      return { type: kind, value: Number(value) };
    case 'string':
      return { type: 'string', value: String(value) };
    case 'binary':
      return { type: 'binary', value: Buffer.from(value as Uint8Array).toString('base64') };
    case 'date':
      return { type: 'date', value: new Date(Number(value) * DAY_MS).toISOString().slice(0, 10) };
    case 'timestamp':
      return { type: 'timestamp', value: moment(value as bigint) };
    case 'timestampNtz':
      return { type: 'timestamp_ntz', value: moment(value as bigint) };
    case 'decimal':
      return decimalParameter(value as PlanMessage);
    default:
      throw invalid(`An argument of SQL of the kind ${kind ?? 'unknown'}`);
  }
}

function decimalParameter({ value, precision, scale }: PlanMessage): Omit<StatementParameter, 'name'> {
  const text = String(value);
  const [whole = '', fraction = ''] = text.replace(/^[+-]/, '').split('.');
  const digits = Math.max(1, whole.length + fraction.length);
  return { type: `decimal(${precision ?? digits},${scale ?? fraction.length})`, value: text };
}

/** Microseconds since 1970 as `YYYY-MM-DD HH:MM:SS.ffffff`. */
function moment(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = (micros - fraction) / 1_000_000n;
  const whole = new Date(Number(seconds) * 1_000).toISOString().slice(0, 19).replace('T', ' ');
  return `${whole}.${String(fraction).padStart(6, '0')}`;
}

const invalid = (what: string): GovernanceError =>
  new GovernanceError('PARAMETER_INVALID', `${what} is not taken.`, {
    remedy: 'Give numbers, texts, dates and the like; build what is more with DataFrames.',
    sqlState: '42K09',
  });
