/** Queries and bodies of `/v1/audit`. */
import { z } from 'zod';
import { parseEventId } from '../../core/audit/event.js';
import { page, text } from '../../http/schemas.js';

const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((value) => new Date(value));
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const number = z.string().regex(/^\d{1,15}$/, 'is not one of ours');

export const eventsQuery = page.extend({
  cursor: number.optional(),
  principal: text(200).optional(),
  object: text(700).toLowerCase().optional(),
  column: text(1_000).toLowerCase().optional(),
  purpose: text(200).optional(),
  decision: z.enum(['allow', 'deny']).optional(),
  kind: text(50).optional(),
  statement: text(100).optional(),
  from: moment.optional(),
  to: moment.optional(),
  personal: flag.optional(),
});
export type EventsQuery = z.output<typeof eventsQuery>;

export const checkpointsQuery = page.extend({ cursor: number.optional() });
export type CheckpointsQuery = z.output<typeof checkpointsQuery>;

export const proofQuery = z.strictObject({ size: z.coerce.number().int().min(1).optional() });
export type ProofQuery = z.output<typeof proofQuery>;

export const consistencyQuery = z.strictObject({
  first: z.coerce.number().int().min(0),
  second: z.coerce.number().int().min(0),
});
export type ConsistencyQuery = z.output<typeof consistencyQuery>;

export const exportQuery = z.strictObject({ personal: flag.default(false) });
export type ExportQuery = z.output<typeof exportQuery>;

export const hashBody = z.strictObject({ principals: z.array(text(200).min(1)).min(1).max(500) });
export type HashBody = z.output<typeof hashBody>;

const eventId = z
  .string()
  .refine((id) => parseEventId(id) !== undefined, 'is not the id of an event')
  .transform((id) => parseEventId(id)!);

export const erasureBody = z.strictObject({
  events: z.array(eventId).min(1).max(10_000),
  reason: text(500).min(1),
});
export type ErasureBody = z.output<typeof erasureBody>;
