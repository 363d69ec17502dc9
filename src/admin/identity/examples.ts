/** Examples of principals and tokens: over the demo, sent one after another by test/rest/examples.spec.ts. */
import type { RouteExample } from '../../http/example.js';

export const CREATE_TOKEN: RouteExample = {
  name: 'nightly-report',
  about: 'A token that can only run statements.',
  body: { name: 'nightly report', principal: 'analyst', scopes: ['statements'] },
  status: 201,
  answer: {
    id: '97597d59-b162-4985-88dc-09578061c5d2',
    principal: 'analyst',
    name: 'nightly report',
    scopes: ['statements'],
    createdAt: '2026-11-25T14:36:57.213Z',
    expiresAt: null,
    revokedAt: null,
    token: 'slu_97597d59-b162-4985-88dc-09578061c5d2_shown-this-once',
  },
};

export const CREATE_PRINCIPAL: RouteExample = {
  name: 'a-new-analyst',
  about: 'Somebody with a role and an attribute.',
  body: { user: 'maria', roles: ['analyst'], attributes: { countries: ['ES'] } },
  status: 201,
  answer: {
    user: 'maria',
    roles: ['analyst'],
    groups: [],
    attributes: { countries: ['ES'] },
    active: true,
    managedBy: 'api',
    version: 1,
  },
};

export const REPLACE_PRINCIPAL: RouteExample = {
  name: 'into-a-group',
  about: 'Everything anew: what is left out is empty.',
  path: { user: 'maria' },
  body: { roles: ['analyst'], groups: ['marketing'] },
  status: 200,
  answer: {
    user: 'maria',
    roles: ['analyst'],
    groups: ['marketing'],
    attributes: {},
    active: true,
    managedBy: 'api',
    version: 2,
  },
};
