/** Answers of `/v1/principals` and `/v1/tokens`, for the API's description. */
import { z } from 'zod';
import { type AnswerShape, ETAG } from '../../http/answers.js';
import { nextCursor } from '../../http/schemas.js';
import { attributes } from './identity-bodies.js';

const names = z.array(z.string());
const identity = {
  user: z.string().describe('The user name.'),
  roles: names.describe('Roles.'),
  groups: names.describe('Groups.'),
  attributes,
};
const me = z.object(identity).meta({ id: 'Identity', description: 'Who the caller is here.' });
const principal = z
  .object({
    ...identity,
    active: z.boolean().describe('Whether they may sign in.'),
    managedBy: z.string().describe('Where they are changed: api, or what brings them in.'),
    version: z.int().describe('For If-Match.'),
  })
  .meta({ id: 'Principal', description: 'Somebody, or something, that asks.' });
const tokenFields = {
  id: z.uuid().describe('Names it in other requests.'),
  principal: z.string().describe('Whose it is.'),
  name: z.string().describe('What it is for.'),
  scopes: names.describe('What it is limited to; empty: nothing.'),
  createdAt: z.string().describe('When it was made.'),
  expiresAt: z.string().nullable().describe('When it ends; null: never.'),
  revokedAt: z.string().nullable().describe('When it was revoked; null: it was not.'),
};
const token = z.object(tokenFields).meta({ id: 'Token', description: 'A token, without its secret.' });
const newToken = z
  .object({ ...tokenFields, token: z.string().describe('The secret: shown this once.') })
  .meta({ id: 'NewToken', description: 'A token with its secret.' });

export const ME: AnswerShape = { about: 'As the credentials say.', schema: me };
export const PRINCIPAL: AnswerShape = { about: 'As it is now.', schema: principal };
export const PRINCIPAL_READ: AnswerShape = { ...PRINCIPAL, headers: ETAG };
export const PRINCIPALS: AnswerShape = {
  about: 'One page.',
  schema: z.object({ items: z.array(principal).describe('By user name.'), nextCursor }),
};
export const TOKENS: AnswerShape = {
  about: 'One page, without secrets.',
  schema: z.object({ items: z.array(token).describe('By id.'), nextCursor }),
};
export const NEW_TOKEN: AnswerShape = { about: 'With its secret, this once.', schema: newToken };
