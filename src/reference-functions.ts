/** The reference page of the function table. */

import type { LiteralExpr } from './core/plan/plan.js';
import { array, BIGINT, BOOLEAN, DATE, type DataType, DOUBLE, decimal, STRING } from './core/plan/types.js';
import type { FunctionSpec } from './core/sql/functions/spec.js';
import { functionTable } from './core/sql/functions/table.js';
import { USAGE } from './core/sql/functions/usage.js';

const SAMPLES: readonly DataType[] = [BOOLEAN, BIGINT, DOUBLE, decimal(10, 2), STRING, DATE, array(BIGINT)];
const WEEK: LiteralExpr = { kind: 'literal', type: STRING, nullable: false, value: 'WEEK' };

export function functionsPage(): string {
  const entries = functionTable.all().filter((entry) => entry.internal !== true);
  const section = (title: string, wanted: (entry: FunctionSpec) => boolean): readonly string[] => [
    '',
    `## ${title}`,
    '',
    '| name | written | what it is | notes |',
    '|---|---|---|---|',
    ...entries.filter(wanted).map(row),
  ];
  return [
    '# Functions',
    '',
    '<!-- Made by scripts/generate-reference.mjs from src/core/sql/functions. -->',
    '',
    'Every function and operator there is; a name that is not here is refused. Each gives on both engines what Spark 4 gives in ANSI',
    'mode (`test/functions.spec.ts`). `NULL` in gives `NULL` out unless the line says otherwise. `T` is any type, `ORDERED` any that',
    'sorts (no arrays, maps or structs), `NUMBER` and `INTEGER` any of theirs; what stands in brackets can be left out; a literal has to',
    'be written out where the column *written* shows one. Types are cast to each other as Spark does.',
    '',
    '- *may raise*: over some values it ends the statement with an error, as in Spark. Over tables with hidden rows or masked columns',
    '  such a statement runs to its end before anything leaves, and an error is only told if values that you may see raise it.',
    '- *differs*: not the same every time: it depends on an order of rows that nobody has asked for.',
    '- *last digits*: of a DOUBLE; the mathematical libraries of the engines differ by some units in the last place.',
    '',
    '`current_date`, `current_timestamp`, `now`, `current_user`, `user`, `session_user`, `current_catalog`, `current_schema`,',
    '`current_database` and `current_timezone` are facts of the statement: one value for all of it. There are no random numbers.',
    ...section('Scalar functions', (entry) => entry.kind === 'scalar' && entry.operator !== true),
    ...section('Aggregates', (entry) => entry.kind === 'aggregate'),
    ...section('Window functions', (entry) => entry.kind === 'window'),
    '',
    'Aggregates can stand before `OVER` too.',
    ...section('Operators', (entry) => entry.operator === true),
    '',
  ].join('\n');
}

function row(entry: FunctionSpec): string {
  const names = [entry.name, ...(entry.aliases ?? [])].map((name) => `\`${cell(name)}\``).join(', ');
  const written = cell(USAGE[entry.name] ?? '');
  return `| ${names} | \`${written}\` | ${cell(entry.summary)} | ${notes(entry).join(', ')} |`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function notes(entry: FunctionSpec): readonly string[] {
  const raising = SAMPLES.map((type) => entry.mayRaise([type, type, type], [WEEK, WEEK, WEEK]));
  return [
    ...(raising.every((raises) => raises) ? ['may raise'] : []),
    ...(raising.some((raises) => raises) && !raising.every((raises) => raises)
      ? ['may raise over some types']
      : []),
    ...(entry.deterministic ? [] : ['differs']),
    ...(entry.approximate === true ? ['last digits'] : []),
  ];
}
