/** Answers of `/v1/principals` and `/v1/tokens`, for the API's description. */
import { z } from 'zod';
import { type AnswerShape, ETAG } from '../../http/answers.js';
import { attributes } from './identity-bodies.js';

const nextCursor = z.string().nullable();
const names = z.array(z.string());
const me = z.object({ user: z.string(), roles: names, groups: names, attributes });
const principal = me.extend({
  active: z.boolean(),
  managedBy: z.string(),
  version: z.int(),
});
const token = z.object({
  id: z.uuid(),
  principal: z.string(),
  name: z.string(),
  scopes: names,
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
});

export const ME: AnswerShape = { about: 'As the credentials say.', schema: me };
export const PRINCIPAL: AnswerShape = { about: 'As it is now.', schema: principal };
export const PRINCIPAL_READ: AnswerShape = { ...PRINCIPAL, headers: ETAG };
export const PRINCIPALS: AnswerShape = {
  about: 'One page.',
  schema: z.object({ items: z.array(principal), nextCursor }),
};
export const TOKENS: AnswerShape = {
  about: 'One page, without secrets.',
  schema: z.object({ items: z.array(token), nextCursor }),
};
export const NEW_TOKEN: AnswerShape = {
  about: 'With its secret, this once.',
  schema: token.extend({ token: z.string() }),
};
