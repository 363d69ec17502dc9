/** `sluice statement ...`: what runs, and an end to it. */
import { Command } from 'commander';
import type { ApiClient } from './api-client.js';
import { print } from './connection.js';
import { printTable } from './table.js';

/** Of one list. */
const SHOWN_MAX = 100;

interface ShownStatement {
  readonly statementId: string;
  readonly principal?: string;
  readonly state: string;
  readonly door: string;
  readonly engine?: string;
  readonly resourceGroup: string | null;
  readonly since?: string;
}

export function statementCommand(client: () => ApiClient): Command {
  const statement = new Command('statement').description('statements that run and ran');
  const asJson = (command: Command): boolean => command.optsWithGlobals().json === true;
  statement
    .command('list')
    .description('my statements, newest first')
    .option('--all', "everybody's (administrators)")
    .action(async ({ all }: { all?: boolean }, command: Command) => {
      const found = (await client().get(
        `/v1/statements?limit=${SHOWN_MAX}${all === true ? '&all=true' : ''}`,
      )) as { readonly items: readonly ShownStatement[] };
      print(asJson(command), found, () =>
        printTable(
          ['id', 'principal', 'state', 'door', 'engine', 'group', 'since'],
          found.items.map((one) => [
            one.statementId,
            one.principal ?? 'me',
            one.state,
            one.door,
            one.engine ?? '',
            one.resourceGroup ?? '',
            one.since ?? '',
          ]),
        ),
      );
    });
  statement
    .command('cancel')
    .description('end a statement; of one that has ended nothing changes')
    .argument('<id>')
    .option('--any', "whoever's it is (administrators)")
    .action(async (id: string, { any }: { any?: boolean }, command: Command) => {
      const noun = any === true ? '/v1/engines/statements' : '/v1/statements';
      await client().send('POST', `${noun}/${encodeURIComponent(id)}/cancel`);
      print(asJson(command), { canceled: id }, () => console.log('Cancelled.'));
    });
  return statement;
}
