import { Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import { authenticateCall } from './call.js';

const TRACE = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) };
const authenticator = {
  authenticate: async () => ({
    principal: { user: 'ana', roles: [], groups: [], attributes: {}, via: 'test' },
    scopes: [],
  }),
};

describe('authenticateCall', () => {
  it('takes up the trace that a client says its call is a part of', async () => {
    const metadata = new Metadata();
    metadata.set('traceparent', `00-${TRACE.traceId}-${TRACE.spanId}-01`);
    const { caller } = await authenticateCall(authenticator, metadata, 'ipv4:127.0.0.1:4711');
    expect(caller.trace).toEqual({ ...TRACE, sampled: true });
    const { caller: other } = await authenticateCall(authenticator, new Metadata(), 'ipv4:127.0.0.1:4711');
    expect(other.trace).toBeUndefined();
  });
});
