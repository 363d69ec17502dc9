/** Answers of `/v1/audit` and of receipts, for the API's description. */
import { z } from 'zod';
import { alertRule } from '../../core/audit/alert-rule.js';
import { type AnswerShape, ETAG } from '../../http/answers.js';
import { nextCursor } from '../../http/schemas.js';

const hashes = z.array(z.string().describe('SHA-256 in base64.'));
const note = z.string().describe('The checkpoint as a signed note.');
const jws = z.string().describe('The same, signed as a JWS.');
const jwk = z.record(z.string(), z.unknown()).describe('A public key as a JWK.');
const vkey = z.string().describe('A public key as verifiers of signed notes take it.');
const checkpoint = z
  .object({
    size: z.int().describe('Leaves of the tree.'),
    previousSize: z.int().describe('Leaves at the checkpoint before.'),
    root: z.string().describe('The hash at the root, in base64.'),
    at: z.string().describe('When it was signed.'),
    kid: z.string().describe('Which key signed it.'),
    note,
    jws,
  })
  .meta({ id: 'Checkpoint', description: 'A signed state of the log.' });
const proofFields = {
  event: z.string().describe('The event, as it is stored.'),
  batch: z.string().describe('Its batch, as it is stored.'),
  inBatch: hashes.describe('From the event to the root of its batch.'),
  position: z.int().describe('The number of the batch in the log.'),
  inLog: hashes.describe('From the batch to the root of the log.'),
};
const eventProof = z
  .object(proofFields)
  .meta({ id: 'EventProof', description: 'That an event is in the log (RFC 9162).' });
const rule = z
  .object({
    name: z.string().describe('Its name.'),
    version: z.int().describe('For If-Match.'),
    updatedBy: z.string().describe('Who last changed it.'),
    updatedAt: z.string().describe('When.'),
    unreadable: z.boolean().optional().describe('A newer version made it: it is not held against the log.'),
    rule: alertRule.optional().describe('The rule.'),
  })
  .meta({ id: 'AlertRule', description: 'A rule that is held against the log.' });
const event = z
  .looseObject({
    eventId: z.string().describe('Names the event.'),
    kind: z.string().describe('What happened.'),
    at: z.string().describe('When.'),
  })
  .meta({ id: 'AuditEvent', description: 'An event of the log; what else is in it goes by its kind.' });
const alert = z
  .looseObject({
    id: z.string().describe('Names the alert.'),
    rule: z.string().describe('The rule that fired.'),
    subject: z.string().describe('Whom or what it is about: a pseudonym, the name of a copy, or nothing.'),
    windowStart: z.string().describe('When its window began.'),
    firedAt: z.string().describe('When it fired.'),
    inLog: z.boolean().describe('Whether the log has it as an event.'),
  })
  .meta({ id: 'Alert', description: 'What fired; what else is in it goes by the rule.' });
const receipt = z
  .object({
    format: z.string().describe('sluice-receipt.'),
    version: z.int().describe('Of the format.'),
    statement: z.record(z.string(), z.unknown()).describe('What was decided and handed out.'),
    jws: z.string().describe('The statement, signed.'),
    key: jwk,
    logKey: z.object({ vkey, jwk }).describe('The key of the log.'),
    checkpoint: z.object({ note, jws }).describe('The checkpoint that the proofs end in.'),
    intent: eventProof,
    outcome: eventProof,
  })
  .meta({
    id: 'Receipt',
    description: 'What a statement was answered, signed, with proofs that the log has it.',
  });

const pageOf = (item: z.ZodType): AnswerShape => ({
  about: 'One page.',
  schema: z.object({ items: z.array(item).describe('One page of them.'), nextCursor }),
});

export const EVENTS: AnswerShape = { ...pageOf(event), otherTypes: ['text/event-stream'] };
export const ALERTS = pageOf(alert);
export const RULES = pageOf(rule);
export const RULE: AnswerShape = { about: 'As it is now.', schema: rule };
export const RULE_READ: AnswerShape = { ...RULE, headers: ETAG };
export const CHECKPOINTS = pageOf(checkpoint);
export const CONSISTENCY: AnswerShape = {
  about: 'Hashes of RFC 9162.',
  schema: z.object({
    first: z.int().describe('The size of the older log.'),
    second: z.int().describe('The size of the newer log.'),
    proof: hashes.describe('From the one to the other.'),
  }),
};
export const PROOF: AnswerShape = {
  about: 'From the event to the checkpoint.',
  schema: z.object({
    ...proofFields,
    eventId: z.string().describe('Names the event.'),
    checkpoint,
    key: z
      .object({ kid: z.string().describe('Names the key.'), vkey, jwk })
      .nullable()
      .describe('The key that signed the checkpoint; null: it is not known here.'),
  }),
};
export const EXPORT: AnswerShape = {
  about: 'One JSON value a line.',
  schema: z.string(),
  type: 'application/x-ndjson',
};
export const PSEUDONYMS: AnswerShape = {
  about: 'In the order of the question.',
  schema: z.object({
    items: z.array(z.object({ actor: z.string().describe('The pseudonym.') })).describe('One for each user.'),
  }),
};
export const ERASED: AnswerShape = {
  about: 'How many had personal parts.',
  schema: z.object({
    events: z.array(z.string()).describe('Ids of the events.'),
    erased: z.int().describe('How many had personal parts.'),
  }),
};
export const RECEIPT: AnswerShape = { about: 'Signed.', schema: receipt };
