/** Bad input at the door: it is told in our words, leaves nothing behind, and the door stays open. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sparkError } from '../../src/engines/spark/errors.js';
import { CONNECT_METHODS, connectType } from '../../src/proto/connect.js';
import { decode, encode, make } from '../../src/proto/message.js';
import { readErrorInfo, STATUS_TRAILER, writeErrorInfo } from '../../src/proto/rpc-status.js';
import { type FakeDoor, openFakeDoor } from '../support/fake-connect.js';
import { randomFrom, randomMessage } from '../support/random-message.js';

const UNAUTHENTICATED = 16;
const REQUESTS = 60;
const SESSION = '11111111-2222-3333-4444-555555555555';
/** Calls with random messages in them end sessions, too. */
const FUZZED = '00000000-2222-3333-4444-555555555555';
const range = { relType: { case: 'range', value: { end: 3n, step: 1n } } };
const plan = { opType: { case: 'root', value: range } };
const METHODS = [...CONNECT_METHODS.keys()];

describe('the Spark Connect door', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-hostile-'));
  let door: FakeDoor;
  beforeAll(async () => {
    door = await openFakeDoor({ uploads: folder });
  });
  afterAll(async () => {
    await door.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const refused = async (sent: Promise<unknown>): Promise<{ condition: string; error: ServiceError }> => {
    const error = (await sent.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )) as ServiceError | undefined;
    if (error === undefined) throw new Error('it went through');
    const trailer = error.metadata.get(STATUS_TRAILER)[0] as Uint8Array;
    return { condition: readErrorInfo(trailer)?.metadata.errorClass ?? '', error };
  };
  const execute = (fields: object, user?: string) =>
    door.send(
      'ExecutePlan',
      encode(make('ExecutePlanRequest', { sessionId: SESSION, plan, ...fields })),
      user,
    );

  it('lets a plain plan through, with an intent and an outcome', async () => {
    const heard = await execute({});
    expect(heard).toHaveLength(2);
    const first = decode(connectType('ExecutePlanResponse'), heard[0] as Buffer);
    expect(first.sessionId).toBe(SESSION);
    expect(first.operationId).not.toBe('theirs');
    expect(door.intents).toHaveLength(1);
    expect(door.outcomes).toMatchObject([{ state: 'succeeded', rowCount: 1, bytes: 3 }]);
  });

  it.each(METHODS)('%s asks for credentials first', async (method) => {
    for (const user of ['', 'not a token']) {
      const { condition, error } = await refused(door.send(method, Uint8Array.of(0xff), user));
      expect([condition, error.code]).toEqual(['UNAUTHENTICATED', UNAUTHENTICATED]);
    }
  });

  it.each(METHODS)('%s is not for a token that is limited to something else', async (method) => {
    expect((await refused(door.send(method, Uint8Array.of(), 'limited'))).condition).toBe('ACCESS_DENIED');
  });

  it.each(METHODS)('%s takes no bytes that are no message', async (method) => {
    const before = door.intents.length;
    for (const bytes of [[0xff, 0xff], [0x0a], [0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f]]) {
      const { condition } = await refused(door.send(method, Uint8Array.from(bytes)));
      expect(condition).toBe('BAD_REQUEST');
    }
    expect(door.intents.length).toBe(before);
  });

  it.each(METHODS)('%s answers or refuses whatever the message holds', async (method) => {
    const { input } = CONNECT_METHODS.get(method)!;
    for (let seed = 0; seed < REQUESTS; seed += 1) {
      const random = randomFrom(seed);
      const request = randomMessage(input, random, undefined, 1 + (seed % 5));
      if (random() < 0.8) Object.assign(request, { sessionId: FUZZED });
      const bytes = Uint8Array.from(encode(request));
      if (random() < 0.3) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      const error = (await door.send(method, bytes).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )) as ServiceError | undefined;
      if (error !== undefined) expect(error.details).toMatch(/^\[[A-Z_.]+\] .+ SQLSTATE: \w{5}$/s);
    }
    expect(door.unexpected.map((error) => (error as Error).stack)).toEqual([]);
  });

  it.each([
    ['a session id that is none', { sessionId: 'mine' }, 'INVALID_HANDLE.FORMAT'],
    ['an operation id that is none', { operationId: '../x' }, 'INVALID_HANDLE.FORMAT'],
    [
      'a session of before a restart',
      { clientObservedServerSideSessionId: SESSION },
      'INVALID_HANDLE.SESSION_CHANGED',
    ],
    ['no plan', { plan: undefined }, 'FEATURE_NOT_ALLOWED'],
    ['tags with commas', { tags: ['a,b'] }, 'BAD_REQUEST'],
    ['too many tags', { tags: Array.from({ length: 51 }, (_, i) => `t${i}`) }, 'BAD_REQUEST'],
  ])('refuses %s', async (_, fields, condition) => {
    expect((await refused(execute(fields))).condition).toBe(condition);
  });

  it('refuses what no release knows, around a plan as in it', async () => {
    const unknown = [0xc8, 0x83, 0x06, 1];
    const around = [...encode(make('ExecutePlanRequest', { sessionId: SESSION, plan })), ...unknown];
    const { condition, error } = await refused(door.send('ExecutePlan', Uint8Array.from(around)));
    expect([condition, error.details]).toEqual([
      'FEATURE_NOT_ALLOWED',
      expect.stringContaining('unknown field'),
    ]);
    const extension = { typeUrl: 'type.googleapis.com/x.Y', value: new Uint8Array() };
    const { condition: ofExtension } = await refused(execute({ userContext: { extensions: [extension] } }));
    expect(ofExtension).toBe('FEATURE_NOT_ALLOWED');
  });

  it('takes plans as deep as Spark does, and none deeper', async () => {
    const nested = (depth: number): object => {
      let relation: object = range;
      for (let i = 0; i < depth; i += 1)
        relation = { relType: { case: 'limit', value: { input: relation, limit: 1 } } };
      return { plan: { opType: { case: 'root', value: relation } } };
    };
    expect(await execute(nested(400))).toHaveLength(2);
    expect((await refused(execute(nested(600)))).condition).toBe('BAD_REQUEST');
  });

  it('keeps each principal to their own', async () => {
    const operationId = '99999999-2222-3333-4444-555555555555';
    await execute({ operationId });
    const reattach = encode(make('ReattachExecuteRequest', { sessionId: SESSION, operationId }));
    const { condition } = await refused(door.send('ReattachExecute', reattach, 'bob'));
    expect(condition).toBe('INVALID_HANDLE.OPERATION_NOT_FOUND');
    const spoofed = make('ReattachExecuteRequest', {
      sessionId: SESSION,
      operationId,
      userContext: { userId: 'ana' },
    });
    expect((await refused(door.send('ReattachExecute', encode(spoofed), 'bob'))).condition).toBe(condition);
  });

  it('sends the server none of the ids of clients', () => {
    const sent = JSON.stringify(door.asked, (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(sent).not.toContain(SESSION);
    expect(sent).not.toContain('99999999-2222');
  });

  it('holds many idle sessions and lets them go', async () => {
    const idle = await openFakeDoor({ idleMs: 50 });
    const begin = (n: number) => {
      const sessionId = `${String(n).padStart(8, '0')}-2222-3333-4444-555555555555`;
      const operation = { opType: { case: 'getAll', value: {} } };
      return idle.send('Config', encode(make('ConfigRequest', { sessionId, operation })));
    };
    await Promise.all(Array.from({ length: 200 }, (_, n) => begin(n)));
    expect(idle.sessions.size).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 80));
    await begin(1_000);
    expect(idle.sessions.size).toBe(1);
    await idle.close();
  });

  it('ends a result that is too large, and records that', async () => {
    const small = await openFakeDoor({ byteLimitMax: 2 });
    const request = encode(make('ExecutePlanRequest', { sessionId: SESSION, plan }));
    expect((await refused(small.send('ExecutePlan', request))).condition).toBe('BYTE_LIMIT_EXCEEDED');
    expect(small.outcomes).toMatchObject([{ state: 'failed', code: 'BYTE_LIMIT_EXCEEDED' }]);
    await small.close();
  });

  it('gives away nothing of answers that were not asked for', async () => {
    const lying = await openFakeDoor({
      async *answers() {
        yield make('ExecutePlanResponse', {
          responseType: { case: 'getResourcesCommandResult', value: {} },
          metrics: { metrics: [] },
        });
      },
    });
    const request = encode(make('ExecutePlanRequest', { sessionId: SESSION, plan }));
    expect((await refused(lying.send('ExecutePlan', request))).condition).toBe('INTERNAL');
    expect(lying.outcomes).toMatchObject([{ state: 'failed' }]);
    await lying.close();
  });

  describe('in front of an engine that lies', () => {
    const SECRET = 'a value of row 7';
    const nested = (depth: number): object =>
      depth === 0
        ? { kind: { case: 'integer', value: {} } }
        : { kind: { case: 'array', value: { elementType: nested(depth - 1) } } };
    const schemaOf = (dataType: object): object => ({
      kind: { case: 'struct', value: { fields: [{ name: 'c', dataType, nullable: true }] } },
    });
    const analyze = encode(
      make('AnalyzePlanRequest', { sessionId: SESSION, analyze: { case: 'schema', value: { plan } } }),
    );
    const view = { case: 'createDataframeView', value: { input: range, name: 'v', replace: true } };
    const makeView = encode(
      make('ExecutePlanRequest', {
        sessionId: SESSION,
        plan: { opType: { case: 'command', value: { commandType: view } } },
      }),
    );

    it.each([
      ['another answer than to what was asked', { case: 'explain', value: { explainString: SECRET } }],
      ['no answer', { case: undefined }],
      ['no schema', { case: 'schema', value: {} }],
      ['a schema that is no struct', { case: 'schema', value: { schema: nested(0) } }],
      [
        'a schema without types',
        { case: 'schema', value: { schema: schemaOf({ kind: { case: undefined } }) } },
      ],
      ['a schema without end', { case: 'schema', value: { schema: schemaOf(nested(5_000)) } }],
    ])('about a schema (%s) tells nothing of it, and makes no view', async (_, result) => {
      const lying = await openFakeDoor({ analysis: () => make('AnalyzePlanResponse', { result }) });
      for (const [method, bytes] of [
        ['AnalyzePlan', analyze],
        ['ExecutePlan', makeView],
      ] as const) {
        const told = await lying.send(method, bytes).then(
          (answers) => answers.map((answer) => answer.toString('latin1')).join(),
          (error: ServiceError) => error.details,
        );
        expect(told).not.toContain(SECRET);
        if (method === 'ExecutePlan') expect(told).toMatch(/^\[[A-Z_]+\] /);
      }
      expect(lying.intents).toEqual([]);
      await lying.close();
    });

    it.each([
      ['a batch without rows', [{ case: 'arrowBatch', value: { rowCount: -5n } }]],
      [
        'two ends',
        [
          { case: 'resultComplete', value: {} },
          { case: 'resultComplete', value: {} },
        ],
      ],
      [
        'rows after the end',
        [
          { case: 'resultComplete', value: {} },
          { case: 'arrowBatch', value: { rowCount: 9n } },
        ],
      ],
      ['no end', []],
    ])('about a result (%s) leaves one record of it at most', async (_, kinds) => {
      const lying = await openFakeDoor({
        async *answers() {
          for (const responseType of kinds) yield make('ExecutePlanResponse', { responseType });
        },
      });
      const heard = await lying
        .send('ExecutePlan', encode(make('ExecutePlanRequest', { sessionId: SESSION, plan })))
        .catch((error: ServiceError) => error.details);
      if (typeof heard === 'string') expect(heard).toMatch(/^\[[A-Z_]+\] /);
      else expect(heard.length).toBeLessThan(2);
      expect(lying.outcomes).toHaveLength(1);
      expect(lying.outcomes[0]?.rowCount ?? 0).toBeGreaterThanOrEqual(0);
      await lying.close();
    });

    it.each([
      'CAST_INVALID_INPUT',
      'DIVIDE_BY_ZERO',
      'USER_RAISED_EXCEPTION',
      'A_CLASS_OF_TOMORROW',
      undefined,
    ])('tells no value that is in an error (%s)', async (errorClass) => {
      const metadata = new Metadata();
      const info = { reason: SECRET, metadata: { messageParameters: JSON.stringify({ value: SECRET }) } };
      const classed = {
        ...info,
        metadata: { ...info.metadata, ...(errorClass === undefined ? {} : { errorClass }) },
      };
      metadata.set(STATUS_TRAILER, Buffer.from(writeErrorInfo(13, SECRET, classed)));
      const failing = await openFakeDoor({
        // biome-ignore lint/correctness/useYield: it fails before its first answer
        async *answers() {
          throw sparkError(Object.assign(new Error(SECRET), { code: 13, details: SECRET, metadata }));
        },
      });
      const { error } = await refused(
        failing.send('ExecutePlan', encode(make('ExecutePlanRequest', { sessionId: SESSION, plan }))),
      );
      const trailer = Buffer.from(error.metadata.get(STATUS_TRAILER)[0] as Uint8Array).toString('latin1');
      expect(`${error.details} ${trailer}`).not.toContain(SECRET);
      expect(failing.outcomes).toHaveLength(1);
      await failing.close();
    });
  });

  it('is still there', async () => expect(await execute({})).toHaveLength(2));
});
