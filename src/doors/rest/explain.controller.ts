/** `/v1/statements/explain` and `/v1/decisions`: what would be decided, and why. Nothing runs. */
import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { GovernanceError } from '../../core/errors.js';
import type { Decision, Principal } from '../../core/policy/decision.js';
import { rowRules, ruleName } from '../../gateway/governance.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { callerOf } from '../../http/caller.js';
import { Example } from '../../http/example.js';
import { Answers } from './answer-schemas.js';
import { DECIDE, EXPLAIN } from './examples.js';
import { type DecisionsBody, decisionsBody, type ExplainBody, explainBody } from './schemas.js';
import { type RestServices, SERVICES } from './services.js';
import { statementRequest } from './statement-request.js';

@ApiTags('statements')
@ApiBearerAuth()
@NeedsScope('statements')
@Controller('v1')
export class ExplainController {
  constructor(
    @Inject(SERVICES) private readonly services: RestServices,
    private readonly authority: Authority,
  ) {}

  @Post('statements/explain')
  @HttpCode(200)
  @Example(EXPLAIN)
  @ApiOperation({
    operationId: 'explainStatement',
    summary: 'Decision, masks, filters and, with the explain action, the secured plan. Runs nothing.',
  })
  @Answers({ 200: 'explain' }, [404, 409, 422])
  async explain(
    @Body({ schema: explainBody }) body: ExplainBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    const caller = callerOf(request);
    const subject =
      body.asPrincipal === undefined
        ? caller
        : { ...caller, principal: await this.principal(request, body.asPrincipal) };
    return this.services.pipeline.explain(subject, statementRequest(body));
  }

  @Post('decisions')
  @HttpCode(200)
  @Example(DECIDE)
  @ApiOperation({ operationId: 'decide', summary: 'Decisions on objects, several at once.' })
  @Answers({ 200: 'decisions' }, [404])
  async decisions(
    @Body({ schema: decisionsBody }) body: DecisionsBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    const caller = callerOf(request);
    const items = [];
    for (const asked of body.requests) {
      const principal =
        asked.principal === undefined ? caller.principal : await this.principal(request, asked.principal);
      const { pipeline } = this.services;
      const decision = pipeline.decide(principal, asked.objects, asked.purpose);
      items.push({ ...decisionAnswer(decision), resources: pipeline.resources(principal) });
    }
    return { items };
  }

  /** Someone else's view needs the administer action. */
  private async principal(request: FastifyRequest, user: string): Promise<Principal> {
    const own = callerOf(request).principal;
    if (user === own.user) return own;
    this.authority.administrator(request);
    const found = await this.services.findPrincipal(user);
    if (found === undefined) throw new GovernanceError('NOT_FOUND', 'There is no such principal.');
    return { ...found, via: 'explain' };
  }
}

const decisionAnswer = (decision: Decision) => ({
  allowed: decision.allowed,
  policyVersion: decision.policyVersion,
  purpose: decision.purpose ?? null,
  denied: decision.denied,
  remedy: decision.remedy ?? null,
  notices: decision.notices,
  validUntil: decision.validUntil === undefined ? null : new Date(decision.validUntil).toISOString(),
  tables: [...decision.tables.values()].map((table) => ({
    object: table.object,
    actions: table.actions,
    grants: table.grants,
    rows: rowRules(table.rows).map((rule) => ({
      rule: ruleName(rule),
      version: rule.version,
      mode: rule.mode,
    })),
    noRows: table.rows.kind === 'none',
    columns: table.columns
      .filter((column) => column.mask.kind !== 'hide')
      .map((column) => ({
        column: column.column,
        mask: column.mask.kind,
        predicate: column.predicate,
        rules: column.rules.map(ruleName),
      })),
  })),
});
