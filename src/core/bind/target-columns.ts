/** What can be a column of a table that Sluice keeps. */
import { foldName } from '../catalog/catalog.js';
import { GovernanceError, type Position } from '../errors.js';
import { type DataType, typeName } from '../plan/types.js';
import type { TargetColumn } from '../plan/write.js';
import { invalid } from './context.js';

export const TABLE_COLUMNS_MAX = 2_000;
const NAME_LENGTH_MAX = 255;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const UNFIT_COLUMN = /[\u0000-\u001f\u007f]|\p{Surrogate}/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const UNFIT_PART = /[.`*/\\:\u0000-\u001f\u007f]|\p{Surrogate}/u;
const PART_LENGTH_MAX = 128;

/** Refuses names that repeat, names nobody could write again, and types that no file holds. */
export function requireTableColumns(columns: readonly TargetColumn[], at: Position): void {
  if (columns.length > TABLE_COLUMNS_MAX)
    throw invalid(`A table has at most ${TABLE_COLUMNS_MAX} columns.`, at, 'Make several tables.');
  const seen = new Set<string>();
  for (const { name, type } of columns) {
    const folded = foldName(name);
    if (seen.has(folded))
      throw invalid(
        `The table would have two columns called ${name}.`,
        at,
        'Give one of them another name (AS).',
      );
    seen.add(folded);
    if (name === '' || name.length > NAME_LENGTH_MAX || UNFIT_COLUMN.test(name))
      throw invalid('A column has a name that cannot be kept.', at, 'Give it another name (AS).');
    const unfit = unfitType(type);
    if (unfit !== undefined) {
      throw new GovernanceError('TYPE_MISMATCH', `The column ${name} is ${typeName(type)}; ${unfit}.`, {
        position: at,
        remedy:
          type.kind === 'void' ? 'CAST(NULL AS ...) says which NULL is meant.' : 'CAST it to another type.',
        sqlState: '42K09',
      });
    }
  }
}

function unfitType(type: DataType): string | undefined {
  switch (type.kind) {
    case 'void':
      return 'a NULL without a type cannot be kept in a table';
    case 'interval':
      return 'intervals cannot be kept in a table';
    case 'array':
      return unfitType(type.element);
    case 'map':
      return unfitType(type.key) ?? unfitType(type.value);
    case 'struct':
      return type.fields.map((field) => unfitType(field.type)).find((found) => found !== undefined);
    default:
      return undefined;
  }
}

/** Each part of a new table's name, as typed. */
export function requireTableName(parts: readonly string[], at: Position): void {
  const fit = parts.every((part) => part !== '' && part.length <= PART_LENGTH_MAX && !UNFIT_PART.test(part));
  if (fit && parts.length <= 3) return;
  throw invalid(
    'The name cannot be that of a table.',
    at,
    'Use catalog.schema.table, without . ` * / \\ : in a part.',
  );
}
