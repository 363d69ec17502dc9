/** Adds to a report the names that the log still has, for those who may see them, and signs both. */
import { personalIn } from '../../core/reports/cell-text.js';
import { type ReportPersonal, type SignedReport, signReport } from '../../core/reports/signed-report.js';
import type { PrincipalRepository } from '../../store/principals.js';
import type { ReportNames } from '../../store/report-personal.js';
import type { ReportTrail } from './report-trail.js';

const PEOPLE_MAX = 10_000;

export class ReportNaming {
  constructor(
    private readonly trail: ReportTrail,
    private readonly names: ReportNames,
    private readonly principals: PrincipalRepository,
  ) {}

  async named({ report, checkpoint, logKey }: SignedReport): Promise<SignedReport> {
    const asked = personalIn(report);
    await this.trail.catchUp();
    const events = await this.names.events(asked.events);
    // A review is of the people in the register, whether the log knows them or not.
    const people =
      report.kind === 'entitlements'
        ? await this.registered(asked.people)
        : await this.names.people(asked.people);
    const personal: ReportPersonal = { people, events };
    return signReport(this.trail.signer, report, personal, { checkpoint, logKey });
  }

  private async registered(pseudonyms: readonly string[]): Promise<ReportPersonal['people']> {
    const register = await this.principals.list(undefined, PEOPLE_MAX);
    const users = new Map(register.map(({ user }) => [this.trail.pseudonymOf(user), user]));
    const others = await this.names.people(pseudonyms.filter((pseudonym) => !users.has(pseudonym)));
    return Object.fromEntries(
      pseudonyms.map((pseudonym) => [pseudonym, users.get(pseudonym) ?? others[pseudonym] ?? null]),
    );
  }
}
