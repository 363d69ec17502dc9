/** `npx sluice ...`: what people do from a terminal, over the same API that everyone else uses. */
import { Command, Option } from 'commander';
import { ApiProblem } from './cli/api-client.js';
import { auditCommand, receiptCommand } from './cli/audit.js';
import { connect, print } from './cli/connection.js';
import { devCa } from './cli/dev-ca.js';
import { apply, diff, test } from './cli/policy.js';
import { type QueryOptions, query } from './cli/query.js';
import { reportCommand } from './cli/report.js';

const EXIT_PROBLEM = 1;

const program = new Command('sluice')
  .description('Governed queries and policies from the terminal.')
  .option('--json', 'machine-readable output');
const asJson = (): boolean => program.opts().json === true;
const api = () => connect(process.env);
const together = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

program
  .command('query')
  .description('run a statement and print its rows')
  .argument('<sql>')
  .option('--purpose <purpose>', 'what the data is for')
  .option('--param <name=value>', 'a parameter; without a name for the next ?', together)
  .addOption(new Option('--format <format>', 'print the whole result as').choices(['csv', 'ndjson']))
  .action((sql: string, options: QueryOptions) => query(api(), sql, options, asJson()));

program
  .command('explain')
  .description('say what a statement would be allowed to see, and why')
  .argument('<sql>')
  .option('--as <user>', 'as this principal (administrators)')
  .action(async (sql: string, options: { as?: string }) => {
    const body = { statement: sql, ...(options.as === undefined ? {} : { asPrincipal: options.as }) };
    printJson(await api().post('/v1/statements/explain', body));
  });

const policy = program.command('policy').description('policy documents');
policy
  .command('apply')
  .description('create or replace a document from a file')
  .argument('<file>')
  .action((file: string) => apply(api(), file, asJson()));
policy
  .command('test')
  .description('run policy tests (*.test.yaml) against what is in force')
  .argument('<files...>')
  .option('--with <document>', 'with this document in place of the one of its name', together)
  .action((files: string[], options: { with?: string[] }) =>
    test(api(), files, options.with ?? [], asJson()),
  );
policy
  .command('diff')
  .description('what a document would change, and for whom')
  .argument('<file>')
  .option('--as <user>', 'for this principal only')
  .action((file: string, options: { as?: string }) => diff(api(), file, options.as, asJson()));
policy
  .command('explain')
  .description('what a principal may do with an object')
  .argument('<object>')
  .option('--as <user>', 'this principal (administrators)')
  .action(async (object: string, options: { as?: string }) => {
    const asked = { objects: [object], ...(options.as === undefined ? {} : { principal: options.as }) };
    printJson(await api().post('/v1/decisions', { requests: [asked] }));
  });

const keys = program.command('keys').description('keys and certificates');
keys
  .command('dev-ca')
  .description('make a certificate authority for tests, and a certificate for the Spark Connect port')
  .option('--host <name>', 'a name or address that clients use, besides those of this machine', together)
  .option('--out <folder>', 'where to; by default tls below the data folder')
  .action((options: { host?: string[]; out?: string }) => devCa(options, asJson()));

const token = program.command('token').description('bearer tokens');
token
  .command('create')
  .description('make a token; it is shown once')
  .argument('<name>')
  .option('--principal <user>', 'for this principal (administrators)')
  .option('--scope <scope>', 'only for this', together)
  .option('--expires-at <time>', 'ISO 8601')
  .action(async (name: string, options: { principal?: string; scope?: string[]; expiresAt?: string }) => {
    const { scope, ...rest } = options;
    const body = { name, ...rest, ...(scope === undefined ? {} : { scopes: scope }) };
    const made = (await api().post('/v1/tokens', body)) as { token: string };
    print(asJson(), made, () => console.log(made.token));
  });
token
  .command('bootstrap')
  .description('the first administrator and token, once')
  .action(async () => {
    // Only this command needs the database, which takes its time to load.
    const { bootstrapToken } = await import('./cli/bootstrap.js');
    const made = await bootstrapToken(process.env);
    print(asJson(), { token: made }, () => console.log(made));
  });

program.addCommand(auditCommand(api)).addCommand(receiptCommand()).addCommand(reportCommand(api));

/** For people on lines of its own, for machines on one. */
const printJson = (value: unknown): void => console.log(JSON.stringify(value, null, asJson() ? 0 : 2));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof ApiProblem) console.error(asJson() ? JSON.stringify(error.problem) : error.message);
  else console.error(`sluice: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = EXIT_PROBLEM;
}
