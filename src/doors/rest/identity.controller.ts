/** `/v1/principals` and `/v1/tokens`. */
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
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GovernanceError } from '../../core/errors.js';
import { newToken, type SignedIn } from '../../gateway/authenticate.js';
import type { PrincipalEntity } from '../../store/entities/principal.entity.js';
import type { StoredToken } from '../../store/tokens.js';
import { NeedsScope } from './auth.guard.js';
import { ifMatchVersion } from './if-match.js';
import {
  type NewPrincipalBody,
  newPrincipalBody,
  type Page,
  type PrincipalBody,
  page,
  principalBody,
  type TokenBody,
  tokenBody,
} from './schemas.js';
import { callerOf, type RestServices, requireAdminister, SERVICES } from './services.js';

@ApiTags('identity')
@ApiBearerAuth()
@NeedsScope('identity')
@Controller('v1/principals')
export class PrincipalsController {
  constructor(@Inject(SERVICES) private readonly services: RestServices) {}

  @Get('me')
  @ApiOperation({ summary: 'Who I am here.' })
  me(@Req() request: FastifyRequest): unknown {
    const { user, roles, groups, attributes } = callerOf(request).principal;
    return { user, roles, groups, attributes };
  }

  @Get()
  @ApiOperation({ summary: 'Principals.' })
  async list(@Query({ schema: page }) query: Page, @Req() request: FastifyRequest): Promise<unknown> {
    requireAdminister(this.services, callerOf(request));
    const found = await this.services.store.principals.list(query.cursor, query.limit + 1);
    const items = found.slice(0, query.limit);
    return {
      items: items.map(principalAnswer),
      nextCursor: found.length > items.length ? (items.at(-1)?.user ?? null) : null,
    };
  }

  @Get(':user')
  @ApiOperation({ summary: 'One principal.' })
  async get(
    @Param('user') user: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    requireAdminister(this.services, callerOf(request));
    const found = await this.services.store.principals.get(user);
    void reply.header('etag', `"${found.version}"`).send(principalAnswer(found));
  }

  @Post()
  @HttpCode(201)
  @ApiOperation({ summary: 'Add a principal.' })
  async create(
    @Body({ schema: newPrincipalBody }) body: NewPrincipalBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    requireAdminister(this.services, callerOf(request));
    const { user, ...rest } = body;
    return principalAnswer(await this.services.store.principals.create(user, rest, 'api'));
  }

  @Put(':user')
  @ApiOperation({ summary: 'Replace roles, groups, attributes (If-Match).' })
  async replace(
    @Param('user') user: string,
    @Body({ schema: principalBody }) body: PrincipalBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    requireAdminister(this.services, callerOf(request));
    return principalAnswer(await this.services.store.principals.replace(user, body, ifMatchVersion(ifMatch)));
  }

  @Delete(':user')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a principal with all tokens.' })
  async remove(
    @Param('user') user: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    requireAdminister(this.services, callerOf(request));
    await this.services.store.principals.remove(user, ifMatchVersion(ifMatch));
  }
}

@ApiTags('identity')
@ApiBearerAuth()
@NeedsScope('identity')
@Controller('v1/tokens')
export class TokensController {
  constructor(@Inject(SERVICES) private readonly services: RestServices) {}

  @Get()
  @ApiOperation({ summary: 'My tokens; an administrator sees all. Secrets are never shown again.' })
  async list(@Query({ schema: page }) query: Page, @Req() request: FastifyRequest): Promise<unknown> {
    const caller = callerOf(request);
    const mine = this.administers(caller) ? undefined : caller.principal.user;
    const found = await this.services.store.tokens.list(mine, query.cursor, query.limit + 1);
    const items = found.slice(0, query.limit);
    return {
      items: items.map(tokenAnswer),
      nextCursor: found.length > items.length ? (items.at(-1)?.id ?? null) : null,
    };
  }

  @Post()
  @HttpCode(201)
  @ApiOperation({ summary: 'Make a token. The secret is in this answer and nowhere else.' })
  async create(
    @Body({ schema: tokenBody }) body: TokenBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    const caller = callerOf(request);
    const principal = body.principal ?? caller.principal.user;
    if (principal !== caller.principal.user) requireAdminister(this.services, caller);
    if (caller.scopes.length > 0) {
      throw new GovernanceError('ACCESS_DENIED', 'A limited token cannot make tokens.', {
        remedy: 'Use an unlimited token.',
      });
    }
    const { id, secret, token } = newToken();
    const made = await this.services.store.tokens.create({
      id,
      secret,
      principal,
      name: body.name,
      scopes: body.scopes,
      expiresAt: body.expiresAt === undefined ? null : new Date(body.expiresAt),
    });
    return { ...tokenAnswer(made), token };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke a token, at once and everywhere.' })
  async revoke(@Param('id') id: string, @Req() request: FastifyRequest): Promise<void> {
    const caller = callerOf(request);
    const found = await this.services.store.tokens.find(id);
    const known =
      found !== undefined && (found.principal === caller.principal.user || this.administers(caller));
    if (!known) throw new GovernanceError('NOT_FOUND', 'There is no such token.');
    await this.services.store.tokens.revoke(id);
  }

  private administers(caller: SignedIn): boolean {
    return this.services.holder
      .current()
      .holdsAnywhere(caller.principal, 'administer', this.services.clock().getTime());
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

const tokenAnswer = (token: StoredToken) => ({
  id: token.id,
  principal: token.principal,
  name: token.name,
  scopes: token.scopes,
  createdAt: token.createdAt.toISOString(),
  expiresAt: token.expiresAt?.toISOString() ?? null,
  revokedAt: token.revokedAt?.toISOString() ?? null,
});
