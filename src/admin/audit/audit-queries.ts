/** Queries and bodies of `/v1/audit`. */
import { z } from 'zod';
import { parseEventId } from '../../core/audit/event.js';
import { CURSOR, page, text } from '../../http/schemas.js';

const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((value) => new Date(value));
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const number = z.string().regex(/^\d{1,15}$/, 'is not one of ours');

export const eventsQuery = page.extend({
  cursor: number.optional().describe(CURSOR),
  principal: text(200).optional().describe('Of this user alone; for auditors.'),
  object: text(700).toLowerCase().optional().describe('About this table.'),
  column: text(1_000)
    .toLowerCase()
    .optional()
    .describe('About this column, of the table or by its whole name.'),
  purpose: text(200).optional().describe('With this purpose.'),
  decision: z.enum(['allow', 'deny']).optional().describe('Decided so.'),
  kind: text(50).optional().describe('Of this kind.'),
  statement: text(100).optional().describe('Of this statement.'),
  from: moment.optional().describe('From then on.'),
  to: moment.optional().describe('Before then.'),
  personal: flag.optional().describe('Whether to show personal parts.'),
});
export type EventsQuery = z.output<typeof eventsQuery>;

export const checkpointsQuery = page.extend({ cursor: number.optional().describe(CURSOR) });
export type CheckpointsQuery = z.output<typeof checkpointsQuery>;

export const proofQuery = z.strictObject({
  size: z.coerce.number().int().min(1).optional().describe('Up to a checkpoint of at most this size.'),
});
export type ProofQuery = z.output<typeof proofQuery>;

export const consistencyQuery = z.strictObject({
  first: z.coerce.number().int().min(0).describe('The size of the older log.'),
  second: z.coerce.number().int().min(0).describe('The size of the newer log.'),
});
export type ConsistencyQuery = z.output<typeof consistencyQuery>;

export const exportQuery = z.strictObject({ personal: flag.default(false).describe('With personal parts.') });
export type ExportQuery = z.output<typeof exportQuery>;

export const hashBody = z
  .strictObject({ principals: z.array(text(200).min(1)).min(1).max(500).describe('User names.') })
  .meta({ id: 'PseudonymQuestion', description: 'Whose pseudonyms are wanted.' });
export type HashBody = z.output<typeof hashBody>;

const eventId = z
  .string()
  .refine((id) => parseEventId(id) !== undefined, 'is not the id of an event')
  .transform((id) => parseEventId(id)!);

export const erasureBody = z
  .strictObject({
    events: z.array(eventId).min(1).max(10_000).describe('Ids of events.'),
    reason: text(500).min(1).describe('Why, for the record.'),
  })
  .meta({ id: 'EraseEvents', description: 'Events whose personal parts are to go.' });
export type ErasureBody = z.output<typeof erasureBody>;
