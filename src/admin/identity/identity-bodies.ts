/** Bodies of `/v1/principals` and `/v1/tokens`. */
import { z } from 'zod';
import { SCOPES } from '../../http/auth.guard.js';
import { page, text } from '../../http/schemas.js';

export const attributes = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/),
  z.union([text(1_000), z.number(), z.boolean(), z.array(z.union([text(1_000), z.number()])).max(1_000)]),
);
export const principalBody = z.strictObject({
  roles: z.array(text(200)).max(200).default([]),
  groups: z.array(text(200)).max(200).default([]),
  attributes: attributes.default({}),
  active: z.boolean().default(true),
});
export const newPrincipalBody = principalBody.extend({
  user: z.string().regex(/^[^\s|:]{1,200}$/, 'has no spaces, colons or bars, 200 characters at most'),
});
export type PrincipalBody = z.output<typeof principalBody>;
export type NewPrincipalBody = z.output<typeof newPrincipalBody>;

export const tokenBody = z.strictObject({
  principal: text(200).optional(),
  name: text(200),
  scopes: z.array(z.enum(SCOPES)).max(10).default([]),
  expiresAt: z.iso.datetime({ offset: true }).optional(),
});
export type TokenBody = z.output<typeof tokenBody>;

export const tokenPage = page.extend({ cursor: z.uuid().optional() });
export type TokenPage = z.output<typeof tokenPage>;
