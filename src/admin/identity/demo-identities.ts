/** The people of the demo, with tokens that stay the same over restarts. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newToken } from '../../gateway/authenticate.js';
import type { PrincipalInput } from '../../store/principals.js';
import type { Store } from '../../store/store.js';

/** Members of the European Union, ISO 3166 alpha-2. */
export const EU_COUNTRIES: readonly string[] =
  'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE'.split(' ');

const FILE = 'demo-credentials.json';
const FILE_MODE = 0o600;
const TOKEN = /^slu_([0-9a-f-]{36})_(.{43})$/;

const person = (role: string, attributes: PrincipalInput['attributes'] = {}): PrincipalInput => ({
  roles: [role],
  groups: [],
  attributes,
  active: true,
});

export const DEMO_PEOPLE: ReadonlyMap<string, PrincipalInput> = new Map([
  ['admin', person('admin')],
  ['steward', person('steward')],
  ['analyst', person('analyst', { countries: EU_COUNTRIES })],
  ['engineer', person('engineer')],
  ['privacy', person('privacy')],
  ['auditor', person('auditor')],
]);

/** Makes who is missing and writes `demo-credentials.json` (0600): user name to bearer token. */
export async function ensureDemoIdentities(store: Store, dataDir: string): Promise<void> {
  const file = join(dataDir, FILE);
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};
  const credentials: Record<string, string> = {};
  for (const [user, input] of DEMO_PEOPLE) {
    if ((await store.principals.find(user)) === null) await store.principals.create(user, input, 'demo');
    credentials[user] = (await stillGood(store, user, known[user])) ?? (await tokenFor(store, user));
  }
  writeFileSync(`${file}.new`, `${JSON.stringify(credentials, null, 2)}\n`, { mode: FILE_MODE });
  renameSync(`${file}.new`, file);
}

async function stillGood(store: Store, user: string, token: string | undefined): Promise<string | undefined> {
  const parts = TOKEN.exec(token ?? '');
  if (parts === null) return undefined;
  const live = await store.tokens.authenticate(parts[1] ?? '', parts[2] ?? '', new Date());
  return live?.token.principal === user ? token : undefined;
}

async function tokenFor(store: Store, user: string): Promise<string> {
  const { id, secret, token } = newToken();
  await store.tokens.create({ id, principal: user, secret, name: 'demo', scopes: [], expiresAt: null });
  return token;
}
