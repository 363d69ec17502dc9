/**
 * `sluice completion SHELL`: a script for the shell that asks `sluice complete -- WORDS...` at each tab. What
 * there is comes from the commands themselves; where they have nothing to say, the shell completes files.
 */
import { type Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# Put this in ~/.bashrc:  eval "$(sluice completion bash)"
_sluice() {
  local IFS=$'\\n'
  COMPREPLY=($(sluice complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o default -F _sluice sluice
`,
  zsh: `#compdef sluice
# Put this in ~/.zshrc, after compinit:  eval "$(sluice completion zsh)"
_sluice() {
  local -a found
  found=("\${(@f)$(sluice complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null | tr '\\t' ':')}")
  if [[ -n "$found" ]]; then _describe 'sluice' found; else _files; fi
}
compdef _sluice sluice
`,
  fish: `# Put this in ~/.config/fish/config.fish:  sluice completion fish | source
function __sluice_complete
  set -l words (commandline -opc) (commandline -ct)
  sluice complete -- $words[2..] 2>/dev/null
end
complete -c sluice -a '(__sluice_complete)'
`,
};

export const completionScript = (shell: Shell): string => SCRIPTS[shell];

/** Lines of \`word<tab>what it is\` that the last of \`words\` can become. */
export function completions(program: Command, words: readonly string[]): readonly string[] {
  const typed = words.at(-1) ?? '';
  let command = program;
  let awaited: Option | undefined;
  for (const word of words.slice(0, -1)) {
    const option =
      awaited === undefined
        ? optionsOf(command, program).find((one) => [one.long, one.short].includes(word))
        : undefined;
    awaited = option !== undefined && (option.required || option.optional) ? option : undefined;
    if (option === undefined && !word.startsWith('-')) command = subcommand(command, word) ?? command;
  }
  const offered: readonly (readonly [string, string])[] =
    awaited !== undefined
      ? (awaited.argChoices ?? []).map((choice) => [choice, ''] as const)
      : typed.startsWith('-')
        ? optionsOf(command, program).map(
            (option) => [option.long ?? option.short ?? '', option.description] as const,
          )
        : wordsOf(command);
  return offered.filter(([word]) => word.startsWith(typed)).map(([word, about]) => `${word}\t${about}`);
}

const optionsOf = (command: Command, program: Command): readonly Option[] => [
  ...command.options,
  ...(command === program ? [] : program.options),
  new Option('--help', 'what there is'),
];

const subcommand = (command: Command, word: string): Command | undefined =>
  visible(command).find((one) => one.name() === word);

const visible = (command: Command): readonly Command[] => command.createHelp().visibleCommands(command);

const wordsOf = (command: Command): readonly (readonly [string, string])[] => [
  ...visible(command).map((one) => [one.name(), one.description()] as const),
  ...command.registeredArguments.flatMap(({ argChoices = [] }) =>
    argChoices.map((choice) => [choice, ''] as const),
  ),
];
