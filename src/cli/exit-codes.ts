/** How a command ends. Scripts rely on these; docs/reference/cli.md is made from this table. */
import { CommanderError } from 'commander';
import { ApiProblem } from './api-client.js';
import { NoTokenError, UnreachableError } from './unreachable.js';

export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  unauthenticated: 4,
  interrupted: 130,
} as const;

export const EXIT_MEANING: readonly (readonly [number, string])[] = [
  [EXIT.ok, 'done'],
  [
    EXIT.failed,
    'refused or failed: the gateway said no, a policy test failed, a statement ended with an error',
  ],
  [
    EXIT.usage,
    'asked in a way that cannot be read: an unknown option, a missing argument, a file that is not there',
  ],
  [EXIT.unreachable, 'no gateway, or none that can be reached'],
  [EXIT.unauthenticated, 'the token is missing or not (any longer) good'],
  [EXIT.interrupted, 'interrupted (Ctrl-C); what ran was cancelled'],
];

/** What was asked cannot be read. */
export class UsageError extends Error {}

const FILE_CODES: readonly unknown[] = ['ENOENT', 'EISDIR', 'EACCES', 'ENOTDIR'];

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof UnreachableError) return EXIT.unreachable;
  if (error instanceof NoTokenError) return EXIT.unauthenticated;
  if (error instanceof ApiProblem) return error.problem.status === 401 ? EXIT.unauthenticated : EXIT.failed;
  return FILE_CODES.includes((error as NodeJS.ErrnoException).code) ? EXIT.usage : EXIT.failed;
}
