/** The whole API, typed from its description; answers that are not good are thrown. */
import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './generated/api.js';
import type { Transport } from './transport.js';

export type Api = Client<paths>;
export type Schemas = components['schemas'];

export const apiOf = (transport: Transport): Api =>
  createClient<paths>({ baseUrl: transport.url, fetch: (request) => transport.send(request) });

/** What a good answer holds: others have been thrown. */
export async function dataOf<Data>(asked: Promise<{ readonly data?: Data }>): Promise<Data> {
  return (await asked).data as Data;
}

/** The same of what can be answered in other media types too, asked for as JSON. */
export const jsonOf = async <Data>(asked: Promise<{ readonly data?: unknown }>): Promise<Data> =>
  (await asked).data as Data;
