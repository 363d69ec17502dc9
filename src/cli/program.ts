/** Every command of `npx sluice`. The reference page and the shells' completion are made from what this says. */
import { Argument, Command, Option } from 'commander';
import { auditCommand, receiptCommand } from './audit.js';
import { completionScript, completions, SHELLS, type Shell } from './completion.js';
import { connect } from './connection.js';
import { devCa } from './dev-ca.js';
import { type ExplainOptions, explain } from './explain.js';
import { policyCommand } from './policy-command.js';
import { FILE_FORMATS, type QueryOptions, query } from './query.js';
import { together } from './repeatable.js';
import { reportCommand } from './report.js';
import { statementCommand } from './statement-command.js';
import { statementText, withStatement } from './statement-text.js';
import { tokenCommand } from './token.js';

const PARAMETER = 'a parameter; without a name for the next ?; repeatable';

export function sluiceProgram(env: NodeJS.ProcessEnv): Command {
  const program = new Command('sluice')
    .description('Governed queries and policies from the terminal.')
    .option('--json', 'machine-readable output, errors included');
  const asJson = (): boolean => program.opts().json === true;
  const api = () => connect(env);

  withStatement(program.command('query'))
    .description('run a statement and print its rows')
    .option('--param <name=value[:type]>', PARAMETER, together)
    .option('--purpose <purpose>', 'what the data is for')
    .addOption(new Option('--engine <engine>', 'where it runs').choices(['auto', 'duckdb', 'spark']))
    .addOption(new Option('--format <format>', 'the whole result as this, streamed').choices(FILE_FORMATS))
    .option('-o, --output <file>', 'the whole result into this file; its ending says the format')
    .action(async (sql: string | undefined, options: QueryOptions) =>
      query(api(), await statementText(sql, options), options, asJson()),
    );
  withStatement(program.command('explain'))
    .description('say what a statement would be allowed to see, and why; runs nothing')
    .option('--param <name=value[:type]>', PARAMETER, together)
    .option('--purpose <purpose>', 'what the data would be for')
    .option('--as <user>', 'as this principal (administrators)')
    .action(async (sql: string | undefined, options: ExplainOptions) =>
      explain(api(), await statementText(sql, options), options, asJson()),
    );
  program.addCommand(policyCommand(api)).addCommand(statementCommand(api)).addCommand(tokenCommand(api));
  program
    .command('functions')
    .description('what SQL may call; needs no gateway')
    .argument('[part]', 'only names with this in them')
    .action(async (part: string | undefined) => {
      // The table takes its time to load: only whoever asks for it waits for that.
      const { printFunctions } = await import('./functions.js');
      printFunctions(part, asJson());
    });
  program.addCommand(auditCommand(api)).addCommand(receiptCommand()).addCommand(reportCommand(api));
  const keys = program.command('keys').description('keys and certificates');
  keys
    .command('dev-ca')
    .description('make a certificate authority for tests, and a certificate for the Spark Connect port')
    .option('--host <name>', 'a name or address that clients use, besides those of this machine', together)
    .option('--out <folder>', 'where to; by default tls below the data folder')
    .action((options: { host?: string[]; out?: string }) => devCa(options, asJson()));
  addCompletion(program);
  return program;
}

function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('a script that lets the shell complete commands and options')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell: Shell) => {
      process.stdout.write(completionScript(shell));
    });
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action((words: string[]) => {
      for (const line of completions(program, words)) console.log(line);
    });
}
