/** `npx sluice ...`: what people do from a terminal, over the same API that everyone else uses. */
import { type Command, CommanderError } from 'commander';
import { ApiProblem } from './cli/api-client.js';
import { EXIT, exitCodeOf } from './cli/exit-codes.js';
import { handleInterrupts } from './cli/interrupt.js';
import { sluiceProgram } from './cli/program.js';
import { VERSION } from './version.js';

const program = sluiceProgram(process.env).version(VERSION);
const asJson = (): boolean => process.argv.includes('--json');
const usageText = (text: string): string =>
  asJson() ? `${JSON.stringify({ code: 'USAGE', detail: text.trim().replace(/^error: /, '') })}\n` : text;

/** Commands that were added whole do not inherit these. */
function setUp(command: Command): void {
  command
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageText(text)) })
    .showSuggestionAfterError();
  command.commands.forEach(setUp);
}

function report(error: unknown): void {
  if (error instanceof ApiProblem) {
    console.error(asJson() ? JSON.stringify(error.problem) : error.message);
    return;
  }
  const detail = error instanceof Error ? error.message : String(error);
  console.error(asJson() ? JSON.stringify({ code: codeOf(error), detail }) : `sluice: ${detail}`);
}

const OWN_CODES: Readonly<Record<number, string>> = {
  [EXIT.usage]: 'USAGE',
  [EXIT.unreachable]: 'UNREACHABLE',
  [EXIT.unauthenticated]: 'UNAUTHENTICATED',
};
const codeOf = (error: unknown): string => OWN_CODES[exitCodeOf(error)] ?? 'FAILED';

setUp(program);
handleInterrupts();
// Whoever reads our output may stop (head): that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed),
);
try {
  await program.parseAsync();
} catch (error) {
  // Commander has told its own.
  if (!(error instanceof CommanderError)) report(error);
  process.exitCode = exitCodeOf(error);
}
