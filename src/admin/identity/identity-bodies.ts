/** Bodies of `/v1/principals` and `/v1/tokens`. */
import { z } from 'zod';
import { SCOPES } from '../../http/auth.guard.js';
import { CURSOR, page, text } from '../../http/schemas.js';

export const attributes = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/),
    z.union([text(1_000), z.number(), z.boolean(), z.array(z.union([text(1_000), z.number()])).max(1_000)]),
  )
  .describe('Facts that policies may ask for.');
const replaceable = {
  roles: z.array(text(200)).max(200).default([]).describe('Roles.'),
  groups: z.array(text(200)).max(200).default([]).describe('Groups.'),
  attributes: attributes.default({}),
  active: z.boolean().default(true).describe('Whether they may sign in.'),
};
export const principalBody = z
  .strictObject(replaceable)
  .meta({ id: 'ReplacePrincipal', description: 'What a principal is from now on.' });
export const newPrincipalBody = z
  .strictObject({
    ...replaceable,
    user: z
      .string()
      .regex(/^[^\s|:]{1,200}$/, 'has no spaces, colons or bars, 200 characters at most')
      .describe('The user name.'),
  })
  .meta({ id: 'CreatePrincipal', description: 'A principal to add.' });
export type PrincipalBody = z.output<typeof principalBody>;
export type NewPrincipalBody = z.output<typeof newPrincipalBody>;

export const tokenBody = z
  .strictObject({
    principal: text(200).optional().describe('For somebody else, for who administers.'),
    name: text(200).describe('What it is for.'),
    scopes: z.array(z.enum(SCOPES)).max(10).default([]).describe('What it is limited to; empty: nothing.'),
    expiresAt: z.iso.datetime({ offset: true }).optional().describe('When it ends; without it, never.'),
  })
  .meta({ id: 'CreateToken', description: 'A token to make.' });
export type TokenBody = z.output<typeof tokenBody>;

export const tokenPage = page.extend({ cursor: z.uuid().optional().describe(CURSOR) });
export type TokenPage = z.output<typeof tokenPage>;
