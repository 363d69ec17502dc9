/** `sluice policy ...`: its commands. What they do is in policy.ts and explain.ts. */
import { Command } from 'commander';
import type { ApiClient } from './api-client.js';
import { explainObject } from './explain.js';
import { apply, diff, test } from './policy.js';
import { together } from './repeatable.js';

export function policyCommand(client: () => ApiClient): Command {
  const policy = new Command('policy').description('policy documents');
  const asJson = (command: Command): boolean => command.optsWithGlobals().json === true;
  policy
    .command('apply')
    .description('create or replace a document from a file')
    .argument('<file>')
    .action((file: string, _: unknown, command: Command) => apply(client(), file, asJson(command)));
  policy
    .command('test')
    .description('run policy tests (*.test.yaml) against what is in force')
    .argument('<files...>')
    .option('--with <document>', 'with this document in place of the one of its name; repeatable', together)
    .action((files: string[], options: { with?: string[] }, command: Command) =>
      test(client(), files, options.with ?? [], asJson(command)),
    );
  policy
    .command('diff')
    .description('what a document would change, and for whom')
    .argument('<file>')
    .option('--as <user>', 'for this principal only')
    .action((file: string, options: { as?: string }, command: Command) =>
      diff(client(), file, options.as, asJson(command)),
    );
  policy
    .command('explain')
    .description('what a principal may do with an object, and why')
    .argument('<object>')
    .option('--as <user>', 'this principal (administrators)')
    .action((object: string, options: { as?: string }, command: Command) =>
      explainObject(client(), object, options.as, asJson(command)),
    );
  return policy;
}
