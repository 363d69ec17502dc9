import { describe, expect, it } from '@jest/globals';
import type { MessageSchema, PlanMessage } from '../../core/plan/connect/message.js';
import type { ConnectSession } from './engine.js';
import { SecuredViews } from './secured-views.js';

const schema = { make: (kind: string, fields: object) => ({ kind, ...fields }) } as unknown as MessageSchema;

interface Created {
  readonly name: string;
  readonly query: string;
}

/** A server that notes the views it is told to keep. */
function server(fails = false) {
  const created: Created[] = [];
  const session = {
    async *answers(_method: string, fields: Record<string, unknown>): AsyncGenerator<PlanMessage> {
      if (fails) throw new Error('the server is away');
      const { value } = (fields as never as Plan).plan.opType.value.commandType;
      created.push({ name: value.name, query: value.input.relType.value.query });
      yield { kind: 'ExecutePlanResponse' } as unknown as PlanMessage;
    },
  } as unknown as ConnectSession;
  return { created, views: new SecuredViews(session) };
}

interface Plan {
  readonly plan: {
    readonly opType: {
      readonly value: {
        readonly commandType: {
          readonly value: {
            readonly name: string;
            readonly input: { readonly relType: { readonly value: { readonly query: string } } };
          };
        };
      };
    };
  };
}

const times = async (count: number, work: () => Promise<unknown>): Promise<void> => {
  for (let i = 0; i < count; i += 1) await work();
};

describe('views of secured leaves', () => {
  it('keeps a leaf that is used again, with exactly its text', async () => {
    const { created, views } = server();
    expect(await views.nameOf('SELECT 1', schema)).toBeUndefined();
    expect(created).toEqual([]);
    const name = await views.nameOf('SELECT 1', schema);
    expect(created).toEqual([{ name, query: 'SELECT 1' }]);
    await times(3, async () => expect(await views.nameOf('SELECT 1', schema)).toBe(name));
    expect(created).toHaveLength(1);
  });

  it('never gives one leaf the view of another', async () => {
    const { created, views } = server();
    await times(2, () => views.nameOf('SELECT 1', schema));
    expect(await views.nameOf('SELECT 1 ', schema)).toBeUndefined();
    const other = await views.nameOf('SELECT 1 ', schema);
    expect(new Set(created.map(({ name }) => name)).size).toBe(2);
    expect(created.find(({ name }) => name === other)?.query).toBe('SELECT 1 ');
    for (const { name } of created) expect(name).toMatch(/^leaf_[0-9a-f]{32}$/);
  });

  it('analyses anew under new settings', async () => {
    const { created, views } = server();
    await times(2, () => views.nameOf('SELECT 1', schema));
    views.forget();
    expect(await views.nameOf('SELECT 1', schema)).toBeUndefined();
    await views.nameOf('SELECT 1', schema);
    expect(created).toHaveLength(2);
  });

  it('keeps no more than it may', async () => {
    const { created, views } = server();
    for (let i = 0; i < 250; i += 1) await times(2, () => views.nameOf(`SELECT ${i}`, schema));
    expect(created).toHaveLength(200);
  });

  it('names no view that the server did not make', async () => {
    const { views } = server(true);
    await views.nameOf('SELECT 1', schema);
    await expect(views.nameOf('SELECT 1', schema)).rejects.toThrow('away');
    expect(await views.nameOf('SELECT 1', schema)).toBeUndefined();
  });
});
