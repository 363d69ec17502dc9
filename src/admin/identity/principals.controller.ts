/** `/v1/principals`. */
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
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Answer, REMOVED, Refuses } from '../../http/answers.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { callerOf } from '../../http/caller.js';
import { Example } from '../../http/example.js';
import { ReadsIfMatch } from '../../http/headers.js';
import { ifMatchVersion } from '../../http/if-match.js';
import { type Page, page } from '../../http/schemas.js';
import type { PrincipalEntity } from '../../store/entities/principal.entity.js';
import { PrincipalRepository } from '../../store/principals.js';
import { ME, PRINCIPAL, PRINCIPAL_READ, PRINCIPALS } from './answer-schemas.js';
import { CREATE_PRINCIPAL, REPLACE_PRINCIPAL } from './examples.js';
import {
  type NewPrincipalBody,
  newPrincipalBody,
  type PrincipalBody,
  principalBody,
} from './identity-bodies.js';

@ApiTags('identity')
@ApiBearerAuth()
@NeedsScope('identity')
@Controller('v1/principals')
export class PrincipalsController {
  constructor(
    private readonly authority: Authority,
    private readonly principals: PrincipalRepository,
  ) {}

  @Get('me')
  @ApiOperation({ operationId: 'whoAmI', summary: 'Who I am here.' })
  @Answer(200, ME)
  me(@Req() request: FastifyRequest): unknown {
    const { user, roles, groups, attributes } = callerOf(request).principal;
    return { user, roles, groups, attributes };
  }

  @Get()
  @ApiOperation({ operationId: 'listPrincipals', summary: 'Principals.' })
  @Answer(200, PRINCIPALS)
  async list(@Query({ schema: page }) query: Page, @Req() request: FastifyRequest): Promise<unknown> {
    this.authority.administrator(request);
    const found = await this.principals.list(query.cursor, query.limit + 1);
    const items = found.slice(0, query.limit);
    return {
      items: items.map(principalAnswer),
      nextCursor: found.length > items.length ? (items.at(-1)?.user ?? null) : null,
    };
  }

  @Get(':user')
  @ApiOperation({ operationId: 'getPrincipal', summary: 'One principal.' })
  @Answer(200, PRINCIPAL_READ)
  async get(
    @Param('user') user: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.authority.administrator(request);
    const found = await this.principals.get(user);
    void reply.header('etag', `"${found.version}"`).send(principalAnswer(found));
  }

  @Post()
  @HttpCode(201)
  @Example(CREATE_PRINCIPAL)
  @ApiOperation({ operationId: 'createPrincipal', summary: 'Add a principal.' })
  @Answer(201, PRINCIPAL)
  @Refuses(409)
  async create(
    @Body({ schema: newPrincipalBody }) body: NewPrincipalBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    this.authority.administrator(request);
    const { user, ...rest } = body;
    return principalAnswer(await this.principals.create(user, rest, 'api'));
  }

  @Put(':user')
  @Example(REPLACE_PRINCIPAL)
  @ApiOperation({ operationId: 'replacePrincipal', summary: 'Replace roles, groups, attributes (If-Match).' })
  @Answer(200, PRINCIPAL)
  @Refuses(409, 412)
  @ReadsIfMatch()
  async replace(
    @Param('user') user: string,
    @Body({ schema: principalBody }) body: PrincipalBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    this.authority.administrator(request);
    return principalAnswer(await this.principals.replace(user, body, ifMatchVersion(ifMatch)));
  }

  @Delete(':user')
  @HttpCode(204)
  @ApiOperation({ operationId: 'removePrincipal', summary: 'Remove a principal with all tokens.' })
  @Answer(204, REMOVED)
  @Refuses(409, 412)
  @ReadsIfMatch()
  async remove(
    @Param('user') user: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    this.authority.administrator(request);
    await this.principals.remove(user, ifMatchVersion(ifMatch));
  }
}

const principalAnswer = (principal: PrincipalEntity) => ({
  user: principal.user,
  roles: principal.roles,
  groups: principal.groups,
  attributes: principal.attributes,
  active: principal.active,
  managedBy: principal.managedBy,
  version: principal.version,
});
