/** The reference page of the command line, made from its own definitions. */
import type { Command, Option } from 'commander';
import { EXIT_MEANING } from './cli/exit-codes.js';
import { sluiceProgram } from './cli/program.js';

export function cliPage(): string {
  const program = sluiceProgram({});
  return [
    '# The command line',
    '',
    '<!-- Made by scripts/generate-reference.mjs from src/cli. -->',
    '',
    '`npx sluice ...` is a client of the API. It finds a gateway through `SLUICE_URL`, else through `runtime.json` in `SLUICE_DATA_DIR` (`.sluice`); its token',
    'is in `SLUICE_TOKEN` or the file `SLUICE_TOKEN_FILE`, else it is the one of the demo administrator. How to use it: [the guide](../how-to/cli.md).',
    '',
    '`--json` may stand anywhere. Output goes to standard output, problems and progress to standard error; problems are JSON objects with a `code` then,',
    'those of the gateway ([list](errors.md)) or `USAGE`, `UNREACHABLE`, `UNAUTHENTICATED`, `FAILED`.',
    '',
    '## Exit codes',
    '',
    '| code | means |',
    '|---|---|',
    ...EXIT_MEANING.map(([code, meaning]) => `| ${code} | ${meaning} |`),
    '',
    '`audit verify` ends with 0 (WITNESSED), 10 (UNANCHORED), 20 (INCOMPLETE), 30 (DIVERGED) or 40 (INVALID); `receipt verify` and `report verify` with 0 or 40.',
    ...commands(program).flatMap(section),
    '',
  ].join('\n');
}

/** Those that do something, in the order of the help. */
const commands = (command: Command): readonly Command[] => {
  const visible = command.createHelp().visibleCommands(command);
  return visible
    .filter((one) => one.name() !== 'help')
    .flatMap((one) => (one.commands.length > 0 ? commands(one) : [one]));
};

function section(command: Command): readonly string[] {
  const help = command.createHelp();
  const options = help.visibleOptions(command).filter(({ long }) => long !== '--help');
  const named = command.registeredArguments.filter(({ description }) => description !== '');
  return [
    '',
    `## ${pathOf(command)}`,
    '',
    `\`${help.commandUsage(command).replace(' [options]', '')}\`: ${command.description()}.`,
    ...(named.length + options.length === 0 ? [] : ['', '| | |', '|---|---|']),
    ...named.map((argument) => row(help.argumentTerm(argument), argument.description)),
    ...options.map((option) => row(option.flags, optionAbout(option))),
  ];
}

const row = (term: string, about: string): string => `| \`${term}\` | ${about.replaceAll('|', '\\|')} |`;

function optionAbout({ description, argChoices, mandatory }: Option): string {
  const choices = argChoices === undefined ? '' : `: ${argChoices.map((one) => `\`${one}\``).join(', ')}`;
  return `${description}${choices}${mandatory ? ' (must be given)' : ''}`;
}

const pathOf = (command: Command): string =>
  command.parent === null || command.parent.parent === null
    ? command.name()
    : `${pathOf(command.parent)} ${command.name()}`;
