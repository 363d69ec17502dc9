/** `/v1/audit/alerts`: what fired; `/v1/audit/alert-rules`: what does. */
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Put,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type AlertRule, alertRule } from '../../core/audit/alert-rule.js';
import { GovernanceError } from '../../core/errors.js';
import { Answer, REMOVED, Refuses } from '../../http/answers.js';
import { auditCaller } from '../../http/audit-access.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { Example } from '../../http/example.js';
import { ReadsIfMatch } from '../../http/headers.js';
import { ifMatchVersion } from '../../http/if-match.js';
import { type Page, page } from '../../http/schemas.js';
import { AlertRules, type StoredAlertRule } from '../../store/alert-rules.js';
import { type Alert, alerts } from '../../store/audit-alerts.js';
import { Database } from '../../store/database.js';
import { ALERTS, RULE, RULE_READ, RULES } from './answer-schemas.js';
import { ALERT_RULE } from './examples.js';

@ApiTags('audit')
@ApiBearerAuth()
@NeedsScope('audit')
@Controller('v1/audit')
export class AlertsController {
  constructor(
    private readonly authority: Authority,
    private readonly rules: AlertRules,
    private readonly database: Database,
  ) {}

  @Get('alerts')
  @ApiOperation({
    operationId: 'listAlerts',
    summary: 'Alerts, newest first. Each is an event of the log too.',
  })
  @Answer(200, ALERTS)
  async fired(@Query({ schema: page }) query: Page, @Req() request: FastifyRequest): Promise<unknown> {
    auditCaller(this.authority, request);
    const found = await alerts(this.database, cursorOf(query.cursor), query.limit + 1);
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    return {
      items: shown.map(alertAnswer),
      nextCursor: found.length > shown.length && last ? `${last.firedAt.getTime()}-${last.id}` : null,
    };
  }

  @Get('alert-rules')
  @ApiOperation({ operationId: 'listAlertRules', summary: 'Rules that are held against the log.' })
  @Answer(200, RULES)
  async list(@Req() request: FastifyRequest): Promise<unknown> {
    auditCaller(this.authority, request);
    return { items: (await this.rules.all()).map(ruleAnswer), nextCursor: null };
  }

  @Get('alert-rules/:name')
  @ApiOperation({ operationId: 'getAlertRule', summary: 'One rule.' })
  @Answer(200, RULE_READ)
  async get(
    @Param('name') name: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    auditCaller(this.authority, request);
    const found = await this.rules.find(name);
    void reply.header('etag', `"${found.version}"`).send(ruleAnswer(found));
  }

  @Put('alert-rules/:name')
  @Example(ALERT_RULE)
  @ApiOperation({
    operationId: 'putAlertRule',
    summary: 'Make or replace a rule (If-Match). It holds for what happens from now on.',
  })
  @Answer(200, RULE)
  @Refuses(409, 412)
  @ReadsIfMatch()
  async put(
    @Param('name') name: string,
    @Body({ schema: alertRule }) rule: AlertRule,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    const { principal } = this.authority.administrator(request);
    if (rule.name !== name) throw new GovernanceError('BAD_REQUEST', 'name: is not that of the address.');
    return ruleAnswer(await this.rules.put(rule, principal.user, ifMatchVersion(ifMatch)));
  }

  @Delete('alert-rules/:name')
  @HttpCode(204)
  @ApiOperation({ operationId: 'removeAlertRule', summary: 'Remove a rule. What it fired stays.' })
  @Answer(204, REMOVED)
  @Refuses(412)
  @ReadsIfMatch()
  async remove(
    @Param('name') name: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    this.authority.administrator(request);
    await this.rules.remove(name, ifMatchVersion(ifMatch));
  }
}

function cursorOf(text: string | undefined): { readonly at: Date; readonly id: string } | undefined {
  if (text === undefined) return undefined;
  const [, ms, id] = /^(\d{1,15})-([0-9a-f]{32})$/.exec(text) ?? [];
  if (id === undefined) throw new GovernanceError('BAD_REQUEST', 'cursor: is not one of ours.');
  return { at: new Date(Number(ms)), id };
}

const alertAnswer = ({ id, rule, subject, windowStart, firedAt, fields, recorded }: Alert) => ({
  id,
  rule,
  subject,
  windowStart: windowStart.toISOString(),
  firedAt: firedAt.toISOString(),
  ...fields,
  inLog: recorded,
});

const ruleAnswer = ({ name, version, updatedBy, updatedAt, rule }: StoredAlertRule) => ({
  name,
  version,
  updatedBy,
  updatedAt: updatedAt.toISOString(),
  ...(rule === undefined ? { unreadable: true } : { rule }),
});
