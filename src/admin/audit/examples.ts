/** Examples of the log: over the demo, sent one after another by test/rest/examples.spec.ts. */
import type { RouteExample } from '../../http/example.js';

export const ASK_PSEUDONYMS: RouteExample = {
  name: 'one-person',
  about: 'How the log calls somebody.',
  body: { principals: ['analyst'] },
  status: 200,
  answer: { items: [{ actor: 'a3e106a20b034227719a1b7903c57ac3' }] },
};

export const ERASE: RouteExample = {
  name: 'one-event',
  about: 'Of an event that has no personal parts, or not any more.',
  body: { events: ['0123456789abcdef0123456789abcdef.1'], reason: 'asked for by the person' },
  status: 200,
  answer: { events: ['0123456789abcdef0123456789abcdef.1'], erased: 0 },
};

export const ALERT_RULE: RouteExample = {
  name: 'many-denials',
  about: 'Twenty refusals within ten minutes.',
  path: { name: 'many-refusals' },
  body: { name: 'many-refusals', when: { kind: 'denials', count: 20 }, window: '10m', severity: 'high' },
  status: 200,
  answer: {
    name: 'many-refusals',
    version: 1,
    updatedBy: 'admin',
    updatedAt: '2026-11-25T14:36:58.079Z',
    rule: {
      name: 'many-refusals',
      when: { kind: 'denials', count: 20 },
      window: '10m',
      severity: 'high',
      enabled: true,
    },
  },
};
