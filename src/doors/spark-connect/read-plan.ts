/** Decode: a plan of the wire in its normal form, or refused. */
import * as zlib from 'node:zlib';
import { codeRefused } from '../../core/plan/connect/code.js';
import type { PlanMessage } from '../../core/plan/connect/message.js';
import { normalizePlan } from '../../core/plan/connect/normalize.js';
import { notAllowed, requireAllowed } from '../../core/plan/connect/require-allowed.js';
import { holdsCode, requireCuttable } from '../../core/plan/connect/split-code.js';
import type { ClientSession } from '../../gateway/connect/connect-session.js';
import { planTexts } from '../../gateway/connect/plan-texts.js';
import { connectType } from '../../proto/connect.js';
import { type ConnectMessage, decode, unknownFieldsOf } from '../../proto/message.js';
import { decoded } from './call.js';
import type { DoorParts } from './door-parts.js';
import { ProtocolError } from './errors.js';
import { messageSchema } from './message-schema.js';

/** A plan inflates to at most this. */
const PLAN_BYTES_MAX = 64 * 2 ** 20;
const ZSTD = 1;
const COMMAND = 2;
const RELATION = 1;

type Inflate = (data: Uint8Array, options: { readonly maxOutputLength: number }) => Buffer;
/** Node has it from 22.15 on. Without it clients are told not to compress. */
const inflate = (zlib as unknown as { readonly zstdDecompressSync?: Inflate }).zstdDecompressSync;
export const canInflate = inflate !== undefined;

export interface WirePlan {
  readonly case: 'root' | 'command';
  readonly value: ConnectMessage;
}

/** The relation or command of a plan, inflated where it came compressed. */
export function readPlan(plan: ConnectMessage | undefined): WirePlan {
  if (plan === undefined) throw notAllowed('A request without a plan');
  if (unknownFieldsOf(plan).length > 0) throw notAllowed('An unknown field of Plan');
  const { case: kind, value } = plan.opType as { readonly case?: string; readonly value?: ConnectMessage };
  if (value === undefined) throw notAllowed('A plan without a case');
  if (kind !== 'compressedOperation') return { case: kind === 'command' ? 'command' : 'root', value };
  if (unknownFieldsOf(value).length > 0) throw notAllowed('An unknown field of a compressed plan');
  const { opType, compressionCodec, data } = value;
  const type = opType === COMMAND ? 'Command' : opType === RELATION ? 'Relation' : undefined;
  if (inflate === undefined || compressionCodec !== ZSTD || type === undefined) throw cannotParse();
  let bytes: Uint8Array;
  try {
    bytes = inflate(data as Uint8Array, { maxOutputLength: PLAN_BYTES_MAX });
  } catch {
    throw cannotParse();
  }
  return {
    case: type === 'Command' ? 'command' : 'root',
    value: decoded(() => decode(connectType(type), bytes)),
  };
}

/** Clients of Spark take this as a reason to send the plan as it is. */
const cannotParse = (): ProtocolError =>
  new ProtocolError(
    'CONNECT_INVALID_PLAN.CANNOT_PARSE',
    'The plan cannot be inflated here. Send it uncompressed.',
  );

/** A relation, understood and in its normal form. `code`: is it in a place where code of the caller's may run? */
export async function readRelation(
  { deps }: DoorParts,
  session: ClientSession,
  relation: PlanMessage | undefined,
  code: 'allowed' | 'refused' = 'refused',
): Promise<PlanMessage> {
  if (relation === undefined) throw notAllowed('A request without a relation');
  const place = code === 'refused' ? 'elsewhere' : deps.code === undefined ? 'no-engine' : 'runs';
  requireAllowed(relation, messageSchema, await deps.engine.serverVersion(), place);
  const { catalog, schema } = session.namespace;
  const facts = { user: session.user, catalog, schema, functions: session.functions };
  const plan = normalizePlan(relation, messageSchema, planTexts(facts), facts);
  if (!holdsCode(plan, messageSchema)) return plan;
  if (place !== 'runs') throw codeRefused('A function of the session here', place);
  requireCuttable(plan, messageSchema);
  return plan;
}

/** A function to be registered, understood and in its normal form. */
export async function readFunction(
  { deps }: DoorParts,
  session: ClientSession,
  definition: PlanMessage,
): Promise<PlanMessage> {
  if (deps.code === undefined) throw codeRefused('A function of the session', 'no-engine');
  requireAllowed(definition, messageSchema, await deps.engine.serverVersion(), 'runs');
  const { catalog, schema } = session.namespace;
  const facts = { user: session.user, catalog, schema };
  return normalizePlan(definition, messageSchema, planTexts(facts), facts);
}

/** As `readRelation`, for a plan that must be one. */
export async function readRootPlan(
  parts: DoorParts,
  session: ClientSession,
  plan: ConnectMessage | undefined,
  code: 'allowed' | 'refused' = 'refused',
): Promise<PlanMessage> {
  const { case: kind, value } = readPlan(plan);
  if (kind !== 'root') throw notAllowed('A command in the place of a relation');
  return readRelation(parts, session, value, code);
}
