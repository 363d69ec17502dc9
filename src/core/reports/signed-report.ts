/**
 * A report as it is handed out: signed by a key of the log, with the checkpoint it rests on, so that it can be
 * checked with nothing else at hand. The names of people are signed beside the report, not in it.
 */
import { type LogSigner, openCheckpoint } from '../audit/checkpoint.js';
import { canonicalJson, type JsonRecord, parseRecord } from '../crypto/canonical-json.js';
import { keyId, openJws, publicJwk, type SigningJwk, signJws } from '../crypto/jws.js';
import { parseVkey } from '../crypto/signed-note.js';
import { asJson, digestOf, type Report } from './report.js';

const REPORT_FORMAT = 'sluice-report';
const REPORT_VERSION = 1;
const REPORT_TYPE = 'sluice-report+jws';

/** What the log still has of the people and events that a report names; null: it was erased. */
export interface ReportPersonal {
  /** By pseudonym. */
  readonly people: Readonly<Record<string, string | null>>;
  /** By event. */
  readonly events: Readonly<Record<string, EventPersonal | null>>;
}
export interface EventPersonal {
  readonly user: string;
  readonly justification?: string;
}

/** What the report rests on. */
export interface ReportAnchor {
  readonly checkpoint: { readonly note: string; readonly jws: string };
  readonly logKey: { readonly vkey: string; readonly jwk: SigningJwk };
}

export interface SignedReport extends ReportAnchor {
  readonly format: typeof REPORT_FORMAT;
  readonly version: number;
  readonly report: Report;
  /** Absent: withheld. */
  readonly personal?: ReportPersonal;
  readonly jws: string;
  readonly key: SigningJwk;
}

export async function signReport(
  signer: LogSigner,
  report: Report,
  personal: ReportPersonal | undefined,
  anchor: ReportAnchor,
): Promise<SignedReport> {
  const claim = reportClaim(asJson(report), personal as JsonRecord | undefined);
  return {
    format: REPORT_FORMAT,
    version: REPORT_VERSION,
    report,
    ...(personal === undefined ? {} : { personal }),
    jws: await signJws(claim, REPORT_TYPE, signer.jws),
    key: publicJwk(signer.jws)!,
    ...anchor,
  };
}

/** What the signature is over. */
function reportClaim(report: JsonRecord, personal: JsonRecord | undefined): JsonRecord {
  const { kind, log } = report as { kind?: string; log?: JsonRecord };
  return {
    v: REPORT_VERSION,
    kind,
    origin: log?.origin,
    size: log?.size,
    root: log?.root,
    report: digestOf(report),
    personal: personal === undefined ? undefined : digestOf(personal),
  };
}

export type ReportCheck =
  | { readonly valid: true; readonly kind: string; readonly kid: string; readonly report: JsonRecord }
  | { readonly valid: false; readonly problem: string };

const problem = (text: string): ReportCheck => ({ valid: false, problem: text });

/** Both signatures, and that they speak of this report. */
export function checkReport(text: string): ReportCheck {
  const signed = parseRecord(text);
  if (signed?.format !== REPORT_FORMAT) return problem('it is not a signed report of Sluice');
  if (signed.version !== REPORT_VERSION) return problem('it was made by another version of Sluice');
  const [report, personal] = [recordOf(signed.report), signed.personal];
  if (report === undefined || (personal !== undefined && recordOf(personal) === undefined))
    return problem('it is damaged');
  if (!restsOn(report, signed.checkpoint, signed.logKey))
    return problem('the checkpoint it names is not signed as it says');
  const jwk = publicJwk(recordOf(signed.key) ?? {});
  const claim = jwk && openJws(signed.jws, REPORT_TYPE, jwk);
  if (jwk === undefined || claim === undefined) return problem('its signature is wrong');
  if (!isClaimOf(claim, report, recordOf(personal))) return problem('it is not the report that was signed');
  return { valid: true, kind: String(report.kind), kid: keyId(jwk), report };
}

function isClaimOf(claim: unknown, report: JsonRecord, personal: JsonRecord | undefined): boolean {
  try {
    return canonicalJson(claim) === canonicalJson(reportClaim(report, personal));
  } catch {
    // Nested without end, or a number beyond all bounds: nothing that we wrote.
    return false;
  }
}

function restsOn(report: JsonRecord, checkpoint: unknown, logKey: unknown): boolean {
  const { note, jws } = recordOf(checkpoint) ?? {};
  const { vkey, jwk } = recordOf(logKey) ?? {};
  const noteKey = parseVkey(vkey);
  const head = openCheckpoint(
    note,
    jws,
    noteKey === undefined ? [] : [noteKey],
    publicJwk(recordOf(jwk) ?? {}),
  );
  if (typeof head === 'string' || head.origin !== noteKey?.name) return false;
  const log = recordOf(report.log) ?? {};
  const same =
    log.origin === head.origin && log.size === head.size && log.root === head.root.toString('base64');
  return same && log.checkpointAt === head.at;
}

const recordOf = (value: unknown): JsonRecord | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : undefined;
