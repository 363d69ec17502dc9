/** Body of `/v1/catalog/tables/{name}/metadata`. */
import { z } from 'zod';
import { text } from '../../http/schemas.js';

export const metadataBody = z.strictObject({
  owner: text(200).nullable().optional(),
  tags: z.array(z.string().regex(/^[A-Za-z0-9_.-]{1,200}$/)).max(100),
  columns: z.record(text(300), z.array(z.string().regex(/^[A-Za-z0-9_.-]{1,200}$/)).max(100)).optional(),
});
export type MetadataBody = z.output<typeof metadataBody>;
