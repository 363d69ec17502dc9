/** `/v1/reports/schedules`: reports that are made by themselves. */
import { Body, Controller, Delete, Get, HttpCode, Param, ParseUUIDPipe, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { GovernanceError } from '../../core/errors.js';
import { requireFilter } from '../../core/reports/kinds.js';
import { auditCaller, requirePersonal } from '../../http/audit-access.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { Clock } from '../../http/clock.js';
import { Example } from '../../http/example.js';
import { type ReportSchedule, ReportSchedules } from '../../store/report-schedules.js';
import { SCHEDULE } from './examples.js';
import { nextDue } from './recurrence.js';
import { ReportAnswers } from './report-answer-schemas.js';
import {
  reportFilter,
  type ScheduleBody,
  scheduleBody,
  weekdayName,
  weekdayNumber,
} from './report-queries.js';
import { ReportTrail } from './report-trail.js';

const noSchedule = (): GovernanceError =>
  new GovernanceError('NOT_FOUND', 'There is no such schedule.', {
    remedy: 'GET /v1/reports/schedules lists them.',
  });
const UUID = new ParseUUIDPipe({ exceptionFactory: noSchedule });

@ApiTags('reports')
@ApiBearerAuth()
@NeedsScope('audit')
@Controller('v1/reports/schedules')
export class ReportSchedulesController {
  constructor(
    private readonly authority: Authority,
    private readonly trail: ReportTrail,
    private readonly schedules: ReportSchedules,
    private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listReportSchedules',
    summary: 'Reports that are made by themselves, and when next.',
  })
  @ReportAnswers({ 200: 'schedules' })
  async list(@Req() request: FastifyRequest): Promise<unknown> {
    auditCaller(this.authority, request);
    return { items: (await this.schedules.all()).map(scheduleAnswer), nextCursor: null };
  }

  @Post()
  @HttpCode(201)
  @Example(SCHEDULE)
  @ApiOperation({
    operationId: 'createReportSchedule',
    summary: 'Have a report made every day, week or month (UTC), over the time since the last.',
  })
  @ReportAnswers({ 201: 'schedule' }, [409])
  async create(
    @Body({ schema: scheduleBody }) body: ScheduleBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    const who = auditCaller(this.authority, request);
    // They are made for as long as nobody stops them: not for whoever may only look.
    requirePersonal(who);
    const { kind, every, hour, weekday, day } = body;
    const filter = reportFilter(body.filter, (user) => this.trail.pseudonymOf(user));
    requireFilter(kind, filter);
    const now = this.clock.now();
    const recurrence = {
      every,
      hour,
      weekday: every === 'week' ? weekdayNumber(weekday) : null,
      day: every === 'month' ? (day ?? 1) : null,
    };
    const made = await this.schedules.add({
      ...recurrence,
      kind,
      filter,
      createdBy: who.caller.principal.user,
      createdAt: now,
      dueAt: nextDue(recurrence, now),
    });
    if (made !== undefined) return scheduleAnswer(made);
    throw new GovernanceError('CONFLICT', 'There are as many schedules as there may be.', {
      remedy: 'Remove one.',
    });
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ operationId: 'removeReportSchedule', summary: 'Stop making it. What was made is kept.' })
  @ReportAnswers({ 204: 'removed' })
  async remove(@Param('id', UUID) id: string, @Req() request: FastifyRequest): Promise<void> {
    requirePersonal(auditCaller(this.authority, request));
    if (!(await this.schedules.remove(id))) throw noSchedule();
  }
}

function scheduleAnswer(schedule: ReportSchedule) {
  const { id, kind, every, hour, weekday, day, filter, createdAt, dueAt, retryAt, lastCode } = schedule;
  return {
    id,
    kind,
    every,
    hour,
    ...(weekday === null ? {} : { weekday: weekdayName(weekday) }),
    ...(day === null ? {} : { day }),
    filter,
    createdAt: createdAt.toISOString(),
    dueAt: dueAt.toISOString(),
    retryAt: retryAt?.toISOString() ?? null,
    lastCode,
  };
}
