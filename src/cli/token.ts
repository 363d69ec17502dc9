/** `sluice token ...`: bearer tokens. */
import { Command } from 'commander';
import type { ApiClient } from './api-client.js';
import { print } from './connection.js';
import { together } from './repeatable.js';
import { printTable } from './table.js';

/** Of one list. */
const SHOWN_MAX = 100;

interface ShownToken {
  readonly id: string;
  readonly principal: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

export function tokenCommand(client: () => ApiClient): Command {
  const token = new Command('token').description('bearer tokens');
  const asJson = (command: Command): boolean => command.optsWithGlobals().json === true;
  token
    .command('create')
    .description('make a token; it is shown once')
    .argument('<name>')
    .option('--principal <user>', 'for this principal (administrators)')
    .option('--scope <scope>', 'only for this; repeatable', together)
    .option('--expires-at <time>', 'ISO 8601')
    .action(async (name: string, _: unknown, command: Command) => {
      const { principal, scope, expiresAt } = command.opts();
      const made = (await client().post('/v1/tokens', { name, principal, scopes: scope, expiresAt })) as {
        token: string;
      };
      print(asJson(command), made, () => console.log(made.token));
    });
  token
    .command('list')
    .description("my tokens; an administrator sees everybody's. Secrets are never shown again")
    .option('--cursor <cursor>', 'go on from here')
    .action(async ({ cursor }: { cursor?: string }, command: Command) => {
      const from = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const found = (await client().get(`/v1/tokens?limit=${SHOWN_MAX}${from}`)) as {
        readonly items: readonly ShownToken[];
        readonly nextCursor: string | null;
      };
      print(asJson(command), found, () => {
        printTable(
          ['id', 'principal', 'name', 'scopes', 'expires', 'revoked'],
          found.items.map((one) => [
            one.id,
            one.principal,
            one.name,
            one.scopes.join(' ') || 'all',
            one.expiresAt ?? 'never',
            one.revokedAt ?? '',
          ]),
        );
        if (found.nextCursor !== null) console.log(`more: --cursor ${found.nextCursor}`);
      });
    });
  token
    .command('revoke')
    .description('end a token, at once and everywhere')
    .argument('<id>')
    .action(async (id: string, _: unknown, command: Command) => {
      await client().send('DELETE', `/v1/tokens/${encodeURIComponent(id)}`);
      print(asJson(command), { revoked: id }, () => console.log('Revoked.'));
    });
  token
    .command('bootstrap')
    .description('the first administrator and token, once')
    .action(async (_: unknown, command: Command) => {
      // Only this command needs the database, which takes its time to load.
      const { bootstrapToken } = await import('./bootstrap.js');
      const made = await bootstrapToken(process.env);
      print(asJson(command), { token: made }, () => console.log(made));
    });
  return token;
}
