/**
 * Makes the reports that are due: one gateway of several, each report once. What came due while nobody was
 * there is made at the next start, as one report over all the time that was missed.
 */
import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { GovernanceError } from '../../core/errors.js';
import { REPORTS } from '../../core/reports/kinds.js';
import type { ReportFilter } from '../../core/reports/report.js';
import {
  ifAloneWithReports,
  type ReportSchedule,
  type ReportSchedules,
} from '../../store/report-schedules.js';
import { dueBefore, lastDue, nextDue } from './recurrence.js';
import type { ReportService } from './report-service.js';
import { type ReportTrail, reportRead } from './report-trail.js';

const LOOK_EVERY_MS = 15_000;
const RETRY_AFTER_MS = 5 * 60_000;

export interface ReportRunnerOptions {
  readonly url: string;
  readonly trail: ReportTrail;
  readonly reports: Pick<ReportService, 'make'>;
  readonly schedules: ReportSchedules;
  readonly clock: () => Date;
  readonly onProblem: (error: unknown) => void;
}

export class ReportRunner implements OnModuleInit, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();
  private failing = false;

  constructor(private readonly options: ReportRunnerOptions) {}

  onModuleInit(): void {
    this.looking = this.look().finally(() => this.schedule());
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.looking;
  }

  private schedule(): void {
    if (this.stopping.signal.aborted) return;
    this.timer = setTimeout(() => this.onModuleInit(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  /** Makes all that is due now. */
  async look(): Promise<void> {
    const { schedules, url, clock, onProblem } = this.options;
    try {
      // Most of the time there is nothing: that costs one query and no connection.
      const isDue = (await schedules.due(clock())) !== undefined;
      this.failing = false;
      if (!isDue) return;
      await ifAloneWithReports(url, async () => {
        for (;;) {
          const due = await schedules.due(clock());
          if (due === undefined || this.stopping.signal.aborted) return;
          await this.make(due);
        }
      });
    } catch (error) {
      // Once, not at every look for as long as Postgres is away.
      if (!this.stopping.signal.aborted && !this.failing) onProblem(error);
      this.failing = true;
    }
  }

  private async make(schedule: ReportSchedule): Promise<void> {
    const { trail, reports, schedules, clock, onProblem } = this.options;
    const now = clock();
    const dueAt = lastDue(schedule, now);
    const filter = { ...schedule.filter, ...periodOf(schedule, dueAt) };
    try {
      const principal = { user: schedule.createdBy, via: `schedule:${schedule.id}` };
      await trail.record(reportRead(trail, { principal }, `report ${schedule.kind}, scheduled`, filter));
      const signed = await reports.make(schedule.kind, filter, this.stopping.signal);
      await schedules.done(schedule, dueAt, signed, nextDue(schedule, now));
    } catch (error) {
      // Stopped half-way: it is due still, for whoever looks next.
      if (this.stopping.signal.aborted) return;
      const code = error instanceof GovernanceError ? error.code : 'INTERNAL';
      await schedules.failed(schedule.id, code, new Date(now.getTime() + RETRY_AFTER_MS));
      onProblem(error);
    }
  }
}

/** From where the last report ended, or would have, up to the time that this one is due. */
function periodOf(schedule: ReportSchedule, dueAt: Date): ReportFilter {
  if (!REPORTS[schedule.kind].takes.includes('from')) return {};
  return { from: dueBefore(schedule, schedule.dueAt).toISOString(), to: dueAt.toISOString() };
}
