/** `/v1/policies`. Documents of files are shown and not changed here. */
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
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
import { foldName } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import { LiveCatalog } from '../../gateway/live-catalog.js';
import { PolicyHolder } from '../../gateway/policy-holder.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { Clock } from '../../http/clock.js';
import { ifMatchVersion } from '../../http/if-match.js';
import { type Page, page, text } from '../../http/schemas.js';
import type { StoredPolicy } from '../../store/policy-documents.js';
import { PolicyService } from './policy-service.js';
import { diffDecisions, withDocuments } from './policy-trial.js';

export const policyTestBody = z.strictObject({
  principal: z.strictObject({
    user: text(200),
    roles: z.array(text(200)).default([]),
    groups: z.array(text(200)).default([]),
  }),
  objects: z.array(text(700)).min(1).max(100),
  purpose: text(200).optional(),
  /** Documents that are put in place of those with the same name. */
  documents: z.array(z.unknown()).max(100).default([]),
});
export type PolicyTestBody = z.output<typeof policyTestBody>;

/** A document as JSON, or YAML text; validated by the policy room, which knows lines. */
const documentBody = z.union([z.record(z.string(), z.unknown()), z.string()]);
type DocumentBody = z.output<typeof documentBody>;

@ApiTags('policies')
@ApiBearerAuth()
@NeedsScope('policies')
@Controller('v1/policies')
export class PoliciesController {
  constructor(
    private readonly authority: Authority,
    private readonly policies: PolicyService,
    private readonly holder: PolicyHolder,
    private readonly catalog: LiveCatalog,
    private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Policy documents in force.' })
  list(@Query({ schema: page }) query: Page, @Req() request: FastifyRequest): unknown {
    this.authority.policyReader(request);
    const all = this.policies.list().filter((p) => query.cursor === undefined || p.name > query.cursor);
    const items = all.slice(0, query.limit);
    const { policyVersion } = this.holder.documents();
    return {
      items: items.map(answer),
      policyVersion,
      nextCursor: all.length > items.length ? (items.at(-1)?.name ?? null) : null,
    };
  }

  @Get('versions')
  @ApiOperation({ summary: 'Changes of policies, newest first.' })
  async versions(@Query({ schema: page }) query: Page, @Req() request: FastifyRequest): Promise<unknown> {
    this.authority.policyReader(request);
    const before = query.cursor === undefined ? undefined : Number(query.cursor);
    if (before !== undefined && !Number.isSafeInteger(before))
      throw new GovernanceError('BAD_REQUEST', 'cursor: is not one of ours.');
    const items = await this.policies.versions(before, query.limit);
    const last = items.at(-1)?.policyVersion;
    return { items, nextCursor: items.length === query.limit && last !== undefined ? String(last) : null };
  }

  @Get(':name')
  @ApiOperation({ summary: 'One document.' })
  get(@Param('name') name: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.authority.policyReader(request);
    const found = this.policies.get(name);
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
    return this.policies.create(body, this.authority.administrator(request).principal);
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
    return this.policies.replace(
      name,
      body,
      ifMatchVersion(ifMatch),
      this.authority.administrator(request).principal,
    );
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a document.' })
  async remove(
    @Param('name') name: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.policies.remove(
      name,
      ifMatchVersion(ifMatch),
      this.authority.administrator(request).principal,
    );
  }

  @Post('test')
  @HttpCode(200)
  @ApiOperation({ summary: 'What these documents would decide, without being stored.' })
  async test(
    @Body({ schema: policyTestBody }) body: PolicyTestBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    this.authority.administrator(request);
    return { tables: await this.trial(body, 'test') };
  }

  @Post('diff')
  @HttpCode(200)
  @ApiOperation({ summary: 'What these documents would change for a principal.' })
  async diff(
    @Body({ schema: policyTestBody }) body: PolicyTestBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    this.authority.administrator(request);
    return { changes: await this.trial(body, 'diff') };
  }

  private async trial(body: PolicyTestBody, kind: 'test' | 'diff'): Promise<unknown> {
    const tables = body.objects.map((object) => {
      const table = this.catalog.snapshot().tables.get(foldName(object));
      if (table === undefined) throw new GovernanceError('NOT_FOUND', `There is no table ${object}.`);
      return table;
    });
    const validated = await Promise.all(body.documents.map((document) => this.policies.validate(document)));
    const now = this.holder.current().compiled;
    const then = withDocuments(
      now,
      validated.map((v) => v.document),
    );
    const asked = {
      principal: { ...body.principal, attributes: {}, via: 'test' },
      tables,
      now: this.clock.now().getTime(),
      ...(body.purpose === undefined ? {} : { purpose: body.purpose }),
    };
    return diffDecisions(now, then, asked, kind === 'diff');
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
