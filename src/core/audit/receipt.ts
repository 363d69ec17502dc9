/**
 * A receipt for one statement: what was decided, what was handed out, and where both stand in the log. It
 * carries its proofs, so that it can be checked with nothing else at hand.
 */
import { canonicalJson, type JsonRecord, parseRecord } from '../crypto/canonical-json.js';
import { keyId, openJws, publicJwk, type SigningJwk, signJws } from '../crypto/jws.js';
import { parseVkey } from '../crypto/signed-note.js';
import { type LogSigner, openCheckpoint, signerVkey } from './checkpoint.js';
import { eventId } from './event.js';
import { type EventProof, provenEvent } from './event-proof.js';

const RECEIPT_FORMAT = 'sluice-receipt';
const RECEIPT_VERSION = 1;
const RECEIPT_TYPE = 'sluice-receipt+jws';

type EventRecord = Readonly<Record<string, unknown>>;

export interface Receipt {
  readonly format: typeof RECEIPT_FORMAT;
  readonly version: number;
  /** For people; the signature is over the same. */
  readonly statement: JsonRecord;
  readonly jws: string;
  /** Of the receipt, and of the checkpoint, which another gateway may have signed. */
  readonly key: SigningJwk;
  readonly logKey: { readonly vkey: string; readonly jwk: SigningJwk };
  readonly checkpoint: { readonly note: string; readonly jws: string };
  readonly intent: EventProof;
  readonly outcome: EventProof;
}

export type ReceiptParts = Pick<Receipt, 'logKey' | 'checkpoint' | 'intent' | 'outcome'>;

export async function signReceipt(signer: LogSigner, parts: ReceiptParts): Promise<Receipt> {
  const facts = factsOf(parts);
  if (typeof facts === 'string') throw new TypeError(`not a receipt: ${facts}`);
  return {
    format: RECEIPT_FORMAT,
    version: RECEIPT_VERSION,
    statement: facts,
    jws: await signJws(facts, RECEIPT_TYPE, signer.jws),
    key: publicJwk(signer.jws)!,
    ...parts,
  };
}

/** The public names of what a signer signs logs with. */
export const logKeyOf = (signer: LogSigner): Receipt['logKey'] => ({
  vkey: signerVkey(signer),
  jwk: publicJwk(signer.jws)!,
});

export type ReceiptCheck =
  | { readonly valid: true; readonly statement: EventRecord; readonly kid: string }
  | { readonly valid: false; readonly problem: string };

/** Everything in it: signatures, proofs, and that all of them speak of the same. */
export function checkReceipt(text: string): ReceiptCheck {
  const receipt = parseRecord(text) as Partial<Record<keyof Receipt, unknown>> | undefined;
  if (receipt?.format !== RECEIPT_FORMAT) return { valid: false, problem: 'it is not a receipt of Sluice' };
  if (receipt.version !== RECEIPT_VERSION)
    return { valid: false, problem: 'it was made by another version of Sluice' };
  const facts = factsOf(receipt);
  if (typeof facts === 'string') return { valid: false, problem: facts };
  const jwk = jwkOf(receipt.key);
  const signed = jwk && openJws(receipt.jws, RECEIPT_TYPE, jwk);
  if (jwk === undefined || signed === undefined) return { valid: false, problem: 'its signature is wrong' };
  const said = canonicalJson(facts);
  if (canonicalJson(signed) !== said || !isSame(receipt.statement, said))
    return { valid: false, problem: 'what it says is not what the log says' };
  return { valid: true, statement: facts, kid: keyId(jwk) };
}

/** What the proven events say, or what is wrong with the proofs. */
function factsOf(parts: Partial<Record<keyof ReceiptParts, unknown>>): JsonRecord | string {
  const { vkey, jwk } = recordOf(parts.logKey);
  const { note, jws } = recordOf(parts.checkpoint);
  const noteKey = parseVkey(vkey);
  const head = openCheckpoint(note, jws, noteKey === undefined ? [] : [noteKey], jwkOf(jwk));
  if (typeof head === 'string' || head.origin !== noteKey?.name)
    return 'its checkpoint is not signed as it says';
  const [intent, outcome] = [provenEvent(parts.intent, head), provenEvent(parts.outcome, head)];
  if (intent?.kind !== 'statement.intent') return 'the log does not hold its decision';
  if (outcome?.kind !== 'statement.outcome' || outcome.statementId !== intent.statementId)
    return 'the log does not hold its outcome';
  const log = { origin: head.origin, size: head.size, root: head.root.toString('base64'), at: head.at };
  return { ...pick(intent, OF_INTENT), ...pick(outcome, OF_OUTCOME), ...placesOf(intent, outcome), log };
}

const OF_INTENT = [
  'statementId',
  'decisionId',
  'policyVersion',
  'purpose',
  'shape',
  'boundPlanHash',
  'planHash',
  'leaves',
  'objects',
  'columns',
  'filters',
  'masks',
  'engine',
];
const OF_OUTCOME = ['state', 'code', 'rowCount', 'bytes', 'truncated', 'resultDigest', 'resultFormat'];

const pick = (record: EventRecord, names: readonly string[]): JsonRecord =>
  Object.fromEntries(names.map((name) => [name, record[name]])) as JsonRecord;

function placesOf(intent: EventRecord, outcome: EventRecord): JsonRecord {
  const place = ({ shard, seq }: EventRecord) => eventId({ shard: String(shard), seq: Number(seq) });
  return {
    intentEvent: place(intent),
    decidedAt: String(intent.at),
    outcomeEvent: place(outcome),
    endedAt: String(outcome.at),
  };
}

const recordOf = (value: unknown): EventRecord =>
  typeof value === 'object' && value !== null ? (value as EventRecord) : {};
const jwkOf = (value: unknown): SigningJwk | undefined => publicJwk(recordOf(value));

function isSame(value: unknown, canonical: string): boolean {
  try {
    return canonicalJson(value) === canonical;
  } catch {
    return false;
  }
}
