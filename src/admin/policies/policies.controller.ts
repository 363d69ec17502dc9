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
import { GovernanceError } from '../../core/errors.js';
import { PolicyHolder } from '../../gateway/policy-holder.js';
import { Answer, REMOVED, Refuses } from '../../http/answers.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { Example } from '../../http/example.js';
import { ReadsIfMatch } from '../../http/headers.js';
import { ifMatchVersion } from '../../http/if-match.js';
import { type Page, page } from '../../http/schemas.js';
import type { StoredPolicy } from '../../store/policy-documents.js';
import { CHANGES, POLICIES, POLICY, SAVED } from './answer-schemas.js';
import { CREATE_POLICY, REPLACE_POLICY } from './examples.js';
import { PolicyService } from './policy-service.js';

/** A document as JSON, or YAML text; validated by the policy room, which knows lines. */
const documentBody = z.union([z.record(z.string(), z.unknown()), z.string()]).meta({
  id: 'PolicyDocument',
  description: 'A document as the reference of policies has it; as YAML, text.',
});
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
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listPolicies', summary: 'Policy documents in force.' })
  @Answer(200, POLICIES)
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
  @ApiOperation({ operationId: 'listPolicyVersions', summary: 'Changes of policies, newest first.' })
  @Answer(200, CHANGES)
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
  @ApiOperation({ operationId: 'getPolicy', summary: 'One document.' })
  @Answer(200, POLICY)
  get(@Param('name') name: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.authority.policyReader(request);
    const found = this.policies.get(name);
    void reply.header('etag', `"${found.version}"`).send(answer(found));
  }

  @Post()
  @HttpCode(201)
  @ApiConsumes('application/json', 'application/yaml')
  @Example(CREATE_POLICY)
  @ApiOperation({ operationId: 'createPolicy', summary: 'Add a document; it is in force when this answers.' })
  @Answer(201, SAVED)
  @Refuses(409, 422)
  create(
    @Body({ schema: documentBody }) body: DocumentBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    return this.policies.create(body, this.authority.administrator(request).principal);
  }

  @Put(':name')
  @ApiConsumes('application/json', 'application/yaml')
  @Example(REPLACE_POLICY)
  @ApiOperation({ operationId: 'replacePolicy', summary: 'Replace a document (If-Match).' })
  @Answer(200, SAVED)
  @Refuses(409, 412, 422)
  @ReadsIfMatch()
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
  @ApiOperation({ operationId: 'removePolicy', summary: 'Remove a document.' })
  @Answer(204, REMOVED)
  @Refuses(409, 412)
  @ReadsIfMatch()
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
}

const answer = (policy: StoredPolicy) => ({
  name: policy.name,
  version: policy.version,
  source: policy.source,
  updatedBy: policy.updatedBy,
  updatedAt: policy.updatedAt.toISOString(),
  document: policy.body,
});
