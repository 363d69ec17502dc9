/** An OpenLineage endpoint that keeps what it is sent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface InputField {
  readonly name: string;
  readonly field: string;
  readonly transformations: readonly { readonly type: string; readonly subtype: string }[];
}
export interface LineageEvent {
  readonly eventType: 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';
  readonly run: { readonly runId: string; readonly facets: { readonly gov: Record<string, unknown> } };
  readonly job: { readonly name: string };
  readonly inputs: readonly { readonly name: string }[];
  readonly outputs: readonly {
    readonly name: string;
    readonly facets: {
      readonly schema: { readonly fields: readonly { readonly name: string; readonly type: string }[] };
      readonly columnLineage: {
        readonly fields: Readonly<Record<string, { readonly inputFields: readonly InputField[] }>>;
        readonly dataset: readonly InputField[];
      };
    };
  }[];
}

export interface LineageCollector {
  readonly url: string;
  readonly events: readonly LineageEvent[];
  close(): Promise<void>;
}

export async function startLineageCollector(): Promise<LineageCollector> {
  const events: LineageEvent[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      events.push(JSON.parse(Buffer.concat(parts).toString('utf8')));
      response.writeHead(201).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/lineage`,
    events,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
