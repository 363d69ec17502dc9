/** `/v1/policies`. Documents of files are shown and not changed here. */
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { ApiBearerAuth, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { diffDecisions, withDocuments } from '../../admin/policies/policy-trial.js';
import { foldName } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import type { StoredPolicy } from '../../store/policy-documents.js';
import { NeedsScope } from './auth.guard.js';
import { ifMatchVersion } from './if-match.js';
import { type Page, type PolicyTestBody, page, policyTestBody } from './schemas.js';
import { callerOf, type RestServices, requireAdminister, SERVICES } from './services.js';

/** A document as JSON, or YAML text; validated by the policy room, which knows lines. */
const documentBody = z.union([z.record(z.string(), z.unknown()), z.string()]);
type DocumentBody = z.output<typeof documentBody>;

@ApiTags('policies')
@ApiBearerAuth()
@NeedsScope('policies')
@Controller('v1/policies')
export class PoliciesController {
  constructor(@Inject(SERVICES) private readonly services: RestServices) {}

  @Get()
  @ApiOperation({ summary: 'Policy documents in force.' })
  list(@Query({ schema: page }) query: Page, @Req() request: FastifyRequest): unknown {
    this.requireReader(request);
    const all = this.services.policies
      .list()
      .filter((p) => query.cursor === undefined || p.name > query.cursor);
    const items = all.slice(0, query.limit);
    const { policyVersion } = this.services.holder.documents();
    return {
      items: items.map(answer),
      policyVersion,
      nextCursor: all.length > items.length ? (items.at(-1)?.name ?? null) : null,
    };
  }

  @Get('versions')
  @ApiOperation({ summary: 'Changes of policies, newest first.' })
  async versions(@Query({ schema: page }) query: Page, @Req() request: FastifyRequest): Promise<unknown> {
    this.requireReader(request);
    const before = query.cursor === undefined ? undefined : Number(query.cursor);
    if (before !== undefined && !Number.isSafeInteger(before))
      throw new GovernanceError('BAD_REQUEST', 'cursor: is not one of ours.');
    const items = await this.services.policies.versions(before, query.limit);
    const last = items.at(-1)?.policyVersion;
    return { items, nextCursor: items.length === query.limit && last !== undefined ? String(last) : null };
  }

  @Get(':name')
  @ApiOperation({ summary: 'One document.' })
  get(@Param('name') name: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.requireReader(request);
    const found = this.services.policies.get(name);
    void reply.header('etag', `"${found.version}"`).send(answer(found));
  }

  @Post()
  @HttpCode(201)
  @ApiConsumes('application/json', 'application/yaml')
  @ApiOperation({ summary: 'Add a document; it is in force when this answers.' })
  create(
    @Body({ schema: documentBody }) body: DocumentBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    return this.services.policies.create(body, this.administrator(request));
  }

  @Put(':name')
  @ApiConsumes('application/json', 'application/yaml')
  @ApiOperation({ summary: 'Replace a document (If-Match).' })
  async replace(
    @Param('name') name: string,
    @Body({ schema: documentBody }) body: DocumentBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    return this.services.policies.replace(name, body, ifMatchVersion(ifMatch), this.administrator(request));
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a document.' })
  async remove(
    @Param('name') name: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.services.policies.remove(name, ifMatchVersion(ifMatch), this.administrator(request));
  }

  @Post('test')
  @HttpCode(200)
  @ApiOperation({ summary: 'What these documents would decide, without being stored.' })
  async test(
    @Body({ schema: policyTestBody }) body: PolicyTestBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    this.administrator(request);
    return { tables: await this.trial(body, 'test') };
  }

  @Post('diff')
  @HttpCode(200)
  @ApiOperation({ summary: 'What these documents would change for a principal.' })
  async diff(
    @Body({ schema: policyTestBody }) body: PolicyTestBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    this.administrator(request);
    return { changes: await this.trial(body, 'diff') };
  }

  private async trial(body: PolicyTestBody, kind: 'test' | 'diff'): Promise<unknown> {
    const tables = body.objects.map((object) => {
      const table = this.services.catalog().tables.get(foldName(object));
      if (table === undefined) throw new GovernanceError('NOT_FOUND', `There is no table ${object}.`);
      return table;
    });
    const validated = await Promise.all(
      body.documents.map((document) => this.services.policies.validate(document)),
    );
    const now = this.services.holder.current().compiled;
    const then = withDocuments(
      now,
      validated.map((v) => v.document),
    );
    const asked = {
      principal: { ...body.principal, attributes: {}, via: 'test' },
      tables,
      now: this.services.clock().getTime(),
      ...(body.purpose === undefined ? {} : { purpose: body.purpose }),
    };
    return diffDecisions(now, then, asked, kind === 'diff');
  }

  private administrator(request: FastifyRequest): string {
    const caller = callerOf(request);
    requireAdminister(this.services, caller);
    return caller.principal.user;
  }

  /** Documents are read by those who administer or may see plans somewhere. */
  private requireReader(request: FastifyRequest): void {
    const caller = callerOf(request);
    const now = this.services.clock().getTime();
    if (this.services.holder.current().holdsAnywhere(caller.principal, 'explain', now)) return;
    requireAdminister(this.services, caller);
  }
}

const answer = (policy: StoredPolicy) => ({
  name: policy.name,
  version: policy.version,
  source: policy.source,
  updatedBy: policy.updatedBy,
  updatedAt: policy.updatedAt.toISOString(),
  document: policy.body,
});
