/** Examples of reports: over the demo, sent one after another by test/rest/examples.spec.ts. */
import type { RouteExample } from '../../http/example.js';

export const SCHEDULE: RouteExample = {
  name: 'every-monday',
  about: 'A report each Monday at six.',
  body: { kind: 'access', every: 'week', weekday: 'monday', hour: 6 },
  status: 201,
  answer: {
    id: '86900877-1d5f-4b9c-b4ff-e09d2d54e18d',
    kind: 'access',
    every: 'week',
    hour: 6,
    weekday: 'monday',
    filter: {},
    createdAt: '2026-11-25T14:36:58.122Z',
    dueAt: '2026-11-30T06:00:00.000Z',
    retryAt: null,
    lastCode: null,
  },
};
