/** Statements that write, asked of a gateway; and a policy under which people of the demo share tables. */
import type { Rest } from './rest-client.js';

export const DESK_POLICY = {
  kind: 'policy',
  name: 'desk',
  grants: [
    { allow: ['browse', 'read', 'write'], to: ['role:analyst', 'role:steward'], on: ['shop.desk.*'] },
    { allow: ['browse'], to: ['role:auditor'], on: ['shop.desk.*'] },
    { allow: ['write'], to: ['role:privacy'], on: ['shop.dark.*'] },
    { allow: ['browse', 'read', 'write'], to: ['role:steward'], on: ['shop.dark.*'] },
  ],
  rows: [
    {
      name: 'own-country',
      on: ['shop.desk.visits'],
      to: ['role:analyst'],
      mode: 'restrictive',
      where: 'country = "DE"',
    },
  ],
};

export class TableClient {
  constructor(private readonly rest: () => Rest) {}

  /** The rows of the answer; throws when there are none. */
  // biome-ignore lint/suspicious/noExplicitAny: rows are what the statement says.
  readonly rows = async (user: string, sql: string): Promise<any> => {
    const answer = await this.rest().run(user, sql);
    if (answer.status !== 200 || answer.json.state !== 'succeeded') throw new Error(`${sql}: ${answer.text}`);
    return answer.json.result.rows;
  };

  /** `none`, or the status and the code of the refusal. */
  readonly code = async (user: string, sql: string, body: object = {}): Promise<string> => {
    const answer = await this.rest().run(user, sql, body);
    return answer.status === 200 ? 'none' : `${answer.status} ${answer.json.code}`;
  };

  readonly table = async (user: string, name: string) =>
    (await this.rest().ask(user, 'GET', `/v1/catalog/tables/${name}`)).json;
}
