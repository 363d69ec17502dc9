/** Makes reports: reads the log in one moment of the database, counts, signs, keeps, and adds names. */
import { setImmediate as breathe } from 'node:timers/promises';
import { openCheckpoint } from '../../core/audit/checkpoint.js';
import { parseRecord } from '../../core/crypto/canonical-json.js';
import { keyId, publicJwk, type SigningJwk } from '../../core/crypto/jws.js';
import { parseVkey } from '../../core/crypto/signed-note.js';
import { GovernanceError } from '../../core/errors.js';
import type { Principal } from '../../core/policy/decision.js';
import type { SecretKey } from '../../core/reports/keys.js';
import { REPORTS, requireFilter } from '../../core/reports/kinds.js';
import { LogReading } from '../../core/reports/log-reading.js';
import { type ReportSources, reportMaker } from '../../core/reports/makers.js';
import type { Report, ReportFilter, ReportKind } from '../../core/reports/report.js';
import {
  checkReport,
  type ReportAnchor,
  type SignedReport,
  signReport,
} from '../../core/reports/signed-report.js';
import type { LiveCatalog } from '../../gateway/live-catalog.js';
import type { PolicyHolder } from '../../gateway/policy-holder.js';
import type { PrincipalRepository } from '../../store/principals.js';
import { type ReportLog, withReportLog } from '../../store/report-log.js';
import type { ReportResults } from '../../store/report-results.js';
import { hashDomains } from './hash-domains.js';
import type { ReportTrail } from './report-trail.js';

/** Each reads the whole log. */
const AT_ONCE_MAX = 2;
const PEOPLE_MAX = 10_000;
/** Events between two moments in which everything else gets its turn. */
const EVENTS_A_TURN = 250;
const READING_MS_MAX = 30 * 60_000;

export interface ReportServiceOptions {
  readonly url: string;
  readonly trail: ReportTrail;
  readonly results: ReportResults;
  readonly catalog: LiveCatalog;
  readonly policies: PolicyHolder;
  readonly principals: PrincipalRepository;
  readonly secrets: readonly SecretKey[];
  readonly clock: () => Date;
}

export class ReportService {
  private running = 0;

  constructor(private readonly options: ReportServiceOptions) {}

  /** Signed and without names. Ends early when `signal` says that nobody waits for it. */
  async make(kind: ReportKind, filter: ReportFilter, signal?: AbortSignal): Promise<SignedReport> {
    requireFilter(kind, filter);
    if (this.running >= AT_ONCE_MAX)
      throw new GovernanceError('RATE_LIMITED', 'As many reports as may be are being made.', {
        remedy: 'Try again when they are done.',
      });
    this.running += 1;
    try {
      await this.options.trail.catchUp();
      const prepared = await this.prepare(kind, filter);
      return await withReportLog(this.options.url, (log) => this.count(kind, filter, log, prepared, signal));
    } finally {
      this.running -= 1;
    }
  }

  private async count(
    kind: ReportKind,
    filter: ReportFilter,
    log: ReportLog,
    prepared: Prepared,
    signal: AbortSignal | undefined,
  ): Promise<SignedReport> {
    const { anchor, head } = anchorOf(log);
    const kept = kind === 'retention' ? await log.personalKept() : 0;
    const personal = { kept, committed: () => reading.personal };
    const sources: ReportSources = { ...prepared, signing: log.keys, personal };
    const maker = reportMaker(kind, filter, sources);
    const reading = new LogReading(filter, maker);
    await this.read(log, reading, signal);
    const { log: range, notes } = reading.finish(head);
    const body = maker.finish();
    const report: Report = {
      kind,
      title: REPORTS[kind].title,
      madeAt: this.options.clock().toISOString(),
      filter,
      log: range,
      ...body,
      notes: [...notes, ...body.notes],
    };
    return signReport(this.options.trail.signer, report, undefined, anchor);
  }

  private async read(log: ReportLog, reading: LogReading, signal: AbortSignal | undefined): Promise<void> {
    const until = performance.now() + READING_MS_MAX;
    let sinceTurn = 0;
    for await (const batch of log.batches()) {
      reading.batch(batch);
      sinceTurn += batch.events.length;
      if (sinceTurn < EVENTS_A_TURN) continue;
      sinceTurn = 0;
      await breathe();
      signal?.throwIfAborted();
      if (performance.now() > until)
        throw new GovernanceError('RESOURCES_EXHAUSTED', 'The log is too long to be read in time.', {
          remedy: 'Export it and count there.',
        });
    }
  }

  /** What is true now, beside the log. */
  private async prepare(kind: ReportKind, filter: ReportFilter): Promise<Prepared> {
    const { policies, catalog, secrets, clock } = this.options;
    const { needs } = REPORTS[kind];
    const { compiled } = policies.current();
    const previous = needs === 'previous' ? await this.previous(kind, filter) : undefined;
    return {
      policies: compiled,
      tables: [...catalog.snapshot().tables.values()],
      people: needs === 'people' ? await this.people() : [],
      now: clock().getTime(),
      secrets,
      hashDomains: hashDomains(compiled),
      ...(previous === undefined ? {} : { previous }),
    };
  }

  private async people(): Promise<ReportSources['people']> {
    const found = await this.options.principals.list(undefined, PEOPLE_MAX);
    return found
      .filter(({ active }) => active)
      .map(({ user, roles, groups, attributes }) => {
        const principal: Principal = { user, roles, groups, attributes, via: 'register' };
        return { pseudonym: this.options.trail.pseudonymOf(user), principal };
      });
  }

  /** One that was changed where it is kept is none. */
  private async previous(kind: ReportKind, filter: ReportFilter): Promise<Report | undefined> {
    const body = await this.options.results.lastBody(kind, filter);
    if (body === undefined || !checkReport(body).valid) return undefined;
    return (parseRecord(body) as unknown as SignedReport).report;
  }
}

type Prepared = Omit<ReportSources, 'signing' | 'personal'>;

/** The last checkpoint, by the key of the register that signed it. */
function anchorOf({ checkpoint, keys }: ReportLog) {
  const key = keys.find(({ kid }) => kid === checkpoint?.kid);
  const noteKey = parseVkey(key?.vkey);
  const jwk = publicJwk(parseRecord(key?.jwk ?? '') ?? {});
  const isRegistered = jwk !== undefined && keyId(jwk) === key?.kid;
  const head = openCheckpoint(checkpoint?.note, checkpoint?.jws, noteKey === undefined ? [] : [noteKey], jwk);
  if (typeof head === 'string' || checkpoint === undefined || key === undefined || !isRegistered)
    throw new GovernanceError('LOG_DAMAGED', 'The last checkpoint of the log is not signed as it says.', {
      remedy: 'Export the log and run sluice audit verify, which says where.',
      retryable: false,
    });
  const { note, jws } = checkpoint;
  const anchor: ReportAnchor = {
    checkpoint: { note, jws },
    logKey: { vkey: key.vkey, jwk: jwk as SigningJwk },
  };
  return { anchor, head };
}
