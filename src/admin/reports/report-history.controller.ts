/** `/v1/reports/history`: reports that were made, as they were signed. */
import { Controller, Get, Headers, Param, ParseUUIDPipe, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseRecord } from '../../core/crypto/canonical-json.js';
import { GovernanceError } from '../../core/errors.js';
import { REPORTS } from '../../core/reports/kinds.js';
import { checkReport, type SignedReport } from '../../core/reports/signed-report.js';
import { auditCaller, requirePersonal } from '../../http/audit-access.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { ReportResults, type StoredReport } from '../../store/report-results.js';
import { reportFormat, sendReport } from './report-answer.js';
import { ReportAnswers } from './report-answer-schemas.js';
import { ReportNaming } from './report-naming.js';
import { type HistoryQuery, historyQuery, type ResultQuery, resultQuery } from './report-queries.js';
import { ReportRenderer } from './report-renderer.js';
import { ReportTrail, reportRead } from './report-trail.js';

const noReport = (): GovernanceError =>
  new GovernanceError('NOT_FOUND', 'There is no such report.', {
    remedy: 'GET /v1/reports/history lists what is kept.',
  });
const UUID = new ParseUUIDPipe({ exceptionFactory: noReport });

@ApiTags('reports')
@ApiBearerAuth()
@NeedsScope('audit')
@Controller('v1/reports/history')
export class ReportHistoryController {
  constructor(
    private readonly authority: Authority,
    private readonly trail: ReportTrail,
    private readonly naming: ReportNaming,
    private readonly results: ReportResults,
    private readonly renderer: ReportRenderer,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listReportHistory', summary: 'Reports that were made, newest first.' })
  @ReportAnswers({ 200: 'history' })
  async list(
    @Query({ schema: historyQuery }) query: HistoryQuery,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    auditCaller(this.authority, request);
    const [at = '', id = ''] = query.cursor?.split('.') ?? [];
    const before = query.cursor === undefined ? undefined : { madeAt: new Date(Number(at)), id };
    const filter = { kind: query.kind, scheduleId: query.schedule };
    const found = await this.results.list(filter, before, query.limit + 1);
    const items = found.slice(0, query.limit);
    const last = items.at(-1);
    return {
      items: items.map(storedAnswer),
      nextCursor: found.length > items.length && last ? `${last.madeAt.getTime()}.${last.id}` : null,
    };
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getStoredReport',
    summary: 'One of them, by Accept or ?format=, with the names that the log has today.',
  })
  @ApiProduces('application/json', 'text/html', 'text/csv', 'application/pdf')
  @ReportAnswers({ 200: 'report' }, [406])
  async report(
    @Param('id', UUID) id: string,
    @Query({ schema: resultQuery }) query: ResultQuery,
    @Headers('accept') accept: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const who = auditCaller(this.authority, request);
    if (query.personal === true) requirePersonal(who);
    const format = reportFormat(query.format, accept);
    const body = await this.results.body(id);
    if (body === undefined) throw noReport();
    const signed = await this.opened(body);
    await this.trail.record(
      reportRead(this.trail, who.caller, `report ${signed.report.kind}, kept as ${id}`),
    );
    const isNamed = who.personal && query.personal !== false;
    await sendReport(
      reply,
      this.renderer,
      isNamed ? await this.naming.named(signed) : signed,
      format,
      query.section,
    );
  }

  /** What somebody changed where it is kept is not handed out, nor signed anew. */
  private async opened(body: string): Promise<SignedReport> {
    const check = checkReport(body);
    if (!check.valid || !(await this.results.isLogKey(check.kid)))
      throw new GovernanceError('LOG_DAMAGED', 'The kept report is not the one that was signed.', {
        remedy: 'Make the report again.',
        retryable: false,
      });
    return parseRecord(body) as unknown as SignedReport;
  }
}

const storedAnswer = ({ scheduleId, dueAt, madeAt, ...stored }: StoredReport) => ({
  ...stored,
  title: REPORTS[stored.kind].title,
  madeAt: madeAt.toISOString(),
  schedule: scheduleId,
  dueAt: dueAt?.toISOString() ?? null,
});
