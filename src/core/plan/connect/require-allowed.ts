/**
 * Refuses a plan that holds anything outside of the closed world, before anything is made of it: a message or field
 * without a line in `allowed.ts`, bytes no release knows, a oneof without a case, or what the server behind us is too
 * old to know (it would ignore it silently, and with it what the caller meant).
 */
import { GovernanceError } from '../../errors.js';
import { ALLOWED, ALLOWED_WITH_CODE } from './allowed.js';
import { type CodePlace, carriesCode, codeRefused } from './code.js';
import { kindOf, type MessageSchema, type PlanMessage } from './message.js';

/** Messages in one plan, views not counted: a program that builds a longer one is a loop gone wrong. */
export const planMessagesMax = 200_000;

/** What the gateway itself looks into; the rest is for the server to miss. */
const MUST_HAVE: Readonly<Record<string, readonly string[]>> = {
  WithRelations: ['root'],
  SubqueryAlias: ['input'],
  'Aggregate.Pivot': ['col'],
};

/** `code`: may there be code of the caller's in it? */
export function requireAllowed(
  plan: PlanMessage,
  schema: MessageSchema,
  serverVersion: string,
  code: CodePlace = 'elsewhere',
): void {
  let count = 0;
  const visit = (message: PlanMessage): void => {
    count += 1;
    if (count > planMessagesMax) {
      throw new GovernanceError('STATEMENT_TOO_COMPLEX', `The plan has more than ${planMessagesMax} parts.`, {
        remedy: 'Checkpoint the DataFrame, or build it from fewer steps.',
        sqlState: '54001',
      });
    }
    requireMessage(message, schema, serverVersion, code);
    for (const child of schema.children(message)) visit(child);
  };
  visit(plan);
}

function requireMessage(
  message: PlanMessage,
  schema: MessageSchema,
  serverVersion: string,
  code: CodePlace,
): void {
  const kind = kindOf(message);
  const fields = (code === 'runs' ? ALLOWED_WITH_CODE : ALLOWED).get(kind);
  if (fields === undefined) throw notAllowed(kind);
  if (schema.hasUnknown(message)) throw notAllowed(`an unknown field of ${kind}`);
  for (const field of schema.setFields(message)) {
    const name = `${kind}.${field.name}`;
    if (!fields.has(field.name)) {
      throw carriesCode(name) ? codeRefused(name, code === 'runs' ? 'elsewhere' : code) : notAllowed(name);
    }
    if (isNewer(field.since, serverVersion)) throw tooNew(name, field.since);
  }
  const missing = MUST_HAVE[kind]?.find((field) => message[field] === undefined);
  if (missing !== undefined) throw notAllowed(`${kind} without ${missing}`);
  const [unset] = schema.unsetOneofs(message);
  if (unset !== undefined) throw notAllowed(`${kind} without a case of ${unset}`);
}

/** `4.10` is newer than `4.9`. */
export function isNewer(release: string, than: string): boolean {
  const [major = 0, minor = 0] = release.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = than.split('.').map(Number);
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
}

export const notAllowed = (
  what: string,
  remedy = 'docs/how-to/pyspark.md says what passes.',
): GovernanceError =>
  new GovernanceError('FEATURE_NOT_ALLOWED', `${what} is outside of what Sluice lets through.`, {
    remedy,
    sqlState: '0A000',
  });

const tooNew = (what: string, since: string): GovernanceError =>
  new GovernanceError('FEATURE_NOT_ALLOWED', `${what} needs a Spark server of version ${since} or newer.`, {
    remedy: "Use a client of the server's version.",
    sqlState: '0A000',
  });
