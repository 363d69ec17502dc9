/** Answers of `/v1/catalog`, for the API's description. */
import { z } from 'zod';
import { type AnswerShape, ETAG } from '../../http/answers.js';
import { nextCursor } from '../../http/schemas.js';

const tags = z.array(z.string()).describe('Its tags.');
const summary = z.object({
  name: z.string().describe('The whole name.'),
  catalog: z.string().describe('The catalog.'),
  schema: z.string().describe('The schema.'),
  table: z.string().describe('The name in the schema.'),
  kind: z.string().describe('What it is: table.'),
  tags,
  owner: z.string().nullable().describe('Who answers for it; null: nobody.'),
});
const namedSummary = summary
  .extend({})
  .meta({ id: 'TableSummary', description: 'A table that the caller may browse.' });
const column = z
  .object({
    name: z.string().describe('The name.'),
    type: z.string().describe('The type, as Spark SQL writes it.'),
    nullable: z.boolean().describe('Whether it may be NULL.'),
    tags,
    masked: z.boolean().describe('Whether its values are masked for the caller.'),
    mask: z.string().nullable().describe('The kind of mask; null: none.'),
  })
  .meta({ id: 'TableColumn', description: 'A column of a table.' });
const drift = z
  .object({
    column: z.string().describe('The column.'),
    change: z
      .enum(['added', 'removed', 'retyped', 'nullability', 'disagrees'])
      .describe('What became of it; disagrees: files of the table have other types.'),
    before: z.string().nullable().describe('What it was.'),
    after: z.string().nullable().describe('What it is.'),
  })
  .meta({ id: 'ColumnDrift', description: 'How a column differs from what policies were written for.' });
const table = summary
  .extend({
    mayRead: z.boolean().describe('Whether the caller may read it.'),
    closed: z.boolean().describe('Whether nobody may: columns that rules name are gone or of another type.'),
    schemaVersion: z.string().describe('A name for its columns as they are.'),
    drift: z
      .array(drift)
      .nullable()
      .describe(
        'Columns that are not as they were; null: not for who may neither explain it nor administer.',
      ),
    columns: z.array(column).describe('As the caller would see them.'),
  })
  .meta({ id: 'Table', description: 'A table with its columns.' });
const tag = z.object({
  tag: z.string().describe('The tag.'),
  objects: z.array(z.string()).describe('Tables and columns that carry it.'),
});

export const TABLES: AnswerShape = {
  about: 'One page.',
  schema: z.object({ items: z.array(namedSummary).describe('By name.'), nextCursor }),
};
export const TABLE: AnswerShape = {
  about: 'The table, columns as the caller would see them.',
  schema: table,
  headers: ETAG,
};
export const CHANGED_TABLE: AnswerShape = {
  about: 'As it is now; empty when the table went in the meantime.',
  schema: summary.partial(),
};
export const TAGS: AnswerShape = {
  about: 'All of them.',
  schema: z.object({ items: z.array(tag).describe('By name.'), nextCursor }),
};
