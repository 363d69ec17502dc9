/** A path that is there, asked with a method that it has not: 405, and which it has. */
import type { FastifyInstance } from 'fastify';
import { GovernanceError } from '../core/errors.js';

export function refuseOtherMethods(fastify: FastifyInstance): void {
  const resources = new Map<string, { readonly path: RegExp; readonly methods: Set<string> }>();
  fastify.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const known = resources.get(url) ?? { path: patternOf(url), methods: new Set<string>() };
    for (const name of [method].flat()) known.methods.add(name);
    resources.set(url, known);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const path = request.url.split('?')[0] ?? '';
    const found = [...resources.values()].filter((resource) => resource.path.test(path));
    if (found.length === 0) return done();
    const allowed = [...new Set(found.flatMap(({ methods }) => [...methods]))].sort().join(', ');
    void reply.header('allow', allowed);
    done(
      new GovernanceError('METHOD_NOT_ALLOWED', `There is no ${request.method} here.`, {
        remedy: `Use one of: ${allowed}.`,
      }),
    );
  });
}

/** `/a/:b` as what it matches: one segment for each parameter. */
const patternOf = (url: string): RegExp =>
  new RegExp(`^${url.replace(/[.+()]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+')}/?$`);
