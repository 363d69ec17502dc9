/** `/v1/reports`: what there is, and each as it is made. */
import { Controller, Get, Headers, Param, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GovernanceError } from '../../core/errors.js';
import { REPORTS, requireFilter } from '../../core/reports/kinds.js';
import { REPORT_KINDS, type ReportKind } from '../../core/reports/report.js';
import { auditCaller, requirePersonal } from '../../http/audit-access.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { ReportResults } from '../../store/report-results.js';
import { reportFormat, sendReport } from './report-answer.js';
import { ReportAnswers } from './report-answer-schemas.js';
import { ReportNaming } from './report-naming.js';
import { type ReportQuery, reportFilter, reportKind, reportQuery } from './report-queries.js';
import { ReportRenderer } from './report-renderer.js';
import { ReportService } from './report-service.js';
import { ReportTrail, reportRead } from './report-trail.js';

@ApiTags('reports')
@ApiBearerAuth()
@NeedsScope('audit')
@Controller('v1/reports')
export class ReportsController {
  constructor(
    private readonly authority: Authority,
    private readonly trail: ReportTrail,
    private readonly reports: ReportService,
    private readonly naming: ReportNaming,
    private readonly results: ReportResults,
    private readonly renderer: ReportRenderer,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listReports',
    summary: 'The reports there are, and the filters that each takes.',
  })
  @ReportAnswers({ 200: 'kinds' })
  list(@Req() request: FastifyRequest): unknown {
    auditCaller(this.authority, request);
    const items = REPORT_KINDS.map((kind) => {
      const { title, about, takes } = REPORTS[kind];
      return { kind, title, about, filters: takes.map((name) => (name === 'actor' ? 'principal' : name)) };
    });
    return { items, nextCursor: null };
  }

  @Get(':kind')
  @ApiOperation({
    operationId: 'getReport',
    summary:
      'A report over the log as its last checkpoint has it, by Accept or ?format=. It is kept in the history.',
  })
  @ApiProduces('application/json', 'text/html', 'text/csv', 'application/pdf')
  @ReportAnswers({ 200: 'report' }, [406])
  async report(
    @Param('kind') name: string,
    @Query({ schema: reportQuery }) query: ReportQuery,
    @Headers('accept') accept: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const who = auditCaller(this.authority, request);
    const kind = kindOf(name);
    if (query.principal !== undefined || query.personal === true) requirePersonal(who);
    const format = reportFormat(query.format, accept);
    const filter = reportFilter(query, (user) => this.trail.pseudonymOf(user));
    requireFilter(kind, filter);
    await this.trail.record(reportRead(this.trail, who.caller, `report ${kind}`, filter));
    const made = await this.reports.make(kind, filter, goneSignal(reply));
    await this.results.keep(made);
    const isNamed = who.personal && query.personal !== false;
    await sendReport(
      reply,
      this.renderer,
      isNamed ? await this.naming.named(made) : made,
      format,
      query.section,
    );
  }
}

function kindOf(name: string): ReportKind {
  const kind = reportKind.safeParse(name);
  if (kind.success) return kind.data;
  throw new GovernanceError('NOT_FOUND', 'There is no such report.', {
    remedy: `There are: ${REPORT_KINDS.join(', ')}.`,
  });
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
