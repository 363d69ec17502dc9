/** Body of `/v1/catalog/tables/{name}/metadata`. */
import { z } from 'zod';
import { text } from '../../http/schemas.js';

const tags = z.array(z.string().regex(/^[A-Za-z0-9_.-]{1,200}$/)).max(100);
export const metadataBody = z
  .strictObject({
    owner: text(200).nullable().optional().describe('Who answers for it; null: nobody.'),
    tags: tags.describe('Tags of the table.'),
    columns: z.record(text(300), tags).optional().describe('Tags of its columns.'),
  })
  .meta({ id: 'SetTableMetadata', description: 'What people say about a table.' });
/** Body of `/v1/catalog/tables/{name}/schema`. */
export const schemaBody = z
  .strictObject({
    version: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .describe('The schemaVersion that was looked at.'),
  })
  .meta({ id: 'AcceptTableSchema', description: 'The columns of a table are to be as they are now.' });
export type SchemaBody = z.output<typeof schemaBody>;
export type MetadataBody = z.output<typeof metadataBody>;
