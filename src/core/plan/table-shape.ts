/** The columns of a table as they are kept and compared: names, types as Spark SQL writes them, NULL or not. */
import { createHash } from 'node:crypto';
import type { ColumnMeta } from '../catalog/catalog.js';
import type { ShapeColumn } from '../catalog/drift.js';
import { typeName } from './types.js';

export const shapeOf = (columns: readonly ColumnMeta[]): readonly ShapeColumn[] =>
  columns.map(({ name, type, nullable }) => ({ name, type: typeName(type), nullable }));

const VERSION_HEX_DIGITS = 32;

/** A name for these columns: who accepts them says which ones they saw. */
export const schemaVersion = (columns: readonly ColumnMeta[]): string =>
  createHash('sha256')
    .update(JSON.stringify(shapeOf(columns)))
    .digest('hex')
    .slice(0, VERSION_HEX_DIGITS);
