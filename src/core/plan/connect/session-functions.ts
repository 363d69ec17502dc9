/**
 * Functions that a session has registered: code of the caller's that its plans call by name. Where a text calls one, the
 * message that holds the text is marked with it: what it says is code, and runs where code runs.
 */
import type { CodeFunction } from './code.js';
import type { PlanMessage } from './message.js';

export interface SessionFunction {
  readonly name: string;
  readonly code: CodeFunction;
  /** `CommonInlineUserDefinedFunction`, without arguments. */
  readonly definition: PlanMessage;
}

/** By their names in lower case. */
export type SessionFunctions = ReadonlyMap<string, SessionFunction>;

const CALLS = Symbol('calls of session functions');

interface Calling {
  readonly [CALLS]?: readonly SessionFunction[];
}

/** The message, known to call these. A copy of it keeps the mark, the wire never sees it. */
export const calling = (message: PlanMessage, functions: readonly SessionFunction[]): PlanMessage =>
  functions.length === 0 ? message : { ...message, [CALLS]: functions };

export const callsOf = (message: PlanMessage): readonly SessionFunction[] =>
  (message as Calling)[CALLS] ?? [];
