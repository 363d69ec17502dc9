/** Answers of `/v1/audit` and of receipts, for the API's description. */
import { z } from 'zod';
import { alertRule } from '../../core/audit/alert-rule.js';
import { type AnswerShape, ETAG } from '../../http/answers.js';

const nextCursor = z.string().nullable();
const hashes = z.array(z.string());
const jwk = z.record(z.string(), z.unknown());
const checkpoint = z.object({
  size: z.int(),
  previousSize: z.int(),
  root: z.string(),
  at: z.string(),
  kid: z.string(),
  note: z.string(),
  jws: z.string(),
});
const eventProof = z.object({
  event: z.string(),
  batch: z.string(),
  inBatch: hashes,
  position: z.int(),
  inLog: hashes,
});
const rule = z.object({
  name: z.string(),
  version: z.int(),
  updatedBy: z.string(),
  updatedAt: z.string(),
  unreadable: z.boolean().optional(),
  rule: alertRule.optional(),
});
/** What else is in an event, or fired an alert, goes by its kind. */
const event = z.looseObject({ eventId: z.string(), kind: z.string(), at: z.string() });
const alert = z.looseObject({
  id: z.string(),
  rule: z.string(),
  subject: z.string(),
  windowStart: z.string(),
  firedAt: z.string(),
  inLog: z.boolean(),
});
const receipt = z.object({
  format: z.string(),
  version: z.int(),
  statement: z.record(z.string(), z.unknown()),
  jws: z.string(),
  key: jwk,
  logKey: z.object({ vkey: z.string(), jwk }),
  checkpoint: z.object({ note: z.string(), jws: z.string() }),
  intent: eventProof,
  outcome: eventProof,
});

const pageOf = (item: z.ZodType): AnswerShape => ({
  about: 'One page.',
  schema: z.object({ items: z.array(item), nextCursor }),
});

export const EVENTS: AnswerShape = { ...pageOf(event), otherTypes: ['text/event-stream'] };
export const ALERTS = pageOf(alert);
export const RULES = pageOf(rule);
export const RULE: AnswerShape = { about: 'As it is now.', schema: rule };
export const RULE_READ: AnswerShape = { ...RULE, headers: ETAG };
export const CHECKPOINTS = pageOf(checkpoint);
export const CONSISTENCY: AnswerShape = {
  about: 'Hashes of RFC 9162.',
  schema: z.object({ first: z.int(), second: z.int(), proof: hashes }),
};
export const PROOF: AnswerShape = {
  about: 'From the event to the checkpoint.',
  schema: eventProof.extend({
    eventId: z.string(),
    checkpoint,
    key: z.object({ kid: z.string(), vkey: z.string(), jwk }).nullable(),
  }),
};
export const EXPORT: AnswerShape = {
  about: 'One JSON value a line.',
  schema: z.string(),
  type: 'application/x-ndjson',
};
export const PSEUDONYMS: AnswerShape = {
  about: 'In the order of the question.',
  schema: z.object({ items: z.array(z.object({ actor: z.string() })) }),
};
export const ERASED: AnswerShape = {
  about: 'How many had personal parts.',
  schema: z.object({ events: z.array(z.string()), erased: z.int() }),
};
export const RECEIPT: AnswerShape = { about: 'Signed.', schema: receipt };
